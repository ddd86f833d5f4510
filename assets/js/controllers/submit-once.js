import { Controller } from "@hotwired/stimulus";

/**
 * Sends a form once. The button is put out of reach while the form is under way, and one key (the hidden `key` target) names the act,
 * so that the server knows a repetition. When the network is lost the `retry` target is shown and the same key is sent again;
 * an answer of the server, good or bad, ends the attempt, and a good one takes a fresh key.
 * On the form: `data-controller="submit-once"`; its `button` targets; `<input type="hidden" name="key" data-submit-once-target="key">`.
 */
export default class SubmitOnce extends Controller {
  static targets = ["button", "key", "retry"];

  underWay = false;
  requested = false;

  connect() {
    this.element.addEventListener("submit", this.submitted, true);
    this.element.addEventListener("htmx:beforeRequest", this.requesting);
    this.element.addEventListener("htmx:sendError", this.lost);
    this.element.addEventListener("htmx:timeout", this.lost);
    this.element.addEventListener("htmx:afterRequest", this.answered);
    window.addEventListener("pageshow", this.returned);
    window.addEventListener("online", this.online);
    this.ensureKey();
  }

  disconnect() {
    this.element.removeEventListener("submit", this.submitted, true);
    this.element.removeEventListener("htmx:beforeRequest", this.requesting);
    this.element.removeEventListener("htmx:sendError", this.lost);
    this.element.removeEventListener("htmx:timeout", this.lost);
    this.element.removeEventListener("htmx:afterRequest", this.answered);
    window.removeEventListener("pageshow", this.returned);
    window.removeEventListener("online", this.online);
  }

  /** @param {Event} event */
  submitted = (event) => {
    if (this.underWay || !navigator.onLine) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!this.underWay) this.lost();
      return;
    }
    this.ensureKey();
    this.underWay = true;
    this.requested = false;
    // after the browser has gathered the form, or the pressed button's own value would be left out
    setTimeout(() => {
      const sent = this.isHtmx ? this.requested : !event.defaultPrevented;
      if (!sent) this.underWay = false; // a question was asked first, or a field was wrong
      else if (this.underWay) this.busy(true);
    });
  };

  /** @param {Event} event */
  requesting = (event) => {
    if (!this.isOwn(event)) return;
    this.requested = true;
    this.underWay = true;
    this.showRetry(false);
  };

  /** @param {Event} [event] */
  lost = (event) => {
    if (event && !this.isOwn(event)) return;
    this.underWay = false;
    this.busy(false);
    this.showRetry(true);
  };

  /** @param {Event} event */
  answered = (event) => {
    if (!this.isOwn(event)) return;
    const { xhr, successful } = /** @type {CustomEvent} */ (event).detail;
    if (!xhr || xhr.status === 0) return; // lost() has it
    this.underWay = false;
    this.busy(false);
    if (successful) this.freshKey();
  };

  /** Back from the page that answered (kept whole by the browser): the form may be sent again, as the same act. @param {PageTransitionEvent} event */
  returned = (event) => {
    if (!event.persisted) return;
    this.underWay = false;
    this.busy(false);
  };

  online = () => {
    if (!this.underWay) this.showRetry(false);
  };

  ensureKey() {
    if (this.key && !this.key.value) this.freshKey();
  }

  freshKey() {
    if (this.key) this.key.value = randomKey();
  }

  /** @param {boolean} on */
  busy(on) {
    for (const button of /** @type {any} */ (this).buttonTargets) {
      button.disabled = on;
      if (on) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }

  /** @param {boolean} on */
  showRetry(on) {
    for (const element of /** @type {any} */ (this).retryTargets) element.hidden = !on;
  }

  get isHtmx() {
    return ["hx-post", "hx-put", "hx-patch", "hx-delete"].some((name) => this.element.hasAttribute(name));
  }

  /** Whether this is about the form itself: what is only asked from inside it (what became of it, the change due) neither sends it nor ends its attempt. @param {Event} event */
  isOwn(event) {
    return /** @type {CustomEvent} */ (event).detail.elt === this.element;
  }

  /** @returns {HTMLInputElement | null} */
  get key() {
    const self = /** @type {any} */ (this);
    return self.hasKeyTarget ? self.keyTarget : null;
  }
}

/** 128 random bits in hexadecimal; `crypto.randomUUID` is missing where the page is not on HTTPS. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
