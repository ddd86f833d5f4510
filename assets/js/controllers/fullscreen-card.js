import { Controller } from "@hotwired/stimulus";

/**
 * The member's card at full screen: white, its code large, the screen kept awake while it is shown where the device can.
 * Everything it shows is already in the page, so it opens without a network.
 */
export default class FullscreenCard extends Controller {
  static targets = ["screen"];

  /** @type {{ release: () => Promise<void> } | null} */
  lock = null;

  open() {
    this.screen.showModal();
    void this.stayAwake();
  }

  close() {
    this.screen.close();
  }

  /** Called by the dialog's own `close` event, so that Escape and the back gesture let the screen sleep too. */
  closed() {
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  /** A device drops the lock when the page is hidden; it is taken again when the page comes back. */
  returned() {
    if (document.visibilityState === "visible" && this.screen.open) void this.stayAwake();
  }

  async stayAwake() {
    try {
      this.lock = (await /** @type {any} */ (navigator).wakeLock?.request("screen")) ?? null;
    } catch {
      this.lock = null; // low battery, or the device will not: the card is shown all the same
    }
  }

  disconnect() {
    this.closed();
  }

  /** @returns {HTMLDialogElement} */
  get screen() {
    return /** @type {any} */ (this).screenTarget;
  }
}
