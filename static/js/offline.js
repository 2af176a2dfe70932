// What every page has to know without a signal. All that writes to the phone is loaded when it is needed.
import { freshen, keptAt } from "./kept.js";
import { release } from "./forms.js";
import { toast } from "./toasts.js";
import { whenIdle } from "./turns.js";
import { words } from "./words.js";

const WARM = ["/today", "/visits/new", "/next-steps/new", "/queue"];
const MOST_FORMS = 12;
const AGAIN_MS = 60_000;
// A signal that has just come back may go once more: then soon again, and less and less often.
const SOON_MS = 2_000;
const { user } = document.body.dataset;
const away = words.away ?? {};
// How many wait, as the queue last counted: a page that has none loads nothing.
const COUNTED = `queue:${user}`;
const onQueue = location.pathname === "/queue";
let holding = new WeakSet();
let signedOut = false;
let patience = SOON_MS;
let again = 0;
let newer = false;

const load = () => import("./offline/queue.js");

if (keptAt) document.querySelectorAll("form[data-queue]").forEach(freshen);
if (user) start();
if ("serviceWorker" in navigator) addEventListener("load", register);

function start() {
  document.addEventListener("submit", write, true);
  document.addEventListener("htmx:sendError", unsent);
  whenIdle(follow);
}

// The browser's store and its worker answer from elsewhere, and nothing that is seen waits for them.
function follow() {
  show();
  addEventListener("online", go);
  addEventListener("offline", show);
  addEventListener("storage", ({ key }) => key === COUNTED && show());
  document.addEventListener("visibilitychange", () => !document.hidden && anything() && go());
  setInterval(() => !document.hidden && counted().waiting && go(), AGAIN_MS);
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data.queue) quietly(() => recount(data.queue));
  });
  if (onQueue || anything()) quietly(arrive);
  // At hand before the signal goes.
  else if (document.querySelector("form[data-queue]")) load().catch(() => {});
}

function counted() {
  try {
    return JSON.parse(localStorage.getItem(COUNTED)) ?? {};
  } catch {
    return {};
  }
}

function anything() {
  return ["waiting", "refused", "direct"].some((state) => counted()[state]);
}

async function remember(queue) {
  const found = await queue.count(user);
  try {
    localStorage.setItem(COUNTED, JSON.stringify(found));
  } catch {
    // A full store: the page of the queue asks the queue itself.
  }
  show(found);
}

async function arrive() {
  const queue = await load();
  await queue.arrive(user, { toast, changed: recount, onQueue });
  await recount();
  await send();
}

async function send() {
  show();
  if (!navigator.onLine && !onQueue) return;
  const queue = await load();
  const state = await queue.go();
  await recount(state);
  clearTimeout(again);
  const later = (state === "away" || state === "busy") && counted().waiting;
  if (later) again = setTimeout(() => navigator.onLine && go(), patience);
  patience = later ? Math.min(2 * patience, AGAIN_MS) : SOON_MS;
}

async function recount(state) {
  // Who is busy with it elsewhere will say how it went.
  if (state !== "busy") signedOut = state === "signed-out";
  const queue = await load();
  await remember(queue);
  if (onQueue) await queue.list(user);
}

// A store that can not be opened, or a script that can not be fetched, stops no page.
function quietly(work) {
  return work().catch(() => {});
}

function go() {
  return quietly(send);
}

// A form that can wait is written down first; what the server took is crossed out afterwards.
async function write(event) {
  const form = event.target;
  if (!form.matches("form[data-queue]") || event.defaultPrevented) return;
  const inPlace = form.hasAttribute("hx-post");
  if (inPlace && navigator.onLine) return;
  if (form.querySelector("[aria-busy=true]:not(button)")) return; // a part of it is not ready
  event.preventDefault();
  if (inPlace) event.stopPropagation();
  if (holding.has(form)) return;
  holding.add(form);
  const direct = navigator.onLine;
  const written = await hold(form, direct ? "direct" : "waiting");
  // On its way, a second press must not stop it and send it anew.
  if (direct) return HTMLFormElement.prototype.submit.call(form);
  holding.delete(form);
  release(form);
  if (written) leave(form);
  else refuse(form);
}

// The back button brings a page as it was left: let its form be sent again.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) holding = new WeakSet();
});

async function unsent({ target }) {
  if (!target.matches?.("form[data-queue]")) return; // a part of a form that asked for something
  if (await hold(target, "waiting")) leave(target);
  else refuse(target);
}

async function hold(form, state) {
  try {
    const queue = await load();
    await queue.hold(form, user, state);
    await remember(queue);
    return true;
  } catch {
    return false;
  }
}

async function leave(form) {
  const dialog = form.closest("dialog");
  // What is kept beside the form is put away before its page goes: it would come back in the next.
  const waits = [];
  const putAway = (work) => waits.push(work);
  document.dispatchEvent(new CustomEvent("crm:held", { detail: { draft: form.dataset.draft, putAway } }));
  form.reset();
  await Promise.all(waits);
  if (!dialog && navigator.serviceWorker?.controller) return location.assign("/queue");
  dialog?.close();
  toast(away.kept);
  quietly(recount);
}

function refuse(form) {
  form.parentElement.querySelector("[data-full]")?.remove();
  const note = Object.assign(document.createElement("p"), {
    className: "notice notice-red",
    textContent: away.full,
    tabIndex: -1,
  });
  note.dataset.full = "";
  note.setAttribute("role", "alert");
  form.before(note);
  note.focus();
}

/** The amber line and the number on the tab. */
function show({ waiting = 0, refused = 0, loose = 0 } = counted()) {
  const badge = document.querySelector("[data-queue-count]");
  if (badge) {
    badge.textContent = String(waiting + refused);
    badge.hidden = !(waiting + refused);
    const tab = badge.closest("a");
    tab.dataset.href ??= tab.getAttribute("href");
    tab.setAttribute("href", badge.hidden ? tab.dataset.href : "/queue");
    tab.setAttribute("aria-description", badge.hidden ? "" : away.counted);
  }
  const offline = !navigator.onLine;
  const lines = [];
  if (offline) lines.push(waiting ? away.waits.replace("{n}", waiting) : away.none);
  else if (signedOut && waiting) lines.push([away.signIn.replace("{n}", waiting), away.login, "/login?next=/queue"]);
  else if (waiting) lines.push(away.later.replace("{n}", waiting));
  // How to install stands on a page that is not kept.
  if (waiting && loose) lines.push(offline ? away.loose : [away.loose, away.how, "/account#install"]);
  if (refused && !onQueue) lines.push([away.refused.replace("{n}", refused), away.see, "/queue"]);
  if (keptAt && !onQueue) lines.push(away.copy.replace("{time}", timeOf(keptAt)));
  if (newer) lines.push([away.fresh, away.refresh, location.pathname + location.search]);
  say(offline ? away.head : "", lines);
}

function say(head, lines) {
  const bar = document.querySelector("[data-offline]");
  if (!bar) return;
  bar.replaceChildren();
  if (head) bar.append(Object.assign(document.createElement("b"), { textContent: head }));
  for (const line of lines) {
    const [text, label, href] = [line].flat();
    const p = Object.assign(document.createElement("p"), { textContent: text });
    if (href) p.append(" ", Object.assign(document.createElement("a"), { textContent: label, href }));
    bar.append(p);
  }
}

function timeOf(at) {
  const english = document.documentElement.lang.startsWith("en");
  const today = new Date(at).toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false };
  const day = today ? {} : { month: "short", day: "numeric" };
  return new Date(at).toLocaleString(english ? "en-GB" : "zh-CN", { ...day, ...clock });
}

async function register() {
  const found = await navigator.serviceWorker.register("/sw.js").catch(() => null);
  if (!found) return; // a closed store, or no https
  const news = (worker) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    if (worker.state === "installed") return meet(worker);
    worker.addEventListener("statechange", () => worker.state === "installed" && meet(worker));
  };
  news(found.waiting ?? found.installing);
  found.addEventListener("updatefound", () => news(found.installing));
  document.addEventListener("visibilitychange", () => !document.hidden && found.update().catch(() => {}));
  if (!user || keptAt) return;
  const phone = matchMedia("(max-width: 767px)").matches;
  // At a desk, too, what was written down without a signal is shown where it waits.
  if (!phone && !document.querySelector("form[data-queue]")) return;
  const { active } = await navigator.serviceWorker.ready;
  if (!phone) return active.postMessage({ warm: ["/queue"] });
  const forms = [...document.querySelectorAll("a[href^='/visits/new?lead='], a[data-warm]")].map((link) => link.href);
  active.postMessage({ warm: [...WARM, ...new Set(forms.slice(0, MOST_FORMS))] });
}

// A new version stands ready. A page that came with it lets it in; an older one says so.
function meet(worker) {
  const own = document.querySelector("script[type=module][src]").getAttribute("src");
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: known }) => {
    if (known) return;
    newer = true;
    show();
  };
  worker.postMessage({ knows: own }, [port2]);
}
