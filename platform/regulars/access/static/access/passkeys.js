// Says on the page when a passkey was not found or its window was closed; the library would only write it to the console.
document.addEventListener("allauth.error", (event) => {
  const notice = document.querySelector("[data-passkey-trouble]");
  if (!notice) return;
  event.preventDefault();
  notice.hidden = false;
});
