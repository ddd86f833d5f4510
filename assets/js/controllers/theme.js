import { Controller } from "@hotwired/stimulus";

const YEAR = 60 * 60 * 24 * 365;

/**
 * Light, dark, or as the device says. The choice is kept in the cookie `theme`, which the server writes into `<html data-theme>`, so that no page
 * flashes. Buttons say `data-action="theme#choose" data-theme-choice-param="dark"` (`light`, `dark`, `system`) and are `choice` targets.
 */
export default class Theme extends Controller {
  static targets = ["choice"];

  connect() {
    this.mark();
  }

  /** @param {Event & { params: { choice: string } }} event */
  choose(event) {
    const { choice } = event.params;
    const root = document.documentElement;
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    const age = choice === "system" ? 0 : YEAR;
    document.cookie = `theme=${choice}; Path=/; Max-Age=${age}; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
    this.mark();
  }

  mark() {
    const chosen = document.documentElement.dataset.theme || "system";
    for (const button of /** @type {any} */ (this).choiceTargets) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoiceParam === chosen));
    }
  }
}
