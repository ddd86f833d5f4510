// Ticking records of a list: the box on top ticks the page, the bar below says how many and what can be done to them.
(() => {
  const bar = (form) => form.querySelector("[data-office-bar]");
  const boxes = (form) => [...form.querySelectorAll("[data-office-tick]")];
  const show = (form) => {
    const place = bar(form);
    if (!place) return;
    const all = form.querySelector("[data-office-all]");
    const ticked = boxes(form).filter((box) => box.checked).length;
    const head = form.querySelector("[data-office-tick-all]");
    if (head) { head.checked = ticked > 0 && ticked === boxes(form).length; head.indeterminate = ticked > 0 && !head.checked; }
    const count = place.querySelector("[data-office-count]");
    count.textContent = all.checked || !ticked ? "" : count.dataset.words.replace("%s", ticked);
    for (const button of place.querySelectorAll("button")) button.disabled = !ticked && !all.checked;
    place.classList.toggle("is-chosen", ticked > 0 || all.checked);
  };
  const startAll = () => document.querySelectorAll("form[data-office-many]").forEach(show);
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-office-many]");
    if (!form) return;
    if (event.target.matches("[data-office-tick-all]")) boxes(form).forEach((box) => { box.checked = event.target.checked; });
    show(form);
  });
  document.addEventListener("w-swap:success", startAll);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.office-drop[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  startAll();
})();
