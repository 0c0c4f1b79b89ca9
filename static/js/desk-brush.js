// The sheet to protect parts: a round brush over the photo, for mouse, finger and pen; eraser, undo, clear.
import { draw, matrix } from "./desk-framing.js";
import { Mask, stroke } from "./desk-mask.js";
import { Sheet } from "./desk-sheet.js";

export const pigment = () => getComputedStyle(document.documentElement).getPropertyValue("--pigment").trim();

export class BrushSheet extends Sheet {
  constructor(dialog) {
    super(dialog);
    this.canvas = this.part("mask");
    this.cursor = this.part("cursor");
    this.radius = this.part("radius");
    this.part("undo").addEventListener("click", () => { this.undone.push(this.mask.layers.pop()); this.redraw(); });
    this.part("clear").addEventListener("click", () => this.add({ clear: true }));
    dialog.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.follow(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => this.end());
    this.canvas.addEventListener("pointerleave", () => { this.cursor.hidden = true; });
    this.radius.addEventListener("input", () => this.ring(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2));
  }

  /** The new layers of the mask, or null. */
  open(source, photo, framing, layers) {
    this.framing = framing;
    this.stroke = null;
    this.undone = [];
    this.mask = new Mask(photo, [...layers]);
    this.scale = draw(this.photo, source, photo, framing, 1600);
    [this.canvas.width, this.canvas.height] = [this.photo.width, this.photo.height];
    this.back = matrix(photo, framing, this.scale).inverse();
    this.cursor.hidden = true;
    this.redraw();
    return this.show(this.photo);
  }

  answer() { return this.mask.layers; }

  key(event) {
    const { key, code, ctrlKey, metaKey, altKey, shiftKey } = event;
    const isZ = /^[a-z]$/i.test(key) ? key.toLowerCase() === "z" : code === "KeyZ"; // the place of the key, where the letters are not Latin
    if (!isZ || !(ctrlKey || metaKey) || altKey) return;
    event.preventDefault();
    if (!shiftKey) this.part("undo").click();
    else if (this.undone.length) this.put(this.undone.pop());
  }

  add(layer) {
    this.undone = [];
    this.put(layer);
  }

  put(layer) {
    this.mask.layers.push(layer);
    this.redraw();
  }

  redraw() {
    this.mask.draw(this.canvas, this.framing, this.scale, pigment());
    this.part("undo").disabled = !this.mask.layers.length;
  }

  begin(event) {
    if (event.button || !event.isPrimary) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    const erase = this.dialog.querySelector("[name=brush-tool]:checked").value === "erase";
    const radius = (Number(this.radius.value) / 200) * (Math.max(this.photo.width, this.photo.height) / this.scale);
    this.stroke = { points: [this.point(event)], radius, erase };
    this.dab(this.stroke.points);
  }

  follow(event) {
    this.ring(event.offsetX, event.offsetY);
    if (!this.stroke || !event.isPrimary) return;
    const { points } = this.stroke, from = points.length - 1;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) points.push(this.point(one));
    this.dab(points.slice(from));
  }

  end() {
    if (!this.stroke) return;
    const done = this.stroke;
    this.stroke = null;
    this.add(done);
  }

  /** Show a piece of the stroke while it is drawn. */
  dab(points) {
    const context = this.canvas.getContext("2d");
    stroke(context, { ...this.stroke, points }, this.back.inverse(), pigment());
    context.resetTransform();
  }

  /** Where on the photo, in its px. */
  point({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const times = this.canvas.width / width;
    return this.back.transformPoint({ x: (clientX - left) * times, y: (clientY - top) * times });
  }

  ring(x, y) {
    const across = (Number(this.radius.value) / 100) * Math.max(this.canvas.clientWidth, this.canvas.clientHeight);
    this.cursor.hidden = false;
    for (const [name, value] of Object.entries({ "--x": x, "--y": y, "--d": across })) this.cursor.style.setProperty(name, `${value}px`);
  }
}
