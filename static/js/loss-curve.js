// Moves the plot of the loss on. stylize/curve.py has drawn it; this only puts it in its place.
const figure = document.querySelector("[data-curve]");
const part = (name) => figure.querySelector(`[data-curve-${name}]`);

function svg(name, attributes, words = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = words;
  return made;
}

function html(name, words, attributes = {}) {
  return Object.assign(document.createElement(name), { textContent: words, ...attributes });
}

document.addEventListener("curve", ({ detail: plot }) => {
  figure.hidden = !plot;
  if (!plot) return;
  part("line").setAttribute("points", plot.points);
  part("now").setAttribute("cx", plot.x);
  part("now").setAttribute("cy", plot.y);
  part("latest").textContent = plot.latest;
  part("ticks").replaceChildren(...plot.ticks.flatMap(({ y, label }) => [
    svg("path", { d: `M52 ${y}H312` }),
    svg("text", { x: 46, y, dy: "0.35em", "text-anchor": "end" }, label),
  ]));
  part("rows").replaceChildren(...plot.rows.map(([when, loss]) => {
    const row = document.createElement("tr");
    row.append(html("th", when, { scope: "row" }), html("td", loss));
    return row;
  }));
});
