// The tiers: a slider in step with the number of iterations. Price and wait are the server's words, read from its table.
function start() {
  const tiers = document.querySelector("[data-tiers]");
  const number = tiers?.querySelector("[data-number]");
  if (!number) return;
  const card = number.closest(".tier");
  const own = card.querySelector("[name=tier]");
  const [slider, trouble] = ["slider", "trouble"].map((name) => card.querySelector(`[data-${name}]`));
  const rows = new Map([...card.querySelectorAll("[data-iterations]")].map((row) => [row.dataset.iterations, row.dataset]));

  const show = () => { // of the slider, which can only stand where something is sold
    const row = rows.get(slider.value);
    for (const place of card.querySelectorAll("[data-shows]")) place.textContent = row[place.dataset.shows];
    slider.setAttribute("aria-valuetext", `${slider.value}: ${row.total}`);
    own.dataset.total = row.total;
    const sum = document.querySelector("[data-sum]");
    if (sum) sum.textContent = tiers.querySelector("[name=tier]:checked")?.dataset.total ?? "";
  };
  const judge = () => {
    const fits = rows.has(number.value);
    trouble.textContent = fits ? "" : trouble.dataset.wanted;
    number.setAttribute("aria-invalid", String(!fits));
  };
  const follow = () => { if (number.value !== "") slider.value = number.value; };
  const settle = () => { number.value = slider.value; judge(); };
  const pick = () => { if (!own.checked) { own.checked = true; show(); } };

  slider.addEventListener("input", () => { pick(); settle(); show(); });
  number.addEventListener("input", () => { pick(); follow(); if (rows.has(number.value)) judge(); show(); });
  number.addEventListener("change", judge);
  card.querySelector("[data-steps]").addEventListener("pointerdown", pick);
  tiers.addEventListener("change", ({ target }) => {
    if (target.name === "tier" && !own.checked && !rows.has(number.value)) settle(); // a wrong number would stop a form that needs none
    show();
  });
  follow();
  if (!own.checked && !rows.has(number.value)) settle();
  show();
}

start();
document.addEventListener("main:replaced", start);
