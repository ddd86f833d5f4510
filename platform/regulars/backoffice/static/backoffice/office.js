// Wagtail writes the start of its date fields and choosers into the page as scripts. The policy of this site allows no
// script but from a file, so these fields carry their settings as data and are started here, also when they come later.
(() => {
  // what is a class in Wagtail's own files: `new Chooser(id, settings)`, or a function: `initDateChooser(id, settings)`
  const named = (name) => name.split(".").reduce((place, part) => place?.[part], window);
  const start = (place) => {
    const { officeChooser: name, officeFor: id, officeConfig: settings } = place.dataset;
    const begin = named(name);
    if (place.dataset.officeStarted || typeof begin !== "function" || !document.getElementById(id)) return;
    place.dataset.officeStarted = "yes";
    if (/^init/.test(name)) begin(id, JSON.parse(settings)); else new begin(id, JSON.parse(settings));
  };
  const startAll = (root) => root.querySelectorAll?.("template[data-office-chooser]").forEach(start);
  // what cuts pictures to size asks by an inline handler whether this screen takes fingers: it is told
  const cutter = window.jQuery?.Jcrop;
  if (cutter) cutter.defaults.touchSupport = "ontouchstart" in window;
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
