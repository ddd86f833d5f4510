import { Controller } from "@hotwired/stimulus";

/** So long, in milliseconds, htmx may take to settle what it swapped in. */
const SETTLED = 30;

/**
 * Lets nobody pay while a line is still on its way: who presses to pay in that instant pays once the price with the line stands.
 * On a container of both forms: `data-controller="pay-after" data-pay-after-basket-value="basket" data-pay-after-pay-value="pay"`.
 * What asks something first, or is wrong, is answered by a person: then nothing is paid.
 */
export default class PayAfter extends Controller {
  static values = { basket: String, pay: String };

  /** Requests of the basket; htmx tells their end by another element, so they are known by themselves. @type {Set<XMLHttpRequest>} */
  underWay = new Set();
  /** Whether an answer is there and does not stand yet: the field still takes no Enter. */
  isSettling = false;
  /** The way of paying that was pressed. @type {string | null} */
  wanted = null;

  connect() {
    document.addEventListener("htmx:beforeRequest", this.began);
    document.addEventListener("htmx:afterRequest", this.ended);
    document.addEventListener("htmx:afterSettle", this.settled);
    document.addEventListener("submit", this.paying, true);
    document.addEventListener("keydown", this.pressed, true);
  }

  disconnect() {
    document.removeEventListener("htmx:beforeRequest", this.began);
    document.removeEventListener("htmx:afterRequest", this.ended);
    document.removeEventListener("htmx:afterSettle", this.settled);
    document.removeEventListener("submit", this.paying, true);
    document.removeEventListener("keydown", this.pressed, true);
  }

  /** @param {Event} event */
  began = (event) => {
    if (this.isOfBasket(event)) this.underWay.add(/** @type {CustomEvent} */ (event).detail.xhr);
  };

  /** @param {Event} event */
  ended = (event) => {
    const { xhr, successful } = /** @type {CustomEvent} */ (event).detail;
    if (!this.underWay.delete(xhr)) return;
    if (!successful) this.wanted = null;
    this.isSettling = successful;
    setTimeout(() => this.settled(), SETTLED);
  };

  /** Enter in the empty field while its last entry is on its way means: and then take the money. @param {KeyboardEvent} event */
  pressed = (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.repeat || !this.isWaiting || !(field instanceof HTMLInputElement) || field.id !== "counter-field") return;
    if (!field.value.trim()) this.wanted = "";
  };

  /** @param {SubmitEvent} event */
  paying = (event) => {
    const form = event.target;
    if (!this.isWaiting || !(form instanceof HTMLFormElement) || form.id !== /** @type {any} */ (this).payValue) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.wanted = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
  };

  /**
   * Called when the answer with the field was swapped in, and once more when its request is over: htmx tells these in either order.
   * @param {Event} [event] none for the end of a request
   */
  settled = (event) => {
    const field = document.getElementById("counter-field");
    if (this.underWay.size || (event && !(/** @type {Node} */ (event.target).contains(field)))) return;
    this.isSettling = false;
    if (this.wanted === null) return;
    const isAsking = document.querySelector("[data-single-field-wait]") || field?.getAttribute("aria-invalid") === "true";
    const entered = field instanceof HTMLInputElement && field.value.trim() !== "";
    const wanted = this.wanted;
    this.wanted = null;
    if (isAsking || entered) return;
    const pay = document.getElementById(/** @type {any} */ (this).payValue);
    const buttons = [...(pay?.querySelectorAll("button[name=payment_source]") ?? [])];
    const button = buttons.find((each) => /** @type {HTMLButtonElement} */ (each).value === wanted) ?? buttons[0];
    if (button instanceof HTMLButtonElement && !button.disabled) setTimeout(() => button.click());
  };

  get isWaiting() {
    return this.underWay.size > 0 || this.isSettling;
  }

  /** @param {Event} event */
  isOfBasket(event) {
    const asker = /** @type {CustomEvent} */ (event).detail.elt;
    const form = asker instanceof HTMLFormElement ? asker : /** @type {any} */ (asker)?.form;
    return form?.id === /** @type {any} */ (this).basketValue;
  }
}
