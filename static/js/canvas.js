// The order of a canvas, live: the frame moves the picture at once; all else the server shows anew, in the same words as without scripts.
import { Frame } from "./desk-frame.js";

const MOMENT_MS = 200;
const NUMBERS = ["left", "top", "width", "height"];
const LEAST = 16; // px of the picture, as the server has it
const form = document.querySelector("[data-canvas]"), stage = form.querySelector("[data-stage]"), trouble = form.querySelector("[data-trouble]");
let waiting, turn = 0;

const number = (name) => form.elements[name];
const painted = () => stage.dataset.painted.split(",").map(Number);
const sides = [stage.dataset.width, stage.dataset.height].map(Number);
const ratio = () => painted()[0] / painted()[1];
const frame = new Frame(stage, ratio, moved, LEAST);
const crop = () => NUMBERS.map((name) => Number(number(name).value) / 100);

/** Where the frame is, the picture lies on every canvas; and a finger that cannot move the frame scrolls the page. */
function moved() {
  const [x, y, width, height] = frame.crop, [across, down, around] = painted();
  const wide = across / width, high = down / height;
  for (const image of document.querySelectorAll("[data-picture]")) {
    for (const [name, value] of Object.entries({ x: -around - x * wide, y: -around - y * high, width: wide, height: high })) image.setAttribute(name, value);
  }
  stage.dataset.free = [width < 0.999 ? "x" : "", height < 0.999 ? "y" : ""].join("");
  if (isFollowing) return;
  frame.crop.forEach((part, i) => { number(NUMBERS[i]).value = (100 * part).toFixed(2); });
  soon();
}

let isFollowing = false;

function follow() {
  isFollowing = true;
  frame.open(sides, crop());
  isFollowing = false;
}

function soon() {
  turn += 1; // an answer that is still on its way knows nothing of this
  clearTimeout(waiting);
  waiting = setTimeout(show, MOMENT_MS);
}

function query() {
  const chosen = new URLSearchParams(new FormData(form));
  for (const name of ["csrfmiddlewaretoken", "form_token"]) chosen.delete(name);
  return `?${chosen}`;
}

async function show() {
  const asked = ++turn, where = form.action + query();
  try {
    const answer = await fetch(where, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString((await answer.text()).replace(/^[^]*(?=<main)/, ""), "text/html"); // its head is of another visit
    if (asked !== turn) return;
    put(page);
    history.replaceState(null, "", where);
    trouble.textContent = "";
  } catch {
    if (asked === turn) trouble.textContent = form.dataset.lost;
  }
}

function put(page) {
  const at = document.activeElement, same = at?.name && form.contains(at) ? `[name="${at.name}"]${at.type === "radio" ? `[value="${at.value}"]` : ""}` : "";
  for (const live of form.querySelectorAll("[data-live]")) live.replaceChildren(...page.querySelector(`[data-live=${live.dataset.live}]`).childNodes);
  stage.dataset.painted = page.querySelector("[data-stage]").dataset.painted;
  if (same && document.activeElement !== at) form.querySelector(same)?.focus({ preventScroll: true });
  follow();
}

form.addEventListener("change", ({ target }) => { if (target.name !== "has_read") show(); });
form.addEventListener("input", ({ target }) => { if (target.type === "color") soon(); });
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.type !== "number") return;
  event.preventDefault(); // it would press the first button
  show();
});
follow();
