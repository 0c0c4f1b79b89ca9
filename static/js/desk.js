// The photo's desk: take, turn, crop, protect. It writes plain fields of the form; the server does what they say.
import { BrushSheet, pigment } from "./desk-brush.js";
import { CropSheet } from "./desk-crop.js";
import { ALL, draw, isAll, read, size, turnedBy, written } from "./desk-framing.js";
import { Mask } from "./desk-mask.js";

const NUMBERS = ["left", "top", "width", "height"].map((name) => `crop_${name}`); // a crop for those without these tools
const SOURCE = 2048; // px, the long side of what is kept of the photo for showing it

class Desk {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.drop = this.form.elements.photo.closest("[data-drop]");
    this.view = Object.assign(document.createElement("canvas"), { className: "drop__preview desk__view", hidden: true });
    this.drop.querySelector("[data-drop-preview]").after(this.view);
    this.hide("protect_kept");
    this.cropSheet = new CropSheet(document.querySelector("[data-crop]"));
    this.brushSheet = new BrushSheet(document.querySelector("[data-brush]"));
    box.addEventListener("click", ({ target }) => { const tool = target.closest("[data-do]"); if (tool && this.mask) this[tool.dataset.do](); });
    box.addEventListener("desk:restore", ({ detail }) => { detail.done = this.restore(detail); });
    this.drop.addEventListener("drop:taken", ({ detail }) => { this.ready = this.another(detail); });
    this.field("protect").addEventListener("change", () => this.chosenMask());
    this.camera();
    this.ready = this.begin();
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
    if (file) { await this.another(file); return; } // the browser kept a choice over a reload
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
    this.mask = this.unread = this.awaited = null;
    this.view.hidden = true;
    this.part("take").hidden = true;
    this.part("state").textContent = "";
    this.rest(true);
    for (const name of NUMBERS) this.field(name).value = "";
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
    for (const name of NUMBERS) this.field(name).disabled = shown;
    if (!shown) return;
    const own = { width: image.naturalWidth, height: image.naturalHeight };
    this.photo = given ?? own;
    this.source = document.createElement("canvas");
    draw(this.source, image, own, { turn: 0, crop: ALL }, SOURCE);
    this.mask = new Mask(this.photo, layers);
    this.rest(false);
    this.show();
  }

  /** While a photo is being read there is nothing that the tools could work on. */
  rest(isResting) {
    for (const tool of this.box.querySelectorAll("[data-do]")) tool.disabled = isResting;
  }

  /** The photo that has just been given, framed and protected as it was in a form that was not sent. */
  async restore({ turn = "", crop = "", mask, kept }) {
    const { ready } = this;
    this.framing = { turn: Number(turn) || 0, crop: read(crop) };
    this.awaited = mask;
    this.writePlainly(mask); // at once: the form may be sent in the next moment
    await ready;
    if (ready !== this.ready || !this.mask) return;
    if (mask) { await this.lay(mask); return; }
    if (!kept || kept !== this.keptKey) this.mask.layers = [];
    this.show();
  }

  left() { this.frame(turnedBy(this.framing, -1)); }
  right() { this.frame(turnedBy(this.framing, 1)); }
  reset() { this.mask.layers = []; this.unread = null; this.frame({ turn: 0, crop: ALL }); this.box.querySelector("[data-do=left]").focus(); }

  async crop() {
    const { mask } = this, crop = await this.cropSheet.open(this.source, this.photo, this.framing);
    if (crop && mask === this.mask) this.frame({ ...this.framing, crop });
  }

  async protect() {
    const { mask } = this, layers = await this.brushSheet.open(this.source, this.photo, this.framing, mask.layers);
    if (!layers || mask !== this.mask) return;
    if (layers.length) this.unread = null;
    mask.layers = layers;
    this.show();
  }

  /** A mask of one's own lies over the photo as it is framed now. */
  async chosenMask() {
    const [file] = this.field("protect").files;
    this.awaited = file;
    await this.ready;
    if (!this.mask) return;
    this.keptKey = "";
    await this.lay(file);
  }

  /** Where the browser cannot read the file it is sent as it is: the server can, or says what is wrong with it. */
  async lay(file) {
    const { mask } = this, url = file && URL.createObjectURL(file);
    const layers = file ? await Mask.layer(url, this.framing).then((layer) => [layer], () => null) : [];
    URL.revokeObjectURL(url);
    if (mask !== this.mask) return;
    this.awaited = null;
    this.unread = layers ? null : file;
    mask.layers = layers ?? [];
    this.show();
  }

  frame(framing) {
    this.framing = framing;
    this.show();
  }

  /** Write the fields, and show what they mean. */
  show() {
    this.write();
    const changed = this.framing.turn !== 0 || !isAll(this.framing.crop), isProtected = this.isProtected && !this.unread;
    this.view.hidden = !changed && !isProtected;
    if (!this.view.hidden) this.preview();
    const { turned, cropped, protected: stays, unread } = this.box.dataset;
    const { width, height } = size(this.photo, this.framing);
    const words = [
      this.framing.turn ? turned : "", isAll(this.framing.crop) ? "" : cropped.replace("SIZE", `${width} × ${height}`), isProtected ? stays : this.unread ? unread : "",
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
    const file = same ? null : this.awaited ?? this.unread ?? this.mask?.file(this.framing);
    this.isProtected = Boolean(same || file);
    this.send(file);
    this.field("protect_kept").value = same ? this.keptKey : "";
    this.box.dispatchEvent(new CustomEvent("desk:written", { bubbles: true }));
  }

  /** The fields of a photo that is not there to be shown. */
  writePlainly(mask) {
    this.field("turn").value = this.framing.turn;
    this.field("crop").value = written(this.framing.crop);
    this.send(mask);
  }

  send(mask) {
    const one = new DataTransfer();
    if (mask) one.items.add(mask);
    this.field("protect").files = one.files;
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
