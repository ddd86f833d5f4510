import { Controller } from "@hotwired/stimulus";

/**
 * Asks before a form is sent. On the form: `data-controller="confirm-dialog" data-action="submit->confirm-dialog#ask:capture"`;
 * inside it a `<dialog data-confirm-dialog-target="dialog">` whose buttons call `confirm-dialog#yes` and `confirm-dialog#no`.
 * Without script the form is sent at once, so the server asks again where it must.
 */
export default class ConfirmDialog extends Controller {
  static targets = ["dialog"];

  /** @type {boolean} */
  agreed = false;
  /** @type {HTMLElement | null} */
  submitter = null;

  /** @param {SubmitEvent} event */
  ask(event) {
    if (this.agreed) {
      this.agreed = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.submitter = event.submitter;
    this.dialog.showModal();
  }

  yes() {
    this.agreed = true;
    this.dialog.close();
    const form = /** @type {HTMLFormElement} */ (this.element);
    const button = this.submitter instanceof HTMLButtonElement && !this.dialog.contains(this.submitter) ? this.submitter : null;
    form.requestSubmit(button);
  }

  no() {
    this.dialog.close();
    this.submitter?.focus();
  }

  /** @returns {HTMLDialogElement} */
  get dialog() {
    return /** @type {any} */ (this).dialogTarget;
  }
}
