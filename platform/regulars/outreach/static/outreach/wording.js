// The desk where a message is written: a press on a variable puts it where the caret is, and the preview follows the
// typing. Without this script the page works too: it shows the preview of what was saved or tried last.
(() => {
  const form = document.querySelector("[data-messages-form]");
  const preview = document.getElementById("messages-preview");
  if (!form || !preview) return;
  let lastField = form.elements.namedItem("body");
  let waiting = 0;
  let asked = 0;

  const refresh = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.messagesPreview, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      const html = await answer.text();
      if (answer.ok && mine === asked) preview.innerHTML = html;
    } catch {
      // Offline: what was shown stays.
    }
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 350);
  };

  for (const name of ["subject", "body"]) {
    const field = form.elements.namedItem(name);
    field.addEventListener("focus", () => { lastField = field; });
    field.addEventListener("input", soon);
  }
  for (const chip of form.querySelectorAll("[data-messages-insert]")) {
    chip.addEventListener("click", () => {
      lastField.setRangeText(`{${chip.dataset.messagesInsert}}`, lastField.selectionStart, lastField.selectionEnd, "end");
      lastField.focus();
      lastField.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
})();
