// The further styles: a file of one's own and a style of the gallery take each other's place, as the server would have it.
function preview(slot, file) {
  const image = slot.querySelector("[data-mix-preview]");
  if (image.src) URL.revokeObjectURL(image.src);
  image.hidden = !file;
  image.onerror = () => { image.hidden = true; }; // HEIC, which most browsers do not show
  if (file) image.src = URL.createObjectURL(file);
  else image.removeAttribute("src");
}

document.addEventListener("change", ({ target }) => {
  const slot = target.closest("[data-mix]");
  if (!slot || target.tagName !== "INPUT") return;
  const chooser = slot.querySelector("input[type=file]");
  if (target.type === "radio") chooser.value = "";
  preview(slot, chooser.files[0]);
  const radios = [...slot.querySelectorAll("input[type=radio]")];
  if (chooser.files.length) for (const radio of radios) radio.checked = false;
  else if (!radios.some((radio) => radio.checked)) radios[0].checked = true;
});
