// Sends the form once, with a bar; when the connection or the server breaks, everything chosen is still there.
let sent = false;

function start() {
  document.querySelector("[data-errors]")?.focus();
  document.querySelector("[data-send]")?.addEventListener("submit", (event) => {
    if (!event.submitter) return; // too old to say which button it was: the browser sends the form itself
    event.preventDefault();
    send(event.target, event.submitter);
  });
}

function send(form, button) {
  const buttons = form.querySelectorAll(".create__send button");
  if (button.disabled) return;
  const label = button.querySelector("[data-send-label]");
  const bar = form.querySelector("[data-send-bar]");
  const trouble = form.querySelector("[data-send-trouble]");
  const words = label.textContent;
  const hold = (held) => { for (const one of buttons) one.disabled = held; };
  const free = () => { hold(false); label.textContent = words; bar.hidden = true; };
  const request = new XMLHttpRequest();

  const body = new FormData(form);
  if (button.name) body.set(button.name, button.value);
  hold(true);
  label.textContent = button.dataset.sending;
  trouble.textContent = "";
  bar.removeAttribute("value");
  bar.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => { if (loaded < total) bar.value = loaded / total; else bar.removeAttribute("value"); });
  request.addEventListener("error", () => { free(); trouble.textContent = form.dataset.broken; });
  request.addEventListener("load", () => {
    if (request.status < 400) { accepted(request.responseURL); return; }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    if (page.querySelector("main [data-send]")) { replaceMain(page); return; }
    free(); // a page of trouble, ours or a proxy's: without the form, so what was chosen stays here
    const said = [...page.querySelectorAll("main h1, main .lead")].map((words) => words.textContent.trim().replace(/([^.!?…])$/, "$1."));
    trouble.textContent = said.join(" ") || form.dataset.broken;
    if (page.querySelector("[data-afresh-form]")) renew(form).then((is) => { if (is) trouble.textContent = `${said.join(" ")} ${form.dataset.renewed}`; });
  });
  request.open("POST", form.action);
  request.send(body);
}

/** To the page of what was ordered; what was kept for another try is let go first. */
async function accepted(address) {
  const waits = [];
  sent = true;
  if (new URL(address).pathname.startsWith("/jobs/")) document.dispatchEvent(new CustomEvent("form:accepted", { detail: { waits } }));
  await Promise.all(waits);
  location.assign(address);
}

/** Somebody has signed in or out in another window: take the token of a fresh form, and leave what was chosen. */
async function renew(form) {
  const answer = await fetch(form.action, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page && page.querySelector("[data-send]");
  if (!fresh) return false;
  form.elements.csrfmiddlewaretoken.value = fresh.elements.csrfmiddlewaretoken.value;
  form.dataset.who = fresh.dataset.who;
  return true;
}

function replaceMain(page) {
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  document.title = page.title;
  scrollTo(0, 0);
  start();
  document.dispatchEvent(new CustomEvent("main:replaced"));
}

start();
addEventListener("pageshow", (event) => { if (event.persisted && sent) location.reload(); }); // back from the job's page: a new form
