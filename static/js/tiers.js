// The tiers: a slider beside the number of iterations, and the price moving along. The server reckons the price that counts.
function price(radio, iterations) {
  const { least, most, first, last } = Object.fromEntries(Object.entries(radio.dataset).map(([key, value]) => [key, Number(value)]));
  const roubles = least + Math.ceil(((most - least) * (iterations - first)) / Math.max(last - first, 1));
  return radio.dataset.price.replace(/\d+/, roubles); // in the server's own way of writing money
}

function start() {
  const tiers = document.querySelector("[data-tiers]");
  const sum = document.querySelector("[data-sum]");
  const number = tiers?.querySelector("input[type=number]");
  if (!number) return;
  const own = number.closest(".tier").querySelector("[name=tier]");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: number.min, max: number.max, step: number.step, value: number.value });
  slider.setAttribute("aria-label", tiers.querySelector("label[for=id_iterations]").textContent);
  number.before(slider);

  const show = () => {
    const radio = tiers.querySelector("[name=tier]:checked");
    const fits = number.value !== "" && number.checkValidity();
    if (fits) number.closest(".tier").querySelector("[data-tier-price]").textContent = price(own, Number(number.value));
    number.disabled = radio !== own; // or a number that does not fit would stop a form that needs none
    if (radio) sum.textContent = radio === own ? price(own, Number(slider.value)) : "paid" in radio.dataset ? radio.dataset.price : sum.dataset.free;
  };
  const pick = () => { number.disabled = false; own.checked = true; };
  slider.addEventListener("input", () => { pick(); number.value = slider.value; show(); });
  number.addEventListener("input", () => { pick(); slider.value = number.value; show(); });
  number.closest("[data-steps]").addEventListener("pointerdown", () => { pick(); show(); });
  tiers.addEventListener("change", show);
  show();
}

start();
document.addEventListener("main:replaced", start);
