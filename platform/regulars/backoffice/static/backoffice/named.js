// Three of Wagtail's fields have no name that a screen reader could say: the files to upload, the rich text and the tags,
// which are drawn later. They get the words that stand beside them.
(() => {
  const words = (node) => node?.textContent.trim() ?? "";
  const name = (node, said) => { if (said && !node.ariaLabel) node.ariaLabel = said; };
  const look = () => {
    for (const field of document.querySelectorAll(".replace-file-input input[type=file]"))
      name(field, words(field.parentElement.querySelector("button")));
    // what is typed in stands in a list behind the field that is sent and hidden, and only that one has a label
    for (const field of document.querySelectorAll(".tagit-new input"))
      name(field, words(field.closest(".tagit").previousElementSibling?.labels?.[0]));
    for (const field of document.querySelectorAll("[contenteditable=true][role=textbox]:not([aria-label])")) {
      const place = field.closest(".w-field");
      name(field, words(place && document.querySelector(`label[for="${place.querySelector("input[id]")?.id}"]`))
        || words(field.closest("section, .w-panel")?.querySelector("h2, h3, label, legend")));
    }
  };
  const begin = () => { look(); new MutationObserver(look).observe(document.body, { childList: true, subtree: true }); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
