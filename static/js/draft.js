// What was chosen and not sent yet: kept in this browser a moment after each change, and put back when the page is opened again.
import { forget, keep, recall } from "./draft-store.js";

const MOMENT_MS = 200;
const OWN = /^(csrfmiddlewaretoken|form_token|photo_kept|protect_kept|protect_for)$/; // of one page only
const FRAMING = /^(turn|crop)/; // the desk's
const STYLES = /style_key$|style_image$|parts$/;
const SETTINGS = /^(strength|brush_size|smoothness|colours|palette)$/; // which come with a saved style
let form, held = {}, waiting, isOver = false, isBusy = false, isTouched = false;

const fieldsNamed = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
const say = (field, ...kinds) => { for (const kind of kinds) field.dispatchEvent(new Event(kind, { bubbles: true })); };
const search = () => location.search.replace(/^\?$/, "");

/** Whether the server has what was sent from this field, and the page shows it as chosen. */
function isOnServer(name) {
  if (name === "photo" || name === "protect") return Boolean(form.elements[`${name}_kept`].value);
  return fieldsNamed(name.replace("style_image", "style_key")).some((radio) => radio.value && radio.checked && radio.defaultChecked);
}

function chosen() {
  const fields = {}, files = {};
  for (const [name, value] of new FormData(form)) {
    if (OWN.test(name)) continue;
    if (typeof value === "string") fields[name] = value;
    else if (value.name) files[name] = value;
  }
  for (const [name, file] of Object.entries(held)) {
    if (name in files || !isOnServer(name)) continue;
    files[name] = file; // the page may be opened anew without the server's copy
    if (name.endsWith("style_image")) delete fields[name.replace("style_image", "style_key")];
  }
  return { fields, files };
}

function save() {
  clearTimeout(waiting);
  waiting = null;
  if (isOver || isBusy) return;
  const { fields, files } = chosen();
  held = files;
  const { photo_kept: photo, protect_kept: mask } = form.elements;
  keep({ fields, files, search: search(), who: form.dataset.who, photo: photo.value, mask: mask.value });
}

function changed({ target, type }) {
  if (!form?.contains(target) || isBusy) return;
  isTouched ||= type !== "desk:written"; // which the desk does also when it has only looked at what is there
  if (!isTouched) return;
  clearTimeout(waiting);
  waiting = setTimeout(save, MOMENT_MS);
}

/** What the address names comes before what was chosen earlier. */
async function begin() {
  form = document.querySelector("[data-send]");
  const draft = await recall(form.dataset.who);
  if (!draft || isTouched) return;
  const here = new URLSearchParams(location.search), same = draft.search === search();
  if (!same && !location.search) { location.replace(location.pathname + draft.search); return; }
  if (!same && ["again", "photo"].some((name) => here.has(name))) return;
  const { fields, files } = draft;
  const isNamed = (name) => (["style", "mix", "filter"].some((one) => here.has(one)) && STYLES.test(name)) || (here.has("filter") && SETTINGS.test(name));
  if (!same) for (const some of [fields, files]) for (const name of Object.keys(some)) if (isNamed(name)) delete some[name];
  isBusy = isTouched = true;
  held = files;
  try { await restore(draft); } finally { isBusy = false; }
  document.querySelector("[data-draft]").hidden = false;
  save(); // for a day from now, and for who is signed in now
}

async function restore({ fields, files, photo, mask }) {
  const late = ["iterations", "tier"]; // a number of iterations chooses its tier
  const early = Object.keys(fields).filter((name) => !late.includes(name) && !FRAMING.test(name));
  for (const name of [...early, ...late]) if (name in fields) put(name, fields[name]);
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = box.name in fields;
  for (const [name, file] of Object.entries(files)) if (name !== "protect") give(name, file);
  const isSame = "photo" in files || (photo && photo === form.elements.photo_kept.value);
  if (!isSame) return;
  const detail = { turn: fields.turn, crop: fields.crop, mask: files.protect, kept: mask };
  form.querySelector("[data-desk]").dispatchEvent(new CustomEvent("desk:restore", { detail }));
  await detail.done;
  for (const name of Object.keys(fields)) if (name.startsWith("crop_")) put(name, fields[name]); // for a photo that the browser cannot show
}

function put(name, value) {
  const some = fieldsNamed(name), field = some.find(({ type }) => type !== "radio") ?? some.find((radio) => radio.value === value);
  if (!field || (field.type === "radio" ? field.checked : field.value === value || field.type === "checkbox")) return;
  if (field.type === "radio") field.checked = true;
  else field.value = value;
  say(field, "input", "change");
  const fold = field.closest(".fold");
  if (fold) fold.open = true;
}

function give(name, file) {
  const [input] = fieldsNamed(name), zone = input?.closest("[data-drop]"), one = new DataTransfer();
  if (!input) return;
  one.items.add(file);
  if (zone) { zone.dispatchEvent(new CustomEvent("drop:give", { detail: one.files })); return; }
  input.files = one.files;
  say(input, "change");
  const fold = input.closest(".fold");
  if (fold) fold.open = true;
}

begin();
for (const kind of ["input", "change", "drop:taken", "desk:written"]) document.addEventListener(kind, changed);
document.addEventListener("main:replaced", () => { form = document.querySelector("[data-send]"); save(); });
document.addEventListener("form:accepted", ({ detail }) => { isOver = true; clearTimeout(waiting); detail.waits.push(forget()); });
document.addEventListener("click", async ({ target }) => {
  if (!target.closest("[data-afresh]")) return;
  isOver = true;
  await forget();
  location.replace(location.pathname);
});
addEventListener("pagehide", () => { if (waiting) save(); });
