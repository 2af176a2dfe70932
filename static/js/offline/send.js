import { change, entriesOf, entryOf, receive } from "./store.js";

// Runs in pages and in the worker: no document here.
const TICKET = "/queue/ticket";
const JSON_ONLY = { Accept: "application/json" };
const CLOCK_TOLERANCE_MS = 5 * 60_000;
// These say "not now"; every other refusal is about the entry.
const LATER = new Set([408, 425, 429]);

/**
 * Send what waits of whoever is signed in. Answers {state, user}: "done", "away" (no network, or no
 * answer of ours), "signed-out", or "busy" (another tab is at it).
 */
export function flush() {
  return alone("queue", send, { state: "busy" });
}

/** An entry stays with this page as long as the page is open: it is being sent here, or corrected. */
export function own(key) {
  navigator.locks?.request(`entry:${key}`, () => new Promise(() => {}));
}

// Nobody else meanwhile. An address without https has no locks: then the server's key must do.
function alone(name, work, otherwise) {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : otherwise));
}

async function send() {
  let ticket = await askTicket();
  if (!ticket.user) return ticket;
  const { user } = ticket;
  const one = async (key) => {
    const entry = await entryOf(user, key); // as it is now: it may have been corrected, or sent
    if (!entry || entry.state === "refused") return null;
    let answer = await post(entry, ticket);
    if (answer.status === 400 && answer.body?.code === "expired") {
      ticket = await askTicket();
      if (ticket.user !== user) return ticket.state ?? "signed-out";
      answer = await post(entry, ticket);
    }
    return settle(entry, answer);
  };
  for (const { key } of await entriesOf(user)) {
    const state = await alone(`entry:${key}`, () => one(key), null);
    if (state) return { state, user };
  }
  return { state: "done", user };
}

/** Who is signed in, a token that is good now, and by how much the phone's clock is off. */
async function askTicket() {
  const answer = await fetch(TICKET, { headers: JSON_ONLY, cache: "no-store" }).catch(() => null);
  if (answer?.status === 401) return { state: "signed-out" };
  const body = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!body?.user) return { state: "away" };
  return { user: body.user, token: body.csrf_token, ahead: Date.now() - Date.parse(body.now) };
}

async function post(entry, ticket) {
  const form = new FormData();
  for (const [name, value] of corrected(entry, ticket.ahead)) form.append(name, value);
  try {
    const answer = await fetch(entry.url, {
      method: "POST",
      body: form,
      redirect: "manual",
      headers: { ...JSON_ONLY, "X-CSRFToken": ticket.token, "X-Queued-By": entry.user },
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/** What becomes of an entry by the answer; a word when nothing more can go now. */
async function settle(entry, { status, body }) {
  if (status === 401 || body?.code === "other_person" || body?.code === "expired") return "signed-out";
  if ((status === 200 || status === 201) && body?.id) {
    await receive(entry, body.url);
    return null;
  }
  // Neither refused nor received: no connection, or a page of somebody else's network.
  if (status < 400) return "away";
  const about = status < 500 && !LATER.has(status);
  await change(entry.user, entry.key, {
    state: about ? "refused" : "waiting",
    reason: { message: body?.message ?? "", errors: body?.errors ?? {}, gone: status === 404 },
  });
  return null;
}

// A moment that the phone filled in by a wrong clock; what a person typed stays as it is.
function corrected(entry, ahead) {
  const off = ahead - (entry.ahead ?? 0);
  if (!entry.byClock || Math.abs(off) <= CLOCK_TOLERANCE_MS) return entry.fields;
  return entry.fields.map(([name, value]) =>
    name === "occurred_at" ? [name, shifted(value, -off)] : [name, value],
  );
}

// "2026-12-01T09:30" has no offset: it is taken for UTC and stays what it is, moved.
function shifted(text, by) {
  return new Date(Date.parse(`${text}Z`) + by).toISOString().slice(0, 16);
}
