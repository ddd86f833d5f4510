// The search over everything: Ctrl/⌘ K or "/" opens it, arrows choose, Enter opens. "?" shows the keys.
(() => {
  const parts = document.getElementById("office-palette-parts");
  if (!parts || document.querySelector(".office-palette") || window.top !== window.self) return;
  document.body.append(parts.content.cloneNode(true));
  const [palette, keys] = document.querySelectorAll("dialog.office-palette");
  const opener = document.querySelector(".office-palette-open");
  const field = palette.querySelector("input");
  const list = palette.querySelector("#office-hits");
  let asked = 0, waiting = 0;

  const hits = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const choose = (hit) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!hit) { field.removeAttribute("aria-activedescendant"); return; }
    hit.setAttribute("aria-selected", "true");
    hit.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", hit.id);
  };
  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    list.replaceChildren(...fresh.childNodes);
    field.setAttribute("aria-expanded", String(hits().length > 0));
    choose(hits()[0]);
  };
  const ask = async () => {
    const words = field.value.trim(), turn = ++asked;
    if (!words) { show(""); return; }
    try {
      const address = `${list.dataset.address}?part=1&q=${encodeURIComponent(words)}`;
      const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      const html = answer.ok ? await answer.text() : "";
      if (turn === asked) show(html);
    } catch { /* the network is away: what was found stays */ }
  };
  const open = () => { if (!palette.open && !keys.open) { palette.showModal(); field.select(); } };
  const is_writing = (node) => node?.closest?.("input, textarea, select, [contenteditable=true], [role=textbox]");

  opener.addEventListener("click", open);
  // the search of the menu would look through pages of the site alone
  document.addEventListener("focusin", (event) => { if (event.target.id === "menu-search-q") { event.target.blur(); open(); } });
  document.addEventListener("click", (event) => { if (event.target.closest("form")?.querySelector("#menu-search-q")) { event.preventDefault(); open(); } }, true);
  palette.querySelector(".office-palette-close").addEventListener("click", () => palette.close());
  for (const box of [palette, keys]) box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  field.addEventListener("input", () => { window.clearTimeout(waiting); waiting = window.setTimeout(ask, 120); });
  field.addEventListener("keydown", (event) => {
    const all = hits(), place = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) choose(all[(place + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen()) window.location.assign(chosen().href);
      else if (field.value.trim()) window.location.assign(`${list.dataset.address}?q=${encodeURIComponent(field.value.trim())}`);
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") { event.preventDefault(); event.stopPropagation(); open(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || is_writing(event.target)) return;
    if (event.key === "/") { event.preventDefault(); event.stopPropagation(); open(); }
    if (event.key === "?" && !palette.open && !keys.open) { event.preventDefault(); event.stopPropagation(); keys.showModal(); }
  }, true);
})();
