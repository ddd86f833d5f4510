import { Controller } from "@hotwired/stimulus";

/** Copies `data-copy-text-value` and says so in its `label` target (`data-copy-done-value`) for two seconds. */
export default class Copy extends Controller {
  static targets = ["label"];
  static values = { text: String, done: String };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  async copy() {
    const self = /** @type {any} */ (this);
    await put(self.textValue);
    const label = /** @type {HTMLElement} */ (self.labelTarget);
    label.dataset.words ??= label.textContent ?? "";
    label.textContent = self.doneValue;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (label.textContent = label.dataset.words ?? ""), 2000);
  }

  disconnect() {
    clearTimeout(this.timer);
  }
}

/**
 * Puts a text on the clipboard, also where the page is not on HTTPS.
 * @param {string} text
 */
async function put(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
