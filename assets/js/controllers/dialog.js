import { Controller } from "@hotwired/stimulus";

/** Opens and closes the dialog it holds: `dialog#open` and `dialog#close`; a click beside the box closes it too. */
export default class Dialog extends Controller {
  static targets = ["dialog"];

  open() {
    this.dialog.showModal();
  }

  close() {
    this.dialog.close();
  }

  /** @param {MouseEvent} event */
  closeBeside(event) {
    if (event.target === this.dialog) this.dialog.close();
  }

  /** @returns {HTMLDialogElement} */
  get dialog() {
    return /** @type {any} */ (this).dialogTarget;
  }
}
