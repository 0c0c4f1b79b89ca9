// Lets the browser keep a page for the time without connection. The language is in the address, so that a change of it brings a new one.
if ("serviceWorker" in navigator) {
  addEventListener("load", () => {
    navigator.serviceWorker.register(`/sw.js?${document.documentElement.lang}`).catch(() => {}); // the site works without
  });
}
