// Wagtail writes the start of its date choosers into the page as scripts. The policy of this site allows no script but
// from a file, so the widgets carry their settings as data and are started here, also when they are added to the page later.
(() => {
  const start = (place) => {
    const begin = window[place.dataset.officeChooser];
    if (place.dataset.officeStarted || typeof begin !== "function" || !document.getElementById(place.dataset.officeFor)) return;
    place.dataset.officeStarted = "yes";
    begin(place.dataset.officeFor, JSON.parse(place.dataset.officeConfig));
  };
  const startAll = (root) => root.querySelectorAll?.("template[data-office-chooser]").forEach(start);
  const begin = () => {
    startAll(document);
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) {
        if (node.nodeType !== 1) continue;
        if (node.matches("template[data-office-chooser]")) start(node);
        startAll(node);
      }
    }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
