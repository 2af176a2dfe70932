import { fact, setFact } from "./store.js";

// Copies of pages, a cache for each reader. Only what the server marked (views/offline.py) is kept.
const PREFIX = "pages:";
const MOST = 60;
const KEPT_MS = 3 * 86_400_000;
const FRESH_MS = 3_600_000;
const AT = "X-Kept-At";
// They change how an address looks, not what it shows.
const ASIDE = ["lang", "key", "kept", "back"];
const SCRIPT = /\/static\/vendor\/app-[A-Z0-9]+\.js/;

/** Take note of whose page an answer is; true when the server lets us keep a copy of it. */
export async function mayKeep(answer) {
  const ours = answer.headers.has("X-Request-ID") && answer.type === "basic";
  const html = answer.headers.get("Content-Type")?.startsWith("text/html");
  if (!ours || !html || answer.status !== 200) return false;
  const reader = answer.headers.get("X-Reader") ?? "";
  if (reader !== (await fact("reader"))) await hand(reader);
  return Boolean(reader) && answer.headers.has("X-Offline-Copy");
}

/** Keep a copy, under the reader whom the answer names. */
export async function keep(address, answer) {
  const reader = answer.headers.get("X-Reader");
  const headers = new Headers({ [AT]: String(Date.now()) });
  for (const name of ["Content-Type", "Content-Security-Policy", "X-Content-Type-Options"]) {
    if (answer.headers.has(name)) headers.set(name, answer.headers.get(name));
  }
  const text = await answer.text();
  if (reader !== (await fact("reader"))) return; // they went while it was read
  const cache = await caches.open(PREFIX + reader);
  const plain = plainOf(address);
  await cache.delete(plain); // what is put anew stands behind the others
  await cache.put(plain, new Response(text, { headers }));
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map((old) => cache.delete(old)));
}

/** The phone goes to somebody else, or to nobody: no page of another reader stays. */
export async function hand(reader) {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + reader);
  await Promise.all(others.map((name) => caches.delete(name)));
  await setFact("reader", reader);
}

/** The reader's copy of a page, marked with its moment; null without one that can be shown. */
export async function copyOf(address) {
  const found = await standing(address);
  if (!found) return null;
  const text = await found.text();
  // A copy goes with the script it was made for, or not at all.
  const script = text.match(SCRIPT)?.[0];
  if (!script || !(await caches.match(script))) return null;
  const headers = new Headers(found.headers);
  return new Response(text.replace("<html", `<html data-kept-at="${headers.get(AT)}"`), { headers });
}

/** Fetch these pages for later, those that are not fresh anyway. One after the other: it is no hurry. */
export async function warm(addresses) {
  for (const address of addresses) {
    const found = await standing(address);
    if (found && Date.now() - Number(found.headers.get(AT)) < FRESH_MS) continue;
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    // It was asked for by who read here then: who has gone meanwhile is not called back by it.
    const known = await fact("reader");
    const reader = answer?.headers.get("X-Reader") ?? "";
    if (!answer || (known !== undefined && reader !== known)) return;
    if (!answer.redirected && (await mayKeep(answer))) await keep(address, answer);
  }
}

async function standing(address) {
  const reader = await fact("reader");
  if (!reader) return null;
  const cache = await caches.open(PREFIX + reader);
  const found = await cache.match(plainOf(address));
  const old = found && Date.now() - Number(found.headers.get(AT)) > KEPT_MS;
  if (old) await cache.delete(plainOf(address));
  return old ? null : found;
}

function plainOf(address) {
  const url = new URL(address, location.origin);
  ASIDE.forEach((name) => url.searchParams.delete(name));
  if (url.pathname === "/visits/new") url.searchParams.delete("mode"); // kept.js chooses it
  url.hash = "";
  return url.href;
}
