/**
 * What the sign-up form does while it is filled in: the address follows the name until somebody types one, the password
 * says what it still lacks, the browser says its time zone. Without this script the form works all the same.
 */
const form = () => document.getElementById("sign-up");
const field = (name) => form()?.elements.namedItem(name);
let ownAddress = Boolean(field("address")?.value);

function fillZone() {
  const zone = field("zone");
  if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

function judgePassword() {
  const password = field("password")?.value ?? "";
  const folded = password.toLowerCase();
  const own = [field("name")?.value, ...(field("email")?.value ?? "").split(/[@.]/)]
    .map((part) => (part ?? "").trim().toLowerCase())
    .filter((part) => part.length > 3);
  const kept = {
    length: [...password].length >= 10,
    figures: password !== "" && !/^\d+$/.test(password),
    own: password !== "" && !own.some((part) => folded.includes(part)) && !/^(.)\1+$/.test(password) && !/password|qwerty|12345678/.test(folded),
  };
  for (const rule of document.querySelectorAll("[data-rule]")) rule.toggleAttribute("data-kept", kept[rule.dataset.rule]);
}

function begin() {
  if (!form()) return;
  fillZone();
  judgePassword();
  for (const button of document.querySelectorAll("[data-show-password]")) button.hidden = false;
}

document.addEventListener("input", ({ target }) => {
  if (target === field("address")) ownAddress = target.value.trim() !== "";
  if (["password", "name", "email"].includes(target.name)) judgePassword();
});

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-choose-address]");
  if (offer) {
    event.preventDefault();
    event.stopPropagation();
    const address = field("address");
    address.value = offer.dataset.chooseAddress;
    address.removeAttribute("aria-invalid");
    ownAddress = true;
    address.focus();
    address.dispatchEvent(new CustomEvent("check", { bubbles: true }));
    return;
  }
  const show = event.target.closest("[data-show-password]");
  if (show) {
    const password = field("password");
    const shown = password.type === "password";
    password.type = shown ? "text" : "password";
    show.setAttribute("aria-pressed", String(shown));
  }
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches("[data-address-source]")) {
    if (ownAddress) event.preventDefault();
    else event.detail.parameters.set("from_name", "1");
  }
});

document.addEventListener("htmx:afterSwap", () => {
  const proposed = document.querySelector("[data-proposed]")?.dataset.proposed;
  const address = field("address");
  if (proposed && address && !ownAddress && document.activeElement !== address) address.value = proposed;
});

document.addEventListener("htmx:load", begin);
begin();
