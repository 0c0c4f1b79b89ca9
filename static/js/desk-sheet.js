// A sheet over the page: opens with what it needs, closes with an answer; Escape and Cancel answer null.
export class Sheet {
  constructor(dialog) {
    this.dialog = dialog;
    this.stage = dialog.querySelector("[data-stage]");
    this.photo = dialog.querySelector("[data-photo]");
    this.part("cancel").addEventListener("click", () => this.close(null));
    this.part("use").addEventListener("click", () => this.close(this.answer()));
    dialog.addEventListener("close", () => { this.settle?.(this.given ?? null); this.settle = null; });
  }

  part(name) { return this.dialog.querySelector(`[data-${name}]`); }

  show({ width, height }) {
    this.stage.style.setProperty("--w", width);
    this.stage.style.setProperty("--h", height);
    this.given = null;
    document.documentElement.classList.add("has-sheet");
    this.dialog.showModal();
    return new Promise((settle) => { this.settle = settle; }).finally(() => document.documentElement.classList.remove("has-sheet"));
  }

  close(answer) {
    this.given = answer;
    this.dialog.close();
  }
}
