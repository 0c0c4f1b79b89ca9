// Keeps one unsent form of the page to create in this browser: its files and choices. Where the browser keeps nothing, nothing breaks.
const NAME = "ostagram-draft", PLACE = "draft", MAIN = "form";
const LIVES_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 1500; // a store that does not answer must hold nobody up
const TAB = Math.random().toString(36).slice(2); // another window may keep its own form in the same place
const written = new Map(); // what of the files lies in the store already

const mark = ({ name, size, lastModified }) => `${name}/${size}/${lastModified}`;
const patience = (work, otherwise) => Promise.race([work.catch(() => otherwise), new Promise((after) => setTimeout(after, PATIENCE_MS, otherwise))]);
const answer = (request) => new Promise((good, bad) => { request.onsuccess = () => good(request.result); request.onerror = () => bad(request.error); });

/** One transaction, and the store is let go again: an open one may keep a page from being brought back as it was. */
async function inside(mode, work) {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PLACE);
  const base = await answer(request);
  try {
    const deal = base.transaction(PLACE, mode);
    const done = new Promise((good, bad) => { deal.oncomplete = good; deal.onabort = deal.onerror = () => bad(deal.error); });
    done.catch(() => {}); // it is waited for below, unless the work has failed before
    const found = await work(deal.objectStore(PLACE));
    await done;
    return found;
  } finally { base.close(); }
}

/** The form that `who` may have back, as { fields, files, search, … }, or null. Somebody else's, or an old one, is deleted. */
export const recall = (who) => patience((async () => {
  const found = await inside("readonly", async (store) => {
    const main = await answer(store.get(MAIN));
    if (!main) return null;
    const files = await Promise.all(main.files.map(async (name) => [name, await answer(store.get(`file:${name}`))]));
    return { ...main, files: Object.fromEntries(files.filter(([, file]) => file)) };
  });
  if (!found) return null;
  const fresh = Math.abs(Date.now() - found.time) < LIVES_MS, theirs = found.who === "" || found.who === who; // what nobody was signed in for is the browser's
  if (fresh && theirs) return found;
  await forget();
  return null;
})(), null);

/** Keep a form: `fields` are words, `files` are files, both by their field's name; `rest` is what recall gives back with them. */
export const keep = ({ files, ...rest }) => patience(inside("readwrite", async (store) => {
  const before = await answer(store.get(MAIN));
  if (before?.tab !== TAB) { written.clear(); store.clear(); }
  for (const name of [...written.keys()].filter((name) => !(name in files))) { written.delete(name); store.delete(`file:${name}`); }
  for (const [name, file] of Object.entries(files)) {
    if (written.get(name) === mark(file)) continue;
    written.set(name, mark(file));
    store.put(file, `file:${name}`);
  }
  store.put({ ...rest, files: Object.keys(files), time: Date.now(), tab: TAB }, MAIN);
}).catch(() => written.clear()));

export const forget = () => patience(inside("readwrite", async (store) => { written.clear(); store.clear(); }));
