import { Controller } from "@hotwired/stimulus";

/** So long, in milliseconds, htmx may take to put the focus back where it was before it swapped. */
const SETTLED = 60;

/**
 * Enter goes on to the next field of a form and sends it from the last one, as people who count money or take a phone number expect.
 * `<form data-controller="next-field" data-action="keydown->next-field#go">`. Fields are those that can be typed in or ticked; one that must be filled in keeps Enter.
 * With `data-next-field-target="stop"` on some fields, Enter visits only those.
 * With `data-next-field-focus-value="true"` the form takes the focus when it appears: the wrong field, else the first.
 */
export default class NextField extends Controller {
  static targets = ["stop"];
  static values = { focus: Boolean };

  connect() {
    if (!(/** @type {any} */ (this).focusValue)) return;
    setTimeout(() => {
      const wrong = this.fields.find((field) => field.getAttribute("aria-invalid") === "true");
      (wrong ?? this.fields[0])?.focus();
    }, SETTLED);
  }

  /** @param {KeyboardEvent} event */
  go(event) {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(field instanceof HTMLInputElement) || ["submit", "button", "hidden"].includes(field.type)) return;
    const fields = this.fields;
    const place = fields.indexOf(field);
    if (place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (field.required && field.type !== "checkbox" && !field.value.trim()) return;
    const next = fields[place + 1];
    if (next) {
      next.focus();
      if (next.type === "text") next.select();
    } else /** @type {HTMLFormElement} */ (this.element).requestSubmit();
  }

  /** @returns {HTMLInputElement[]} */
  get fields() {
    const self = /** @type {any} */ (this);
    if (self.hasStopTarget) return self.stopTargets;
    return [...this.element.querySelectorAll("input")].filter((input) => !["hidden", "submit", "radio"].includes(input.type) && !input.disabled && input.checkVisibility());
  }
}
