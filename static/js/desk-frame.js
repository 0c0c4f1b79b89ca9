// A frame with handles over a picture, for mouse, finger and arrow keys; free, or in a given proportion.
const LEAST = 64; // px of the picture, on each side
const LONGEST = 8; // times the short side
const STEP = 0.01, BIG_STEP = 0.05; // of the long side, for the keys
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value, low, high) => Math.max(Math.min(value, high), low);

export class Frame {
  /** `ratio` says the proportion that holds now, 0 for none; `moved` is called after every change. */
  constructor(stage, ratio, moved, least = LEAST) {
    [this.stage, this.ratio, this.moved, this.smallest] = [stage, ratio, moved, least];
    stage.addEventListener("pointerdown", (event) => this.grip(event));
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  /** Over a picture of these sides in px, at this crop in fractions. */
  open(sides, crop) {
    this.sides = sides;
    this.put(...crop.map((n, i) => n * sides[i % 2]));
  }

  get crop() { return this.box.map((n, i) => n / this.sides[i % 2]); }

  put(x, y, width, height) {
    this.box = [x, y, width, height];
    ["--x", "--y", "--cw", "--ch"].forEach((name, i) => this.stage.style.setProperty(name, `${(100 * this.box[i]) / this.sides[i % 2]}%`));
    this.moved(this.box);
  }

  /** The largest frame of the proportion around the same middle. */
  proportion() {
    const [x, y, width, height] = this.box, [across, down] = this.sides, ratio = this.ratio();
    if (!ratio) return this.put(x, y, width, height);
    const middle = [x + width / 2, y + height / 2];
    const wide = Math.max(2 * Math.min(middle[0], across - middle[0], ratio * middle[1], ratio * (down - middle[1])), this.least(ratio));
    this.hold(middle[0] - wide / 2, middle[1] - wide / ratio / 2, wide, wide / ratio);
  }

  /** How wide the frame must be at least. */
  least(ratio) { return Math.min(Math.max(this.smallest, this.smallest * ratio), this.sides[0], this.sides[1] * ratio); }

  /** Put a frame where it lies within the picture. */
  hold(x, y, width, height) { this.put(clamp(x, 0, this.sides[0] - width), clamp(y, 0, this.sides[1] - height), width, height); }

  grip(event) {
    const handle = event.target.closest("[data-edge]");
    if (!handle || event.button || !event.isPrimary) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const begun = [...this.box], scale = this.sides[0] / this.stage.clientWidth;
    const move = ({ clientX, clientY }) => this.drag(begun, handle.dataset.edge, (clientX - event.clientX) * scale, (clientY - event.clientY) * scale);
    const drop = () => {
      handle.removeEventListener("pointermove", move);
      for (const end of ["pointerup", "pointercancel"]) handle.removeEventListener(end, drop);
    };
    handle.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, drop);
  }

  key(event) {
    const way = KEYS[event.key], handle = event.target.closest("[data-edge]");
    if (!way || !handle) return;
    event.preventDefault();
    const step = Math.max(1, (event.shiftKey ? BIG_STEP : STEP) * Math.max(...this.sides));
    this.drag([...this.box], handle.dataset.edge, way[0] * step, way[1] * step);
  }

  /** Move the frame `begun`, or what of it `edge` names (n, e, s, w or two of them), by (dx, dy). */
  drag(begun, edge, dx, dy) {
    const [x, y, width, height] = begun;
    if (!edge) return this.hold(x + dx, y + dy, width, height);
    const along = (dir, d) => (edge.includes(dir[0]) ? -d : edge.includes(dir[1]) ? d : 0);
    let wide = width + along("we", dx), high = height + along("ns", dy);
    const ratio = this.ratio(), [roomX, roomY] = [this.room(0, begun, edge, "we"), this.room(1, begun, edge, "ns")];
    if (ratio) {
      wide = edge.length === 2 ? (wide + high * ratio) / 2 : /[we]/.test(edge) ? wide : high * ratio;
      wide = clamp(wide, this.least(ratio), Math.min(roomX, roomY * ratio));
      high = wide / ratio;
    } else {
      wide = clamp(wide, Math.min(Math.max(this.smallest, /[we]/.test(edge) ? height / LONGEST : 0), roomX), Math.min(roomX, /[we]/.test(edge) ? high * LONGEST : roomX));
      high = clamp(high, Math.min(Math.max(this.smallest, wide / LONGEST), roomY), Math.min(roomY, wide * LONGEST));
    }
    const start = (dir, from, before, now) => (edge.includes(dir[0]) ? from + before - now : edge.includes(dir[1]) ? from : from + (before - now) / 2);
    this.hold(start("we", x, width, wide), start("ns", y, height, high), wide, high);
  }

  /** How long the frame may become along an axis while its other end, or its middle, stays. */
  room(axis, begun, edge, [low, high]) {
    const from = begun[axis], to = from + begun[axis + 2], end = this.sides[axis];
    if (edge.includes(low)) return to;
    return edge.includes(high) ? end - from : Math.min(from + to, 2 * end - from - to);
  }
}
