// The service worker: network first, a copy without one; and what waits goes by itself.
import { copyOf, hand, keep, mayKeep, warm } from "./pages.js";
import { flush } from "./send.js";
import { entriesOf, fact } from "./store.js";

/* global VERSION, ASSETS */
// Both are written in by bin/assets: a changed asset is a changed worker.
const CACHE = `assets:${VERSION}`;
const AWAY = "/offline";
// So long a copy waits for the network, when there is one to show.
const PATIENCE_MS = 5000;
// After a form was sent its answer is waited for: it says what became of it.
const AFTER_FORM_MS = 30_000;
// A page that nobody opened before has a plain one that stands for it.
const STANDS_FOR = [
  [/^\/visits\/new$/, "/visits/new"],
  [/^\/leads\/[2-9a-z]+\/next-steps\/new$/, "/next-steps/new"],
  [/^\/$/, "/today"],
];

let formAt = 0;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...ASSETS, AWAY])));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // The assets of the version before stay: its pages may still be open, or kept.
      const before = (await caches.keys()).filter((name) => name.startsWith("assets:") && name !== CACHE);
      await Promise.all(before.slice(0, -1).map((name) => caches.delete(name)));
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(read(event));
  else if (request.mode === "navigate") event.respondWith(sent(event, url));
  else if (url.pathname.startsWith("/static/vendor/")) event.respondWith(asset(request));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "queue") event.waitUntil(flushAll());
});

self.addEventListener("message", (event) => {
  const { warm: addresses, knows } = event.data ?? {};
  if (addresses) event.waitUntil(warm(addresses));
  if (!knows) return;
  // A page made with our own assets gives way to us at once; an older one is told.
  const ours = ASSETS.includes(knows);
  if (ours) self.skipWaiting();
  event.ports[0]?.postMessage(ours);
});

async function read(event) {
  const { url } = event.request;
  const asked = ask(event);
  const patience = Date.now() - formAt < AFTER_FORM_MS ? AFTER_FORM_MS : PATIENCE_MS;
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  const first = await Promise.race([asked, late]).catch(() => null);
  return first ?? (await shown(url).catch(() => null)) ?? asked.catch(() => instead(url));
}

/** No network and no copy: the account's page, which stays nowhere, gives way to what waits to be sent. */
async function instead(address) {
  const waits = new URL(address).pathname === "/account" && (await copyOf("/queue").catch(() => null));
  return waits ? Response.redirect("/queue", 302) : away();
}

async function ask(event) {
  const answer = (await event.preloadResponse) ?? (await fetch(event.request));
  // Whose page it is has to be known before it is shown; the copy may take its time.
  const wanted = await mayKeep(answer).catch(() => false);
  if (wanted) event.waitUntil(keep(event.request.url, answer.clone()).catch(() => {}));
  return answer;
}

/** A copy of the page, or of the one that stands for it. */
async function shown(address) {
  const copy = await copyOf(address);
  if (copy) return copy;
  const { pathname } = new URL(address);
  const other = STANDS_FOR.find(([pattern]) => pattern.test(pathname))?.[1];
  return other ? copyOf(other) : null;
}

async function away() {
  return (await caches.match(AWAY)) ?? Response.error();
}

async function sent(event, url) {
  formAt = Date.now();
  // Whoever signs out reads nothing here any more, whatever the network says.
  if (url.pathname === "/logout") await hand("").catch(() => {});
  try {
    return await fetch(event.request);
  } catch {
    return (await isWritten(url.pathname).catch(() => false)) ? Response.redirect("/queue", 303) : away();
  }
}

/** Whether the form that did not go through was written down before. */
async function isWritten(path) {
  const written = await entriesOf(await fact("reader"));
  return written.some(({ state, url }) => state === "direct" && url === path);
}

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function flushAll() {
  const { state } = await flush();
  const windows = await self.clients.matchAll({ type: "window" });
  windows.forEach((client) => client.postMessage({ queue: state }));
  // A rejected sync comes again by itself.
  if (state === "away") throw new Error("no network yet");
}
