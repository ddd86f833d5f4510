import { Controller } from "@hotwired/stimulus";

/**
 * Presses buttons by the letter written on them. A button says `data-keys-target="button" data-key="f"` (or `data-key="F2"`, `"Enter"`, `"Escape"`).
 * Alt and the letter work everywhere; the letter alone works while nobody is typing: no field has the focus, or the field that has it
 * is marked `data-keys-yield` and is empty and no further character follows within a scanner's pause.
 * Put `data-controller="keys" data-action="keydown@window->keys#press"` on the page's main element.
 */
export default class Keys extends Controller {
  static targets = ["button"];

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  pending = undefined;

  /** @param {KeyboardEvent} event */
  press(event) {
    clearTimeout(this.pending);
    if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]:not([data-keys-scope])")) return;
    const button = this.find(event);
    if (!button) return;
    if (isNamed(button) || event.altKey) {
      if (event.key === "Enter" && isOccupied(document.activeElement)) return;
      event.preventDefault();
      button.click();
      return;
    }
    const field = document.activeElement;
    if (!isEditable(field)) {
      event.preventDefault();
      button.click();
    } else if (field instanceof HTMLInputElement && field.hasAttribute("data-keys-yield") && field.value === "") {
      const letter = event.key;
      this.pending = setTimeout(() => {
        if (field.value.toLowerCase() !== letter.toLowerCase()) return;
        field.value = "";
        button.click();
      }, 250);
    }
  }

  disconnect() {
    clearTimeout(this.pending);
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {HTMLElement | undefined}
   */
  find(event) {
    const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
    /** @type {HTMLElement[]} */
    const buttons = /** @type {any} */ (this).buttonTargets;
    return buttons.find((button) => {
      const key = (button.dataset.key ?? "").toLowerCase();
      return (key === event.key.toLowerCase() || key === letter) && !button.matches(":disabled, [aria-disabled=true]") && button.checkVisibility();
    });
  }
}

/** @param {HTMLElement} button whose key is a named one (F2, Enter, Escape) rather than a letter */
function isNamed(button) {
  return (button.dataset.key ?? "").length > 1;
}

/** @param {Element | null} element */
function isEditable(element) {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea"));
}

/** @param {Element | null} element that wants Enter for itself */
function isOccupied(element) {
  if (element instanceof HTMLElement && element.matches("button, a[href], textarea, select, summary")) return true;
  return element instanceof HTMLInputElement && element.value !== "";
}
