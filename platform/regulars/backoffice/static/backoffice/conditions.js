// The builder of conditions: each line shows only what fits its field, and below stands how many members are meant now.
(() => {
  if (window.regularsConditions) return;
  const WAIT = 350;
  const part = (row, name) => row.querySelector(`[data-part="${name}"]`);
  const config = (box) => JSON.parse(box.querySelector("script[type='application/json']").textContent);
  const takes = (row) => part(row, "is").selectedOptions[0]?.dataset.takes || "";

  // what a line is compared with ---------------------------------------------------------------------------------------
  const operators = (row, about) => {
    const select = part(row, "is");
    row.everyOperator ||= [...select.querySelectorAll("optgroup")].map((group) => group.cloneNode(true));
    const chosen = select.value;
    const fitting = row.everyOperator.find((group) => group.dataset.kind === about?.kind);
    select.replaceChildren(...[...(fitting?.children || [])].map((option) => option.cloneNode(true)));
    if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
    else if (select.options.length) select.selectedIndex = 0;
    select.hidden = !fitting;
  };
  const chosenValues = (row) => {
    const boxes = [...part(row, "values").querySelectorAll("input[type=checkbox], input[type=radio]")];
    return boxes.length ? boxes.filter((box) => box.checked).map((box) => box.value) : null;
  };
  const choices = (row, about, name) => {
    const picked = new Set(chosenValues(row) || JSON.parse(row.dataset.values || "[]"));
    const list = document.createElement("span");
    list.className = "conditions-choices";
    const wanted = takes(row) === "one" ? "radio" : "checkbox";
    for (const [code, words] of about.choices) {
      const label = document.createElement("label"), box = document.createElement("input");
      Object.assign(box, { type: wanted, name, value: code, checked: picked.has(code) });
      label.append(box, ` ${words}`);
      list.append(label);
    }
    return list;
  };
  const input = (row, about, name, label, old) => {
    const field = document.createElement("input");
    Object.assign(field, { name, type: about.kind === "date" && takes(row) !== "days" ? "date" : "text", value: old, autocomplete: "off" });
    if (about.kind === "number" || takes(row) === "days") field.inputMode = "decimal";
    field.setAttribute("aria-label", label);
    return field;
  };
  const values = (row, about, prefix) => {
    const place = part(row, "values"), to = part(row, "to"), many = takes(row);
    const old = place.querySelector("input:not([type=checkbox]):not([type=radio])");
    row.valueLabel ||= old?.getAttribute("aria-label") || "";
    const kept = old ? old.value : "";
    const name = `${prefix}-value`;
    place.hidden = !about || many === "nothing";
    if (about && many !== "nothing") {
      const drawn = about.choices && (about.kind === "choice" || about.kind === "choices") ? choices(row, about, name) : input(row, about, name, row.valueLabel, kept);
      place.replaceChildren(drawn);
    } else place.replaceChildren();
    to.hidden = many !== "two";
    to.querySelector("input").type = about?.kind === "date" ? "date" : "text";
    part(row, "unit").textContent = about && many !== "nothing" && many !== "days" && about.kind === "number" ? about.unit : "";
  };
  const time = (row, about) => {
    const place = part(row, "window"), unit = place.querySelector("select"), field = place.querySelector("input");
    place.hidden = !about?.window;
    if (place.hidden) unit.value = "";
    field.hidden = !unit.value;
    field.type = unit.value === "since" ? "date" : "text";
    field.inputMode = unit.value === "since" ? "" : "numeric";
  };
  const draw = (box, row) => {
    const select = part(row, "field"), about = box.fields[select.value];
    operators(row, about);
    values(row, about, select.name.replace(/-field$/, ""));
    time(row, about);
    const help = part(row, "help");
    help.textContent = about?.help || "";
    help.hidden = !help.textContent;
  };

  // lines and groups ---------------------------------------------------------------------------------------------------
  const rows = (group) => [...group.querySelectorAll("[data-row]")];
  const groups = (box) => [...box.querySelectorAll("[data-group]")];
  const number = (box) => {
    groups(box).forEach((group, place) => {
      group.querySelector("[data-number]").textContent = place + 1;
      group.querySelector(".conditions-match select").name = `${box.dataset.conditions}-${place}-match`;
      rows(group).forEach((row, line) => {
        for (const named of row.querySelectorAll("[name]")) named.name = `${box.dataset.conditions}-${place}-${line}-${named.name.match(/-(\w+)$/)[1]}`;
      });
      group.querySelector(".conditions-match").hidden = rows(group).length < 2;
    });
    box.toggleAttribute("data-single", groups(box).length < 2);
    box.querySelector("[data-between]").removeAttribute("data-few");
    box.querySelector("[data-empty]").hidden = Boolean(box.querySelector("[data-groups] [data-row]"));
    box.querySelector("[data-add-group]").closest("[data-acts]").hidden = !groups(box).some((group) => rows(group).length);
  };
  const addRow = (box, group) => {
    const row = box.querySelector("template[data-blank-row]").content.firstElementChild.cloneNode(true);
    group.querySelector("[data-rows]").append(row);
    prepare(box, row);
    number(box);
    return row;
  };
  const addGroup = (box) => {
    const group = box.emptyGroup.cloneNode(true);
    box.querySelector("[data-groups]").append(group);
    number(box);
    return group;
  };
  const prepare = (box, row) => {
    row.querySelector("[data-remove]").hidden = false;
    draw(box, row);
  };
  const remove = (box, row) => {
    const group = row.closest("[data-group]");
    row.remove();
    if (!rows(group).length && groups(box).length > 1) group.remove();
    number(box);
    box.querySelector("[data-add-row]")?.focus();
    count(box);
  };

  // how many -----------------------------------------------------------------------------------------------------------
  const say = (box, said) => {
    const words = box.querySelector("[data-words]"), status = box.querySelector("[data-count]");
    box.querySelector("[data-sentence]").textContent = said.words || "";
    words.hidden = !said.words;
    status.textContent = [said.count, said.problem, ...(said.warnings || [])].filter(Boolean).join(" ");
    status.classList.toggle("is-wrong", Boolean(said.problem || said.warnings?.length));
  };
  const ask = async (box) => {
    const form = box.closest("form"), name = box.dataset.conditions, turn = ++box.asked;
    const sent = new FormData();
    for (const [key, value] of new FormData(form)) if (key === name || key.startsWith(`${name}-`)) sent.append(key, value);
    sent.append("name", name);
    const token = form.querySelector("[name=csrfmiddlewaretoken]")?.value || box.dataset.token || "";
    try {
      const answer = await fetch(box.dataset.countUrl, { method: "POST", body: sent, headers: { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" } });
      if (answer.ok && turn === box.asked) say(box, await answer.json());
    } catch { /* the network is away: the last count stays */ }
  };
  const count = (box) => { window.clearTimeout(box.waiting); box.waiting = window.setTimeout(() => ask(box), WAIT); };

  const start = (box) => {
    if (box.fields) return;
    box.fields = config(box);
    box.asked = 0;
    for (const row of box.querySelectorAll("[data-groups] [data-row]")) if (part(row, "field").value === "" && !row.classList.contains("is-wrong")) row.remove();
    box.emptyGroup = groups(box)[0].cloneNode(true);
    box.emptyGroup.querySelector("[data-rows]").replaceChildren();
    box.emptyGroup.querySelector("[data-acts]").hidden = false;
    groups(box).forEach((group, place) => { if (!rows(group).length && place) group.remove(); });
    box.classList.add("is-live");
    for (const acts of box.querySelectorAll("[data-acts]")) acts.hidden = false;
    for (const row of box.querySelectorAll("[data-groups] [data-row]")) prepare(box, row);
    number(box);
    box.addEventListener("change", (event) => {
      const row = event.target.closest("[data-row]");
      if (row && event.target.matches("[data-part=field], [data-part=is], [data-part=window] select")) {
        if (event.target.matches("[data-part=field]")) { row.dataset.values = "[]"; part(row, "values").replaceChildren(); }
        draw(box, row);
      }
      count(box);
    });
    box.addEventListener("input", () => count(box));
    box.addEventListener("click", (event) => {
      if (event.target.closest("[data-add-row]")) part(addRow(box, event.target.closest("[data-group]")), "field").focus();
      else if (event.target.closest("[data-add-group]")) part(addRow(box, addGroup(box)), "field").focus();
      else if (event.target.closest("[data-remove]")) remove(box, event.target.closest("[data-row]"));
    });
    if (box.querySelector("[data-groups] [data-row]")) ask(box);
  };
  const startAll = () => document.querySelectorAll("[data-conditions]").forEach(start);
  window.regularsConditions = startAll;
  document.addEventListener("w-swap:success", startAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll); else startAll();
})();
