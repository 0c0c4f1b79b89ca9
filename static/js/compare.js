// Photo and painting over each other, with a slider between them. The style sheet lays them; this moves the line:
// by dragging or a click anywhere on the picture, and by a real range for the keyboard and for screen readers.
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const AT_FIRST = 72; // % of the width that is painting

for (const box of document.querySelectorAll("[data-compare]")) {
  const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, step: 1, className: "compare__range" });
  range.setAttribute("aria-label", box.dataset.label);
  const line = Object.assign(document.createElement("div"), { className: "compare__line", ariaHidden: "true" });
  line.innerHTML = '<svg class="compare__knob" viewBox="0 0 44 44"><circle cx="22" cy="22" r="21"/><path d="M18 15l-7 7 7 7M26 15l7 7-7 7"/></svg>';
  let dragging = null;

  const put = (percent) => {
    const value = Math.min(100, Math.max(0, percent));
    range.value = Math.round(value);
    range.setAttribute("aria-valuetext", box.dataset.value.replace("{n}", range.value));
    box.style.setProperty("--cut", `${value}%`);
  };
  const follow = (event) => {
    const { left, width } = box.getBoundingClientRect();
    put(((event.clientX - left) / width) * 100);
  };
  const drop = (event) => {
    if (event.pointerId !== dragging) return;
    dragging = null;
    box.classList.remove("is-dragged");
  };

  range.addEventListener("input", () => { box.classList.remove("is-settling"); put(Number(range.value)); });
  box.addEventListener("pointerdown", (event) => {
    if (event.button || dragging !== null) return;
    event.preventDefault(); // no dragging of the picture, no marking of its words
    dragging = event.pointerId;
    box.setPointerCapture(dragging);
    box.classList.remove("is-settling");
    box.classList.add("is-dragged");
    range.focus({ preventScroll: true, focusVisible: false });
    follow(event);
  });
  box.addEventListener("pointermove", (event) => { if (event.pointerId === dragging) follow(event); });
  box.addEventListener("pointerup", drop);
  box.addEventListener("pointercancel", drop); // the finger scrolls the page instead

  box.append(line, range);
  box.classList.add("is-live");
  put(CALM.matches ? AT_FIRST : 100);
  if (!CALM.matches) requestAnimationFrame(() => requestAnimationFrame(() => { // shows once that there is something behind
    box.classList.add("is-settling");
    put(AT_FIRST);
  }));
}
