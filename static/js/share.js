// Beside a picture: buttons that send its address by the device's own means, where it has some, or copy it.
for (const box of document.querySelectorAll("[data-share]")) {
  const link = box.querySelector("[data-share-link]");
  const url = link ? link.href : location.origin + location.pathname;
  const said = box.querySelector("[data-share-said]");
  const button = (words, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button button--bare", textContent: words });
    made.addEventListener("click", act);
    box.insertBefore(made, said);
    return made;
  };
  if (navigator.share) button(box.dataset.send, async () => {
    try { await navigator.share({ title: document.title, url }); } catch { /* changed their mind */ }
  });
  if (navigator.clipboard) {
    let field;
    const copy = button(box.dataset.copy, async () => {
      try { await navigator.clipboard.writeText(url); } catch { // refused: the address itself, to be copied by hand
        if (!field) copy.before(field = Object.assign(document.createElement("input"), { readOnly: true, value: url }));
        field.setAttribute("aria-label", box.dataset.copy);
        field.select();
        return;
      }
      copy.textContent = said.textContent = box.dataset.copied;
      setTimeout(() => { copy.textContent = box.dataset.copy; said.textContent = ""; }, 2500);
    });
  }
}
