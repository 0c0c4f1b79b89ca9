// When a page cannot be reached, shows one that says so. Keeps no other page, so nothing here can grow old.
const KEPT = "ostagram-offline-{{ version }}";
const OFFLINE = "{% url 'offline' %}";
const NOT_PAGES = ["pictures", "styles", "uploads", "watch", "static", "admin"];
const BESIDE = [ // what goes straight to the network, where a browser can be told so beforehand
  ...["no-cors", "cors", "same-origin"].map((requestMode) => ({ condition: { requestMode }, source: "network" })),
  ...NOT_PAGES.map((part) => ({ condition: { urlPattern: { pathname: `/${part}/*` } }, source: "network" })),
  { condition: { requestMethod: "POST" }, source: "network" },
];
const ROUTES = "addRoutes" in (self.InstallEvent?.prototype ?? {});

addEventListener("install", (event) => {
  if (ROUTES) event.waitUntil(event.addRoutes(BESIDE).catch(() => {}));
  event.waitUntil((async () => {
    const answer = await fetch(OFFLINE, { cache: "reload" });
    if (!answer.ok || answer.redirected) throw new Error(`no page to keep: ${answer.status}`);
    await (await caches.open(KEPT)).put(OFFLINE, answer);
    await skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const older = (await caches.keys()).filter((name) => name.startsWith("ostagram-") && name !== KEPT);
    await Promise.all(older.map((name) => caches.delete(name)));
    if (ROUTES) await registration.navigationPreload?.enable(); // without them a picture's own page would be asked for twice
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || request.method !== "GET" || NOT_PAGES.includes(new URL(request.url).pathname.split("/")[1])) return;
  event.respondWith((async () => {
    try {
      return await event.preloadResponse ?? await fetch(request);
    } catch (trouble) {
      const page = await caches.match(OFFLINE);
      if (!page) throw trouble;
      return page;
    }
  })());
});
