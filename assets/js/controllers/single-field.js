import { Controller } from "@hotwired/stimulus";

/** The longest pause, in milliseconds, between two characters of a scanner that types like a keyboard. */
const SCANNER_PAUSE = 40;
/** A scan is at least this long; a person rarely types so many characters that fast. */
const SHORTEST_SCAN = 6;
/** Text is old when nothing was typed for so long, in milliseconds; a scan that starts sooner goes on with it, so that no figure typed is ever lost. */
const OLD_TEXT = 700;

/**
 * Keeps one field in focus, so that a scan or a keystroke always lands in it. What is typed while nothing has the focus goes to the field; a scan
 * that replaces old text clears it first; full-width characters of a Chinese input method become plain ones. Dispatches `single-field:scanned`
 * with `{ text }` when a whole scan came in, before Enter sends the form.
 * While htmx sends the field's form, typing goes on: each entry waits its turn, and nothing typed is lost when the answer brings a new field.
 * On a container: `data-controller="single-field"`, on the input `data-single-field-target="field"`.
 */
export default class SingleField extends Controller {
  static targets = ["field"];

  lastTime = 0;
  burst = 0;
  isOverOldText = false;
  /** @type {HTMLInputElement | null} */
  shown = null;
  /** What is under way, until its answer stands. @type {string | null} */
  sent = null;
  /** What was entered meanwhile. @type {string[]} */
  waiting = [];

  connect() {
    this.focus();
    document.addEventListener("keydown", this.typed, true);
    document.addEventListener("htmx:afterSettle", this.focusUnlessBusy);
    document.addEventListener("click", this.focusUnlessBusy);
    document.addEventListener("close", this.focusUnlessBusy, true);
    window.addEventListener("focus", this.focusUnlessBusy);
    document.addEventListener("htmx:beforeRequest", this.sending);
    document.addEventListener("htmx:afterSettle", this.answered);
    for (const fault of FAULTS) document.addEventListener(fault, this.notSent);
  }

  disconnect() {
    document.removeEventListener("keydown", this.typed, true);
    document.removeEventListener("htmx:afterSettle", this.focusUnlessBusy);
    document.removeEventListener("click", this.focusUnlessBusy);
    document.removeEventListener("close", this.focusUnlessBusy, true);
    window.removeEventListener("focus", this.focusUnlessBusy);
    document.removeEventListener("htmx:beforeRequest", this.sending);
    document.removeEventListener("htmx:afterSettle", this.answered);
    for (const fault of FAULTS) document.removeEventListener(fault, this.notSent);
  }

  /** @param {HTMLInputElement} field */
  fieldTargetConnected(field) {
    field.addEventListener("change", () => (field.value = field.value.normalize("NFKC").trim()));
    const meanwhile = this.sent === null ? "" : (this.shown?.value ?? "");
    this.shown = field;
    if (meanwhile) field.value = meanwhile;
    this.focusUnlessBusy();
    if (meanwhile) field.setSelectionRange(field.value.length, field.value.length);
  }

  /** The form has been read: the field is free for what comes next. @param {Event} event */
  sending = (event) => {
    const field = this.field;
    if (!field || /** @type {CustomEvent} */ (event).detail.elt !== field.form) return;
    this.sent = field.value;
    field.value = "";
  };

  /** The answer stands: the next entry goes, unless the answer asks something first. @param {Event} event */
  answered = (event) => {
    const field = this.field;
    if (!field || this.sent === null || !(/** @type {Node} */ (event.target).contains(field))) return;
    this.sent = null;
    const next = this.waiting.shift();
    if (next === undefined) return;
    if (field.getAttribute("aria-invalid") === "true" || document.querySelector("[data-single-field-wait]")) return this.keep(next);
    const meanwhile = field.value;
    field.value = next;
    field.form?.requestSubmit();
    field.value = meanwhile;
  };

  /** No answer came, or none that is shown: what was typed stands in the field again. */
  notSent = () => {
    if (this.sent === null) return;
    const sent = this.sent;
    this.sent = null;
    this.keep(sent);
  };

  /** @param {string} text */
  keep(text) {
    const field = this.field;
    if (field) field.value = [text, ...this.waiting, field.value].filter(Boolean).join(" ");
    this.waiting = [];
  }

  /** What was read otherwise than by a scanner, in `detail.text`, is entered like a scan: over old text, or in its turn. @param {CustomEvent} event */
  take(event) {
    const field = this.field;
    if (!field) return;
    const text = event.detail.text.normalize("NFKC").trim();
    if (this.sent !== null) {
      this.waiting.push(text);
      return;
    }
    field.value = text;
    this.dispatch("scanned", { detail: { text } });
    field.form?.requestSubmit();
  }

  focus() {
    const field = this.field;
    if (!field || field.disabled) return;
    field.focus({ preventScroll: true });
    field.select();
  }

  focusUnlessBusy = () => {
    const active = document.activeElement;
    const idle = !active || active === document.body || active.matches('[tabindex="-1"]');
    if (idle && !document.querySelector("dialog[open]") && !window.getSelection()?.toString()) this.focus();
  };

  /** @param {KeyboardEvent} event */
  typed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const field = this.field;
    if (!field) return;
    const pause = event.timeStamp - this.lastTime;
    const quick = pause < SCANNER_PAUSE;
    this.lastTime = event.timeStamp;
    if (event.key === "Enter" && this.sent !== null) {
      if (field.value.trim()) {
        this.waiting.push(field.value);
        event.stopImmediatePropagation(); // an entry: whoever looks at the field now would take it for an Enter in an empty one
      }
      field.value = "";
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Enter") {
      if (document.activeElement === field) this.finish(field);
      this.burst = 0;
      return;
    }
    if (event.key.length !== 1) return;
    this.burst = quick ? this.burst + 1 : 1;
    if (!quick) this.isOverOldText = pause > OLD_TEXT;
    if (event.key !== " " && !takesText(document.activeElement)) this.focus();
    else if (document.activeElement === field && this.burst === 3 && this.isOverOldText && field.value.length > 2) field.value = field.value.slice(-2); // a scan over old text: keep only the scan
  };

  /** @param {HTMLInputElement} field */
  finish(field) {
    field.value = field.value.normalize("NFKC").trim();
    if (this.burst >= SHORTEST_SCAN) this.dispatch("scanned", { detail: { text: field.value } });
  }

  /** @returns {HTMLInputElement | null} */
  get field() {
    const self = /** @type {any} */ (this);
    return self.hasFieldTarget ? self.fieldTarget : null;
  }
}

/** What htmx says when no answer came, or none that is shown. */
const FAULTS = ["htmx:sendError", "htmx:timeout", "htmx:responseError", "htmx:sendAbort"];

/** @param {Element | null} element */
function takesText(element) {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea"));
}
