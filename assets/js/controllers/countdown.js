import { Controller } from "@hotwired/stimulus";

/**
 * Counts down to `data-countdown-until-value` (ISO 8601), as m:ss or h:mm:ss, in the element or its `time` target. At zero it shows the
 * `after` targets, hides the `before` targets and dispatches `countdown:done`. The text is not a live region: a reader is told at zero.
 */
export default class Countdown extends Controller {
  static targets = ["time", "before", "after"];
  static values = { until: String };

  /** @type {ReturnType<typeof setInterval> | undefined} */
  timer = undefined;

  connect() {
    this.show();
    this.timer = setInterval(() => this.show(), 1000);
  }

  disconnect() {
    clearInterval(this.timer);
  }

  show() {
    const self = /** @type {any} */ (this);
    const seconds = Math.max(0, Math.ceil((Date.parse(self.untilValue) - Date.now()) / 1000));
    const shown = self.hasTimeTarget ? self.timeTarget : this.element;
    if (seconds > 0 || self.hasTimeTarget) shown.textContent = words(seconds);
    if (seconds > 0) return;
    clearInterval(this.timer);
    for (const element of self.beforeTargets) element.hidden = true;
    for (const element of self.afterTargets) element.hidden = false;
    this.dispatch("done");
  }
}

/** @param {number} seconds */
function words(seconds) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
