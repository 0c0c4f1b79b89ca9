// Closes the account's menu as people expect: by Escape, or by a click beside it.
const menu = document.querySelector(".menu");
addEventListener("click", ({ target }) => { if (!menu.contains(target)) menu.open = false; });
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
