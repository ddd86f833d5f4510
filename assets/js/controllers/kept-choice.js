import { Controller } from "@hotwired/stimulus";

/**
 * Keeps what a person has just chosen. Answers of the server bring the element anew, out of band, since it may fill the choice in by itself; one
 * that was on its way when the person chose knows nothing of that, and would take it back before it is sent.
 * On an element with one select: `data-controller="kept-choice"`, `data-action="htmx:oobBeforeSwap->kept-choice#decide"`.
 */
export default class KeptChoice extends Controller {
  /** What the server knows of. */
  known = "";

  connect() {
    this.known = this.element.querySelector("select")?.value ?? "";
  }

  /** The element stays where an answer says the same, or where the person has chosen since. @param {CustomEvent} event */
  decide(event) {
    const [own, brought] = [this.element, event.detail.fragment].map((place) => place.querySelector("select"));
    if (event.target !== this.element || !own || !brought) return;
    if (own.value === brought.value) this.known = own.value;
    event.detail.shouldSwap = own.value !== brought.value && own.value === this.known;
  }
}
