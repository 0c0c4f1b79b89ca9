// Asks where a picture goes that was pasted or dropped beside the zones: "photo", "style", or "" for nowhere.
let pending;

export function ask(file) {
  pending?.("");
  const sheet = document.querySelector("[data-ask]");
  const picture = sheet.querySelector("[data-ask-picture]");
  const before = document.activeElement;
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
  picture.onerror = () => { picture.hidden = true; };
  sheet.show();
  sheet.querySelector("[data-answer]").focus();
  return new Promise((settle) => {
    const over = new AbortController();
    const answer = pending = (where) => {
      pending = null;
      over.abort();
      sheet.close();
      URL.revokeObjectURL(picture.src);
      before?.focus?.();
      settle(where);
    };
    sheet.addEventListener("click", ({ target }) => { const button = target.closest("[data-answer]"); if (button) answer(button.dataset.answer); }, over);
    sheet.addEventListener("keydown", ({ key }) => { if (key === "Escape") answer(""); }, over);
  });
}
