// The true size of a screen: whoever holds a bank card to the outline says how large a centimetre is here; this browser remembers it.
const KEY = "screen-scale";
const slider = document.querySelector("[data-scale]"), page = document.querySelector("[data-true-size]");

function show() { page.style.setProperty("--scale", slider.value / 100); }

function remembered() { try { return Number(localStorage.getItem(KEY)); } catch { return 0; } }
function remember() { try { localStorage.setItem(KEY, slider.value); } catch { /* it is asked again next time */ } }

if (remembered()) slider.value = remembered();
slider.addEventListener("input", show);
slider.addEventListener("change", remember);
show();
