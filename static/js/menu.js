// For who is signed in: closes the account's menu as people expect, by Escape or by a click beside it; and what was chosen
// for a painting and not sent leaves the browser with them.
import { forget } from "./draft-store.js";

const menu = document.querySelector(".menu");
addEventListener("click", ({ target }) => { if (!menu.contains(target)) menu.open = false; });
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
addEventListener("submit", async (event) => {
  if (!event.target.matches("[action$='/logout/']")) return;
  event.preventDefault();
  await forget(); // settles in a moment, whatever happens
  event.target.submit();
});
