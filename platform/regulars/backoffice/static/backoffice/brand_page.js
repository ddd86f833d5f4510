// The preview follows what is typed, chosen and clicked; nothing is sent but the colours, and nothing is saved.
(() => {
  const begin = () => {
    const page = document.querySelector("[data-brand-page]");
    const form = page?.querySelector("#brand-form");
    if (!form) return;
    const frames = [...page.querySelectorAll("[data-brand-frame]")];
    const reading = page.querySelector("[data-brand-reading]");
    const file = form.elements.logo;
    const kept = form.elements.logo_kept;
    let own = kept.dataset.brandKept || "";
    let waiting = 0;
    let asked = 0;
    page.querySelector("[data-brand-show]").hidden = true;

    const isColour = (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text.trim());
    const whole = (text) => {
      const digits = text.trim().replace("#", "").toLowerCase();
      return "#" + (digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits);
    };
    const wanted = () => {
      const sent = new URLSearchParams();
      for (const name of ["accent", "second_colour"]) if (!form.elements[name].value || isColour(form.elements[name].value)) sent.set(name, form.elements[name].value);
      sent.set("card_pattern", form.elements.card_pattern.value);
      if (own) sent.set("logo", "own");
      else if (form.elements.removes_logo?.checked) sent.set("logo", "none");
      return sent;
    };
    const fit = (frame) => {
      const inside = frame.contentDocument;
      if (!inside?.body) return;
      if (own) for (const picture of inside.querySelectorAll("img[src^='data:image/gif']")) picture.src = own;
      frame.style.height = `${inside.documentElement.scrollHeight + 2}px`;
    };
    const draw = async (frame, sent, number) => {
      const answer = await fetch(`${page.dataset.preview}?scheme=${frame.dataset.brandFrame}&${sent}`, { credentials: "same-origin" }).catch(() => null);
      if (!answer?.ok || number !== asked || !frame.contentDocument) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const inside = frame.contentDocument;
      inside.documentElement.style.cssText = fresh.documentElement.style.cssText;
      inside.body.replaceWith(inside.adoptNode(fresh.body));
      frame.style.height = "auto";
      fit(frame);
    };
    const read = async (number) => {
      const answer = await fetch(`${page.dataset.reading}?${new URLSearchParams({ accent: form.elements.accent.value })}`, { credentials: "same-origin" }).catch(() => null);
      if (!answer?.ok || number !== asked) return;
      const words = new DOMParser().parseFromString(await answer.text(), "text/html");
      reading.replaceChildren(...words.body.childNodes);
    };
    const show = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        asked += 1;
        const sent = wanted();
        for (const frame of frames) draw(frame, sent, asked);
        read(asked);
      }, 200);
    };
    const choosers = [...page.querySelectorAll("[data-brand-chooser]")].map((chooser) => [chooser, document.getElementById(chooser.dataset.brandChooser)]);
    const follow = () => choosers.forEach(([chooser, field]) => { if (isColour(field.value)) chooser.value = whole(field.value); });
    for (const [chooser, field] of choosers) {
      chooser.hidden = false;
      chooser.addEventListener("input", () => { field.value = chooser.value; field.dispatchEvent(new Event("input", { bubbles: true })); });
    }
    form.addEventListener("input", (event) => { if (event.target !== file) { follow(); show(); } });
    form.addEventListener("change", () => show());
    file?.addEventListener("change", () => {
      if (own.startsWith("blob:")) URL.revokeObjectURL(own);
      own = file.files[0] ? URL.createObjectURL(file.files[0]) : kept.dataset.brandKept || "";
      show();
    });
    page.addEventListener("click", (event) => {
      const ready = event.target.closest("[data-pattern]");
      const use = event.target.closest("[data-brand-use]");
      if (!ready && !use) return;
      event.preventDefault();
      if (use) form.elements.accent.value = use.dataset.brandUse;
      if (ready) {
        form.elements.accent.value = ready.dataset.accent;
        form.elements.second_colour.value = ready.dataset.second;
        form.elements.card_pattern.value = ready.dataset.pattern;
      }
      form.elements.accent.dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const frame of frames) {
      frame.addEventListener("load", () => fit(frame));
      fit(frame);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
