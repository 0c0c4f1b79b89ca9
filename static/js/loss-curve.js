// Draws the loss on a logarithmic scale; the same reckoning as the filter `curve` of stylize/templatetags/painting.py.
const WIDTH = 100, HEIGHT = 40;
const figure = document.querySelector("[data-curve]");

function points(losses) {
  const logs = losses.filter(Number.isFinite).map((loss) => Math.log(Math.max(loss, 1e-12)));
  if (logs.length < 2) return "";
  const low = Math.min(...logs), high = Math.max(...logs);
  const down = HEIGHT / (high - low || 1);
  return logs.map((log, i) => `${((i * WIDTH) / (logs.length - 1)).toFixed(1)},${((high - log) * down).toFixed(1)}`).join(" ");
}

document.addEventListener("losses", ({ detail }) => {
  const line = points(detail ?? []);
  figure.hidden = !line;
  figure.querySelector("polyline").setAttribute("points", line);
});
