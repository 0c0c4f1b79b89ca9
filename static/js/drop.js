// The places for pictures: dropping, pasting, previews, a first look at type and size; a chosen style of the gallery.
import { ask } from "./desk-ask.js";

const TYPES = /^image\/(jpeg|png|webp|avif|hei[cf](-sequence)?)$/;
const UNSHOWN = /hei[cf]|avif/i; // which browsers may not show, though we can read them
const NAMES = /\.(jpe?g|png|webp|avif|hei[cf])$/i;

class Drop {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input[type=file]");
    this.preview = box.querySelector("[data-drop-preview]");
    this.blind = box.querySelector("[data-drop-blind]");
    this.name = box.querySelector("[data-drop-name]");
    this.trouble = box.querySelector("[data-drop-trouble]");
    this.held = this.input.files; // a chooser that is cancelled empties the input; this gives it back
    box.classList.add("is-live");
    this.input.addEventListener("change", () => this.chosen());
    box.addEventListener("dragover", (event) => this.over(event, true));
    box.addEventListener("dragleave", (event) => this.over(event, box.contains(event.relatedTarget)));
    box.addEventListener("drop", (event) => { this.over(event, false); this.take(event.dataTransfer.files); });
    box.addEventListener("drop:give", ({ detail }) => this.take(detail));
    this.preview.addEventListener("error", () => this.show({ blind: true }));
    if (this.input.files.length) this.chosen(); // the browser kept a choice over a reload
  }

  get isEmpty() { return !this.box.classList.contains("has-picture"); }

  over(event, inside) {
    event.preventDefault();
    this.box.classList.toggle("is-over", inside);
  }

  chosen() {
    if (!this.input.files.length && this.held.length) this.input.files = this.held;
    if (this.input.files.length) this.take(this.input.files);
  }

  take(files) {
    const file = files[0];
    const wrong = file ? this.wrongWith(file) : "";
    this.say(wrong);
    if (!file || wrong) { this.input.files = this.held; return; }
    const one = new DataTransfer();
    one.items.add(file);
    this.held = this.input.files = one.files;
    this.file = file;
    this.show({ src: URL.createObjectURL(file), name: file.name });
    this.box.dispatchEvent(new CustomEvent("drop:taken", { bubbles: true, detail: file }));
  }

  wrongWith(file) {
    if (!TYPES.test(file.type) && !NAMES.test(file.name)) return this.box.dataset.notAPicture;
    return file.size > Number(this.box.dataset.most) ? this.box.dataset.tooLarge : "";
  }

  say(words) {
    this.trouble.textContent = words;
    this.box.classList.toggle("drop--wrong", Boolean(words));
  }

  show({ src = this.preview.src, name = this.name.textContent, blind = false }) {
    if (!blind && this.preview.src.startsWith("blob:") && this.preview.src !== src) URL.revokeObjectURL(this.preview.src);
    this.preview.hidden = blind;
    this.blind.hidden = !blind;
    if (blind) this.blind.querySelector("[data-drop-blind-words]").textContent = this.unshown();
    else this.preview.src = src;
    this.name.textContent = name;
    this.box.classList.add("has-picture");
  }

  unshown() {
    const { noPreview, damaged } = this.box.dataset;
    return this.file && UNSHOWN.test(this.file.type + this.file.name) ? noPreview : damaged;
  }

  /** Show a picture that is on the server; the file, if any, is let go. */
  borrow(src, name) {
    this.input.files = this.held = new DataTransfer().files;
    this.say("");
    this.show({ src, name });
  }
}

function start() {
  const [photo, style] = [...document.querySelectorAll("[data-drop]")].map((box) => new Drop(box));
  const styles = document.querySelector("[data-styles]");
  styles?.addEventListener("change", ({ target }) => style.borrow(target.dataset.picture, target.dataset.name));
  style?.box.addEventListener("drop:taken", () => {
    for (const radio of styles?.querySelectorAll(":checked") ?? []) radio.checked = false;
  });
  const checked = styles?.querySelector(":checked");
  if (checked && !style.input.files.length) style.borrow(checked.dataset.picture, checked.dataset.name);
  return async (files) => {
    if (photo.isEmpty || photo.wrongWith(files[0])) { photo.take(files); return; }
    const zones = { photo, style };
    zones[await ask(files[0])]?.take(files);
  };
}

const isCovered = () => document.querySelector("dialog:modal"); // a sheet works on the photo that lies there

let takeAnywhere = start();
document.addEventListener("main:replaced", () => { takeAnywhere = start(); });
addEventListener("dragover", (event) => event.preventDefault()); // a picture dropped beside a zone must not replace the page
addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.target.closest?.("[data-drop]") && event.dataTransfer.files.length && !isCovered()) takeAnywhere(event.dataTransfer.files);
});
addEventListener("paste", ({ clipboardData }) => { if (clipboardData?.files.length && !isCovered()) takeAnywhere(clipboardData.files); });
