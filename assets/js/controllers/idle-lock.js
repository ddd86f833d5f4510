import { Controller } from "@hotwired/stimulus";

/**
 * Sends its form when nobody has touched the page for so many minutes: a till that is left alone locks itself.
 * `<form data-controller="idle-lock" data-idle-lock-minutes-value="10" data-action="submit->idle-lock#here">`; 0 minutes: only by hand.
 * An input marked `data-idle-lock-target="next"` is told where the page stood, so that it stands there again afterwards.
 */
export default class IdleLock extends Controller {
  static targets = ["next"];
  static values = { minutes: Number };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  connect() {
    for (const touch of TOUCHES) document.addEventListener(touch, this.touched, { capture: true, passive: true });
    document.addEventListener("visibilitychange", this.seen);
    this.touched();
  }

  disconnect() {
    clearTimeout(this.timer);
    for (const touch of TOUCHES) document.removeEventListener(touch, this.touched, { capture: true });
    document.removeEventListener("visibilitychange", this.seen);
  }

  touched = () => {
    clearTimeout(this.timer);
    const minutes = /** @type {any} */ (this).minutesValue;
    if (!minutes) return;
    this.due = Date.now() + minutes * 60_000;
    this.timer = setTimeout(this.lock, minutes * 60_000);
  };

  /** A tablet that slept wakes with its clock gone on. */
  seen = () => {
    if (document.visibilityState === "visible" && this.due && Date.now() > this.due) this.lock();
  };

  lock = () => {
    /** @type {HTMLFormElement} */ (this.element).requestSubmit();
  };

  here() {
    const self = /** @type {any} */ (this);
    if (self.hasNextTarget) self.nextTarget.value = window.location.pathname + window.location.search;
  }
}

const TOUCHES = ["keydown", "pointerdown", "touchstart", "wheel"];
