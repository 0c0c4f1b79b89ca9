// Lays photo and painting over each other, with a slider between them. Without it they hang one below the other.
for (const box of document.querySelectorAll("[data-compare]")) {
  const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: 100, className: "compare__range" });
  range.setAttribute("aria-label", box.dataset.label);
  const line = Object.assign(document.createElement("div"), { className: "compare__line" });
  const knob = Object.assign(document.createElement("div"), { className: "compare__knob", ariaHidden: "true" });
  knob.innerHTML = '<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M9 6l-6 6 6 6M15 6l6 6-6 6"/></svg>';
  const cut = () => box.style.setProperty("--cut", `${range.value}%`);
  range.addEventListener("input", cut);
  range.value = 72;
  cut();
  box.append(line, knob, range);
  box.classList.add("is-live");
}
