// Puts a button beside a link that copies its address.
for (const link of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: link.dataset.copy });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.href);
    button.textContent = link.dataset.copied;
    setTimeout(() => { button.textContent = link.dataset.copy; }, 2000);
  });
  link.after(button);
}
