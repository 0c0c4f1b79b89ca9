// Beside a picture: a like without a reload. Where anything goes wrong the form is sent as it is.
for (const form of document.querySelectorAll("form[data-like]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
      const { liked, count } = await answer.json();
      form.action = liked ? form.dataset.unlike : form.dataset.like;
      button.setAttribute("aria-pressed", liked);
      form.querySelector("[data-count]").textContent = count;
    } catch {
      form.submit();
    } finally {
      button.disabled = false;
      button.focus();
    }
  });
}
