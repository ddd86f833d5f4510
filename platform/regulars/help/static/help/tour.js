// The first look round, in the back office and at the counter alike: a dialog over the page with a light on one real
// element after another. Arrows and buttons lead on, Escape ends it; ended either way it is remembered for the person.
(() => {
  const MARGIN = 8;

  const element = (name, className, words = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = words;
    return made;
  };

  class Tour {
    constructor(place) {
      this.place = place;
      this.words = place.dataset;
      this.steps = JSON.parse(this.words.steps);
      this.at = 0;
    }

    begin() {
      this.before = document.activeElement;
      this.dialog = element("dialog", "tour");
      this.light = element("div", "tour-light");
      this.card = element("div", "tour-card");
      this.count = element("p", "tour-count");
      this.title = element("h2", "");
      this.text = element("p", "");
      this.title.id = "tour-title";
      this.text.id = "tour-words";
      this.back = this.button("", this.words.back, () => this.go(-1));
      this.next = this.button("tour-next", this.words.next, () => this.go(1));
      this.skip = this.button("tour-skip", this.words.skip, () => this.end());
      const acts = element("div", "tour-acts");
      acts.append(this.back, this.next, this.skip);
      this.card.append(this.count, this.title, this.text, acts);
      this.card.setAttribute("aria-live", "polite");
      this.dialog.setAttribute("aria-label", this.words.name);
      this.dialog.append(this.light, this.card);
      document.body.append(this.dialog);
      this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.end(); });
      this.dialog.addEventListener("keydown", (event) => this.press(event));
      this.replace = () => this.show();
      window.addEventListener("resize", this.replace);
      this.dialog.showModal();
      this.show();
      this.next.focus();
    }

    button(className, words, act) {
      const made = element("button", className, words);
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    }

    press(event) {
      if (event.key === "ArrowRight") this.go(1, true);
      else if (event.key === "ArrowLeft") this.go(-1, true);
      event.stopPropagation();
    }

    go(by, stays = false) {
      const to = this.at + by;
      if (to >= this.steps.length && !stays) return this.end();
      this.at = Math.max(0, Math.min(to, this.steps.length - 1));
      this.show();
      this.next.focus();
    }

    show() {
      const step = this.steps[this.at];
      const isLast = this.at === this.steps.length - 1;
      this.count.textContent = this.words.of.replace("{step}", this.at + 1).replace("{steps}", this.steps.length);
      this.title.textContent = step.title;
      this.text.textContent = step.words;
      this.back.hidden = this.at === 0;
      this.skip.hidden = isLast;
      this.next.textContent = isLast ? this.words.end : this.words.next;
      const found = [...document.querySelectorAll(step.target)].find((each) => each.checkVisibility?.({ visibilityProperty: true }) && isReachable(each));
      found?.scrollIntoView({ block: "nearest" });
      this.shine(found?.getBoundingClientRect());
    }

    // The card stands below what is lit, above it, or in the middle, wherever it fits whole.
    shine(box) {
      const { innerWidth: width, innerHeight: height } = window;
      const light = box ?? { left: width / 2, top: height / 2, width: 0, height: 0, right: width / 2, bottom: height / 2 };
      const edge = box ? MARGIN / 2 : 0;
      Object.assign(this.light.style, {
        left: `${light.left - edge}px`, top: `${light.top - edge}px`,
        width: `${light.width + 2 * edge}px`, height: `${light.height + 2 * edge}px`,
      });
      const { offsetWidth: wide, offsetHeight: high } = this.card;
      let left = Math.min(Math.max(light.left, 2 * MARGIN), width - wide - 2 * MARGIN);
      let top = light.bottom + 2 * MARGIN;
      if (!box) { left = (width - wide) / 2; top = (height - high) / 2; }
      else if (light.right + 2 * MARGIN + wide < width && light.height < height / 2 && light.width < width / 3) {
        left = light.right + 2 * MARGIN; top = Math.min(light.top, height - high - 2 * MARGIN);
      } else if (top + high > height - MARGIN) {
        top = light.top - high - 2 * MARGIN;
        if (top < MARGIN) top = height - high - 2 * MARGIN;
      }
      Object.assign(this.card.style, { left: `${Math.max(MARGIN, left)}px`, top: `${Math.max(MARGIN, top)}px` });
    }

    end() {
      window.removeEventListener("resize", this.replace);
      this.dialog.close();
      this.dialog.remove();
      if (this.before instanceof HTMLElement) this.before.focus();
      fetch(this.words.done, { method: "POST", headers: { "X-CSRFToken": this.words.token }, keepalive: true });
      document.documentElement.dataset.toured = "yes";
    }
  }

  // on a phone the menu waits outside the screen
  const isReachable = (found) => {
    const box = found.getBoundingClientRect();
    return box.width > 0 && box.right > 0 && box.left < window.innerWidth;
  };

  // Wagtail draws its menu with a script: the tour waits until it stands there
  const begin = () => {
    const place = document.querySelector("[data-tour]");
    if (!place || !HTMLDialogElement.prototype.showModal) return;
    const sidebar = document.querySelector("[data-wagtail-sidebar]");
    let tries = 0;
    const start = () => {
      if (sidebar && !sidebar.querySelector("a") && tries++ < 20) setTimeout(start, 100);
      else new Tour(place).begin();
    };
    start();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
