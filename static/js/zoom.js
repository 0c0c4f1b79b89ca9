// "Look closer": the painting in full size in a dialog of this page. Its file is loaded only then.
// Drag, wheel, pinch, double click, buttons, and + - 0 and the arrow keys. Without this the link opens the file itself.
const dialog = document.querySelector("[data-zoom-dialog]");
const part = (name) => dialog.querySelector(`[data-zoom-${name}]`);
const stage = part("stage"), wait = part("wait"), level = part("level");
const width = Number(stage.dataset.width), height = Number(stage.dataset.height);
const STEP = 1.4, MOVE = 80, MOST = 8; // times the picture's own size
const picture = Object.assign(new Image(width, height), { alt: stage.dataset.alt, className: "zoom__picture", draggable: false });
const fingers = new Map();
let scale = 1, x = 0, y = 0, fitted = true, asked = false;

const whole = () => Math.min(stage.clientWidth / width, stage.clientHeight / height);

function place() {
  const [w, h] = [width * scale, height * scale];
  const within = (at, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at)));
  x = within(x, w, stage.clientWidth);
  y = within(y, h, stage.clientHeight);
  picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  level.textContent = `${Math.round(scale * 100)} %`;
  part("out").disabled = fitted;
  part("in").disabled = scale >= MOST;
}

function fit() {
  scale = whole();
  fitted = true;
  place();
}

// Makes the picture larger or smaller; what is at (atX, atY) of the stage stays there.
function zoom(factor, atX = stage.clientWidth / 2, atY = stage.clientHeight / 2) {
  const before = scale;
  scale = Math.min(Math.max(MOST, whole()), Math.max(whole(), scale * factor));
  fitted = scale === whole();
  x = atX - ((atX - x) * scale) / before;
  y = atY - ((atY - y) * scale) / before;
  place();
}

function gently(act) {
  picture.classList.add("is-gliding");
  act();
  setTimeout(() => picture.classList.remove("is-gliding"), 250);
}

const onStage = (event) => {
  const { left, top } = stage.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
};

async function loadFull(url) {
  if (asked) return;
  asked = true;
  wait.textContent = wait.dataset.loading;
  const full = new Image();
  full.src = url;
  try {
    await full.decode();
    picture.src = url;
    wait.textContent = "";
  } catch {
    asked = false; // the next opening tries again
    wait.textContent = wait.dataset.failed;
  }
}

function open(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into another tab, as links do
  event.preventDefault();
  const link = event.currentTarget;
  if (!picture.src) {
    picture.src = document.querySelector(".canvas .painting").currentSrc; // what is there already
    stage.append(picture);
  }
  dialog.showModal();
  document.documentElement.classList.add("has-zoom");
  fit();
  stage.focus({ focusVisible: false });
  dialog.addEventListener("close", () => { document.documentElement.classList.remove("has-zoom"); link.focus(); }, { once: true });
  loadFull(link.href);
}

const KEYS = {
  "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), _: () => zoom(1 / STEP), 0: fit,
  ArrowLeft: () => { x += MOVE; place(); }, ArrowRight: () => { x -= MOVE; place(); },
  ArrowUp: () => { y += MOVE; place(); }, ArrowDown: () => { y -= MOVE; place(); },
};

dialog.addEventListener("keydown", (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  gently(act);
});
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...onStage(event));
}, { passive: false });
stage.addEventListener("dblclick", (event) => gently(() => (fitted ? zoom(Math.max(2, 1 / scale), ...onStage(event)) : fit())));

stage.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  stage.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, onStage(event));
});
stage.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = onStage(event);
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (other) {
    const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    zoom(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }
  const share = other ? 0.5 : 1; // of two fingers each moves the picture by half
  x += (now[0] - before[0]) * share;
  y += (now[1] - before[1]) * share;
  place();
  fingers.set(event.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));

part("in").addEventListener("click", () => gently(() => zoom(STEP)));
part("out").addEventListener("click", () => gently(() => zoom(1 / STEP)));
part("fit").addEventListener("click", () => gently(fit));
part("close").addEventListener("click", () => dialog.close());
addEventListener("resize", () => { if (dialog.open) { if (fitted) fit(); else place(); } });
for (const link of document.querySelectorAll("[data-zoom]")) link.addEventListener("click", open);
// Where nothing lies over the picture it is a button itself, for the pointer; the keyboard has the link.
document.querySelector(".canvas__alone")?.addEventListener("click", () => document.querySelector("[data-zoom]").click());
