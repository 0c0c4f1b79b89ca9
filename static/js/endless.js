// The wall goes on by itself: the next page's cards are hung before its end is seen. After some pages, with reduced
// motion, or where data is to be saved, a button does it, so that the foot of the page stays within reach. Where one was
// is kept in the history's entry: whoever comes back finds the same picture in the same place.
const BY_ITSELF = 3; // pages
const BACK_MOST = 40; // pages that are fetched again for whoever comes back
const NEAR = "1200px";
const nav = document.querySelector("[data-endless]");
const wall = document.querySelector("[data-wall]");

if (nav && wall) {
  const waits = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  const said = Object.assign(document.createElement("span"), { className: "away", role: "status" });
  const trouble = Object.assign(document.createElement("p"), { className: "paging__trouble", role: "alert", hidden: true });
  let link = nav.querySelector("a[rel=next]");
  let pages = 0;
  let busy = null;

  const proportion = (card) => { // the page's own rules know its first cards alone
    const picture = card.querySelector(".painting");
    card.style.setProperty("--w", picture.getAttribute("width"));
    card.style.setProperty("--h", picture.getAttribute("height"));
    for (const one of card.querySelectorAll("img")) one.loading = "lazy";
    return card;
  };

  const hang = async () => {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const words = (await answer.text()).replace(/<style[^>]*>[^<]*<\/style>/g, ""); // their nonce is not this page's
    const next = new DOMParser().parseFromString(words, "text/html");
    const seen = new Set([...wall.querySelectorAll(".card__picture")].map((one) => one.getAttribute("href")));
    const cards = [...next.querySelectorAll("[data-wall] > .card")]
      .filter((card) => !seen.has(card.querySelector(".card__picture").getAttribute("href")));
    wall.append(...cards.map((card) => proportion(document.adoptNode(card))));
    pages += 1;
    const further = next.querySelector("[data-endless] a[rel=next]");
    if (further) link.href = new URL(further.getAttribute("href"), link.href).href;
    else { link.remove(); link = null; eye.disconnect(); }
    said.textContent = nav.dataset.said.replace("{n}", wall.children.length);
    return cards;
  };

  const more = () => busy ??= hang()
    .then((cards) => { trouble.hidden = true; return cards; })
    .catch(() => { trouble.hidden = false; trouble.textContent = nav.dataset.trouble; return []; })
    .finally(() => { busy = null; });

  const eye = new IntersectionObserver(async ([end]) => {
    if (!end.isIntersecting || waits || pages >= BY_ITSELF || !link || busy) return;
    await more();
    eye.unobserve(nav);
    if (link && pages < BY_ITSELF && trouble.hidden) eye.observe(nav); // asks anew whether the end is near
  }, { rootMargin: NEAR });

  const remember = () => {
    const card = [...wall.children].find((one) => one.getBoundingClientRect().bottom > 0);
    const at = card?.querySelector(".card__picture")?.getAttribute("href");
    const endless = at && scrollY > 0 && pages ? { at, top: card.getBoundingClientRect().top } : undefined;
    history.replaceState({ ...history.state, endless }, "");
  };

  const back = async ({ at, top }) => {
    const found = () => wall.querySelector(`.card__picture[href="${CSS.escape(at)}"]`)?.closest(".card");
    for (let page = 0; page < BACK_MOST && link && !found() && trouble.hidden; page += 1) await more();
    if (!found()) return;
    for (const step of [0, 1]) { // the second time with all that the browser had put off
      scrollBy({ top: found().getBoundingClientRect().top - top, behavior: "instant" });
      if (!step) await new Promise(requestAnimationFrame);
    }
  };

  link.firstChild.textContent = nav.dataset.more;
  link.querySelector(".icon")?.remove();
  link.addEventListener("click", async (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const [first] = await more();
    first?.querySelector(".card__picture").focus({ preventScroll: true }); // the keyboard goes on with what came
  });
  nav.append(trouble, said);
  let still;
  addEventListener("scroll", () => { clearTimeout(still); still = setTimeout(remember, 400); }, { passive: true });
  document.addEventListener("click", (event) => { if (event.target.closest("a")) remember(); }, { capture: true });
  document.addEventListener("visibilitychange", () => { if (document.hidden) remember(); });
  const kept = history.state?.endless;
  const began = performance.getEntriesByType("navigation")[0]?.type;
  const start = () => eye.observe(nav);
  if (kept && (began === "back_forward" || began === "reload")) {
    history.scrollRestoration = "manual";
    back(kept).finally(() => { history.scrollRestoration = "auto"; start(); });
  } else start();
}
