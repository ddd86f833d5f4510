/* Starts the service worker that keeps the card for times without a network. */
(() => {
  const { worker, scope } = document.currentScript.dataset;
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register(worker, { scope })
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => {
      if (document.querySelector("[data-offline-keep]")) registration.active.postMessage("keep-card");
    })
    .catch(() => undefined);
})();
