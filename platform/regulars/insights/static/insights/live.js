// The first page keeps its figures fresh: they are asked for again every fifteen seconds while somebody looks, and left
// as they are when the answer is anything else than figures. A place that is chosen is shown at once.
(() => {
  const EVERY = 15_000;

  const keepFresh = (place) => {
    let timer = 0;
    const ask = async () => {
      if (document.hidden || place.contains(document.activeElement)) return later();
      try {
        const answer = await fetch(place.dataset.insightsLive, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
        if (answer.status === 401 || answer.status === 403 || answer.status === 404) return; // no right any more
        if (answer.ok) place.innerHTML = await answer.text();
      } catch { /* no network: the last figures stay */ }
      later();
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, EVERY); };
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { clearTimeout(timer); ask(); } });
    later();
  };

  const ownDays = (form) => {
    const period = form.querySelector("[name=period]");
    const show = () => form.querySelectorAll(".insights-own").forEach((field) => { field.hidden = period.value !== "own"; });
    period.addEventListener("change", show);
    show();
  };

  const begin = () => {
    document.querySelectorAll("[data-insights-live]").forEach(keepFresh);
    document.querySelectorAll("[data-insights-own-days]").forEach(ownDays);
    document.querySelectorAll("[data-insights-choose]").forEach((form) => {
      form.classList.add("is-live");
      form.addEventListener("change", () => form.submit());
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
