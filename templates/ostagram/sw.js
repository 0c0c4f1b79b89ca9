// When a page cannot be reached, shows one that says so. Keeps no other page, so nothing here can grow old.
const KEPT = "ostagram-offline-{{ version }}";
const OFFLINE = "{% url 'offline' %}";
const NOT_PAGES = /^\/(pictures|styles|uploads|watch|static|admin)\//;

addEventListener("install", (event) => {
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
    await registration.navigationPreload?.enable();
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || request.method !== "GET" || NOT_PAGES.test(new URL(request.url).pathname)) return;
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
