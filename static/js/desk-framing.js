// Where a photo's pixels go when it is turned by quarters and cropped; the same reckoning as stylize/framing.py.
export const ALL = [0, 0, 1, 1];
const NEAR = 1e-5;

export const isAll = (crop) => crop.every((number, i) => Math.abs(number - ALL[i]) < NEAR);
export const written = (crop) => (isAll(crop) ? "" : crop.map((number) => Number(number.toFixed(6))).join(","));

/** The form begins with "turn:crop", which without scripts says what the crop was made for. */
export function read(text) {
  const crop = text.replace(/^\d:/, "").split(",").map(Number);
  return text && crop.length === 4 && crop.every(Number.isFinite) ? crop : ALL;
}

export const turnedSize = ({ width, height }, turn) => (turn % 2 ? { width: height, height: width } : { width, height });

/** The framed size in px. */
export function size(photo, { turn, crop: [x, y, across, down] }) {
  const { width, height } = turnedSize(photo, turn);
  return {
    width: Math.round((x + across) * width) - Math.round(x * width),
    height: Math.round((y + down) * height) - Math.round(y * height),
  };
}

/** A quarter more: what the crop shows stays the same. */
export function turnedBy({ turn, crop: [x, y, across, down] }, quarters) {
  const crop = quarters > 0 ? [1 - y - down, x, down, across] : [y, 1 - x - across, down, across];
  return { turn: (turn + quarters + 4) % 4, crop };
}

/** From px of the photo to px of the framed photo, drawn `scale` times as large. */
export function matrix(photo, { turn, crop }, scale) {
  const { width, height } = photo, turned = turnedSize(photo, turn);
  const turns = [[1, 0, 0, 1, 0, 0], [0, 1, -1, 0, height, 0], [-1, 0, 0, -1, width, height], [0, -1, 1, 0, 0, width]];
  return new DOMMatrix().scale(scale).translate(-crop[0] * turned.width, -crop[1] * turned.height).multiply(new DOMMatrix(turns[turn]));
}

/** Make `canvas` as large as the framed photo with its long side at `side`; returns the scale. */
export function fit(canvas, photo, framing, side) {
  const { width, height } = size(photo, framing);
  const scale = side / Math.max(width, height);
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  return scale;
}

/** Draw the framed photo; `source` is what the browser has of it, in whatever size. */
export function draw(canvas, source, photo, framing, side) {
  const scale = fit(canvas, photo, framing, Math.min(side, Math.max(...Object.values(size(photo, framing)))));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.setTransform(matrix(photo, framing, scale));
  context.drawImage(source, 0, 0, photo.width, photo.height);
  return scale;
}
