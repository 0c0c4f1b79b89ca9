// The sheet to crop: a frame with handles; free, or in given proportions.
import { ALL, draw, turnedSize } from "./desk-framing.js";
import { Frame } from "./desk-frame.js";
import { Sheet } from "./desk-sheet.js";

const QUIET_MS = 500; // after the last move: a size that is still changing is not worth saying

export class CropSheet extends Sheet {
  constructor(dialog) {
    super(dialog);
    this.ratios = [...dialog.querySelectorAll("[name=crop-ratio]")];
    this.frame = new Frame(this.stage, () => this.ratio, (box) => this.moved(box));
    for (const radio of this.ratios) radio.addEventListener("change", () => { this.swapped = false; this.frame.proportion(); });
    this.part("swap").addEventListener("click", () => { this.swapped = !this.swapped; this.frame.proportion(); });
    this.part("all").addEventListener("click", () => { this.ratios[0].checked = true; this.frame.open(this.frame.sides, ALL); });
    this.said = this.part("said");
  }

  /** The new crop, or null. `framing` says how the photo is turned, and how it is cropped now. */
  open(source, photo, framing) {
    const { width, height } = turnedSize(photo, framing.turn);
    draw(this.photo, source, photo, { turn: framing.turn, crop: ALL }, 1600);
    this.ratios[0].checked = true;
    this.swapped = false;
    this.frame.open([width, height], framing.crop);
    clearTimeout(this.saying); // what it begins with is on the sheet
    this.said.textContent = "";
    return this.show({ width, height });
  }

  answer() { return this.frame.crop; }

  get ratio() {
    const { value } = this.ratios.find((radio) => radio.checked), { sides } = this.frame;
    const ratio = value === "own" ? sides[0] / sides[1] : Number(value);
    return this.swapped && ratio ? 1 / ratio : ratio;
  }

  moved([, , width, height]) {
    this.part("size").textContent = `${Math.round(width)} × ${Math.round(height)} px`;
    this.part("swap").disabled = !this.ratio || this.ratio === 1;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.say(), QUIET_MS);
  }

  say() {
    const words = Object.entries({ LEFT: 0, TOP: 1, WIDTH: 2, HEIGHT: 3 });
    this.said.textContent = words.reduce((said, [word, i]) => said.replace(word, Math.round(this.frame.box[i])), this.said.dataset.says);
  }
}
