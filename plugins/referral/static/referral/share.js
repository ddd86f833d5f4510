// Shows the button that hands the invitation to another app, where the device can do that; the link and the code stand
// on the page either way.
for (const button of document.querySelectorAll("[data-referral-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const { title, text, url } = button.dataset;
    navigator.share({ title, text, url }).catch(() => {}); // closed without sharing
  });
}
