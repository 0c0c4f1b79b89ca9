// The photo's desk: take, turn, crop, protect. It writes plain fields of the form; the server does what they say.
import { BrushSheet, pigment } from "./desk-brush.js";
import { CropSheet } from "./desk-crop.js";
import { ALL, draw, isAll, read, size, turnedBy, written } from "./desk-framing.js";
import { Mask } from "./desk-mask.js";

const SOURCE = 2048; // px, the long side of what is kept of the photo for showing it

class Desk {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.drop = this.form.elements.photo.closest("[data-drop]");
    this.view = Object.assign(document.createElement("canvas"), { className: "drop__preview desk__view", hidden: true });
    this.drop.querySelector("[data-drop-preview]").after(this.view);
    for (const name of ["crop", "protect_kept"]) this.hide(name);
    this.cropSheet = new CropSheet(document.querySelector("[data-crop]"));
    this.brushSheet = new BrushSheet(document.querySelector("[data-brush]"));
    box.addEventListener("click", ({ target }) => { const tool = target.closest("[data-do]"); if (tool) this[tool.dataset.do](); });
    this.drop.addEventListener("drop:taken", ({ detail }) => this.another(detail));
    this.field("protect").addEventListener("change", () => this.chosenMask());
    this.camera();
    this.begin();
  }

  field(name) { return this.form.elements[name]; }
  part(name) { return this.box.querySelector(`[data-desk-${name}]`); }

  /** A choice that is only for those without JavaScript becomes a plain value. */
  hide(name) {
    const { value, tagName } = this.field(name);
    if (tagName !== "SELECT") return;
    this.field(name).replaceWith(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }

  camera() {
    const take = this.part("take"), input = take.querySelector("input");
    take.hidden = this.drop.classList.contains("has-picture");
    input.addEventListener("change", () => {
      if (input.files.length) this.drop.dispatchEvent(new CustomEvent("drop:give", { detail: input.files }));
      input.value = "";
    });
  }

  /** The photo that is on the server already, as it was framed. */
  async begin() {
    const { source, width, height, mask } = this.box.dataset;
    const file = this.field("photo").files[0];
    if (file) { this.another(file); return; } // the browser kept a choice over a reload
    if (!source) { this.box.classList.toggle("is-live", !this.drop.classList.contains("has-picture")); return; }
    this.framing = { turn: Number(this.field("turn").value) || 0, crop: read(this.field("crop").value) };
    this.keptKey = this.field("protect_kept").value;
    this.keptFor = this.field("protect_for").value;
    const turn = this.loading = {};
    const layers = mask ? await Mask.layer(mask, this.framing, true).then((layer) => [layer], () => null) : [];
    if (!layers || turn !== this.loading) return; // a mask that did not arrive is not to be lost: the fields stay as they are
    await this.load(source, { width: Number(width), height: Number(height) }, layers);
  }

  /** Another photo: nothing that was done with the one before holds for it. */
  async another(file) {
    this.field("photo_kept").value = "";
    this.framing = { turn: 0, crop: ALL };
    this.keptKey = "";
    this.mask = null;
    this.view.hidden = true;
    this.part("take").hidden = true;
    this.write();
    const url = URL.createObjectURL(file);
    await this.load(url);
    URL.revokeObjectURL(url);
  }

  /** Get the tools ready for a photo; where the browser cannot show it, the plain fields stay. */
  async load(url, given, layers = []) {
    const image = new Image(), turn = this.loading = {};
    image.src = url;
    const shown = await image.decode().then(() => true, () => false);
    if (turn !== this.loading) return;
    this.box.classList.toggle("is-live", shown);
    this.box.classList.add("has-photo");
    this.part("bar").hidden = !shown;
    if (!shown) return;
    const own = { width: image.naturalWidth, height: image.naturalHeight };
    this.photo = given ?? own;
    this.source = document.createElement("canvas");
    draw(this.source, image, own, { turn: 0, crop: ALL }, SOURCE);
    this.mask = new Mask(this.photo, layers);
    this.show();
  }

  left() { this.frame(turnedBy(this.framing, -1)); }
  right() { this.frame(turnedBy(this.framing, 1)); }
  reset() { this.mask.layers = []; this.frame({ turn: 0, crop: ALL }); this.box.querySelector("[data-do=left]").focus(); }

  async crop() {
    const crop = await this.cropSheet.open(this.source, this.photo, this.framing);
    if (crop) this.frame({ ...this.framing, crop });
  }

  async protect() {
    const layers = await this.brushSheet.open(this.source, this.photo, this.framing, this.mask.layers);
    if (!layers) return;
    this.mask.layers = layers;
    this.show();
  }

  /** A mask of one's own lies over the photo as it is framed now. */
  async chosenMask() {
    const file = this.field("protect").files[0];
    if (!this.mask) return;
    const url = file && URL.createObjectURL(file);
    this.keptKey = "";
    try {
      this.mask.layers = file ? [await Mask.layer(url, this.framing)] : [];
      this.show();
    } catch {
      this.mask.layers = []; // the server says what is wrong with it
      this.field("protect_kept").value = "";
    }
    URL.revokeObjectURL(url);
  }

  frame(framing) {
    this.framing = framing;
    this.show();
  }

  /** Write the fields, and show what they mean. */
  show() {
    this.write();
    const changed = this.framing.turn !== 0 || !isAll(this.framing.crop), isProtected = this.isProtected;
    this.view.hidden = !changed && !isProtected;
    if (!this.view.hidden) this.preview();
    const { turned, cropped, protected: stays } = this.box.dataset;
    const { width, height } = size(this.photo, this.framing);
    const words = [
      this.framing.turn ? turned : "", isAll(this.framing.crop) ? "" : cropped.replace("SIZE", `${width} × ${height}`), isProtected ? stays : "",
    ].filter(Boolean).join(" ");
    const state = this.part("state");
    state.textContent = words || (state.textContent ? this.box.dataset.all : "");
    this.box.querySelector("[data-do=reset]").hidden = !words;
  }

  write() {
    const crop = written(this.framing.crop), now = `${this.framing.turn}:${crop}`;
    this.field("turn").value = this.framing.turn;
    this.field("crop").value = crop;
    const layers = this.mask?.layers ?? [], same = this.keptKey && now === this.keptFor && layers.length === 1 && layers[0].kept;
    const file = same ? null : this.mask?.file(this.framing), one = new DataTransfer();
    if (file) one.items.add(file);
    this.isProtected = Boolean(same || file);
    this.field("protect").files = one.files;
    this.field("protect_kept").value = same ? this.keptKey : "";
  }

  preview() {
    const scale = draw(this.view, this.source, this.photo, this.framing, 1024);
    const over = Object.assign(document.createElement("canvas"), { width: this.view.width, height: this.view.height });
    this.mask.draw(over, this.framing, scale, pigment());
    const context = this.view.getContext("2d");
    context.resetTransform();
    context.globalAlpha = 0.55;
    context.drawImage(over, 0, 0);
    context.globalAlpha = 1;
  }
}

function start() {
  const box = document.querySelector("[data-desk]");
  if (box) new Desk(box);
}

start();
document.addEventListener("main:replaced", start);
