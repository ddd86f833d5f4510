// Keeps the page of a job fresh while it moves: the part that changes is asked for again every second.
(() => {
  const turn = async () => {
    const place = document.getElementById("office-job");
    const address = place?.dataset.officeRefresh;
    if (!address) return;
    try {
      const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("office-job");
        if (fresh && !place.contains(document.activeElement)) place.replaceWith(fresh);
        else if (fresh && fresh.dataset.state !== place.dataset.state) place.replaceWith(fresh);
      }
    } catch { /* the network is away for a moment: the next turn asks again */ }
    window.setTimeout(turn, 1000);
  };
  window.setTimeout(turn, 700);
})();
