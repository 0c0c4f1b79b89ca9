// Follows a job by short polling: every 1.5 s while it is painted, slower in line, backing off to 10 s in trouble.
const box = document.querySelector("[data-watch]");
const part = (name) => box.querySelector(`[data-${name}]`);
const FAST = 1500, SLOW = 10000, FADE = 1100;
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const WORTH = JSON.parse(part("worth")?.dataset.worth ?? "[]"); // what of the price would go back, from which iteration on
let pause = FAST, failures = 0, status = box.dataset.status, shown = part("preview").getAttribute("src"), timer;

function put(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

// Each picture appears over the one before, and then takes its place.
async function showPreview(url) {
  const image = part("preview");
  if (!url || shown === url) return;
  shown = url;
  const next = Object.assign(image.cloneNode(), { src: url, hidden: false, alt: "" });
  try { await next.decode(); } catch { return; } // the next one will do
  delete next.dataset.preview;
  next.classList.add("is-coming");
  if (!CALM.matches) {
    part("growing").append(next);
    await next.animate([{ opacity: 0 }, { opacity: 1 }], { duration: FADE, easing: "ease-in-out" }).finished;
  }
  image.src = url;
  image.hidden = false;
  await image.decode().catch(() => {});
  next.remove();
}

function show(words) {
  put(part("headline"), words.headline);
  put(part("detail"), words.detail);
  put(part("note"), words.note);
  const bar = part("bar");
  if (bar) bar.value = words.percent;
  const end = part("end");
  if (end) end.hidden = !words.can_end;
  showWorth(words);
  document.title = `${words.title} · Ostagram`;
  showPreview(words.preview);
  document.dispatchEvent(new CustomEvent("curve", { detail: words.curve }));
}

function showWorth({ status, iteration }) {
  const [, left] = WORTH.findLast(([from]) => from <= iteration) ?? [];
  if (left) for (const place of box.querySelectorAll("[data-left]")) put(place, left);
  if (left && status === "running") [part("before").hidden, part("during").hidden] = [true, false];
}

async function look() {
  try {
    const answer = await fetch(box.dataset.watch, { cache: "no-cache", headers: { Accept: "application/json" } });
    if (answer.status === 404) return location.reload(); // deleted: the page says so
    if (!answer.ok) throw new Error(answer.status);
    const words = await answer.json();
    if (words.finished || words.status !== status && (status === "unpaid" || words.status === "unpaid")) return location.reload();
    pause = words.status === "running" || words.status !== status ? FAST : Math.min(pause * 1.15, words.status === "unpaid" ? SLOW : 4000);
    status = words.status;
    failures = 0;
    show(words);
  } catch {
    failures += 1;
    pause = Math.min(Math.max(pause, FAST) * 2, SLOW);
  }
  put(part("trouble"), failures > 1 ? box.dataset.lost : "");
  again();
}

function again() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, pause);
}

document.addEventListener("visibilitychange", () => { if (document.hidden) clearTimeout(timer); else { pause = FAST; look(); } });
again();
