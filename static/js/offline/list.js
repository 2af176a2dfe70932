// The page of what waits: its frame comes from the server, the entries from this phone.
import { entriesOf, put, receiptsOf, remove } from "./store.js";

const MEGABYTE = 1024 * 1024;
let tools = null;

export function start(user, given) {
  tools = given;
  document.querySelector("[data-queue-send]")?.addEventListener("click", () => dispatchEvent(new Event("online")));
}

/** Show everything of one person anew. */
export async function list(user) {
  const frame = document.querySelector("[data-queue-list]");
  const say = JSON.parse(frame.dataset.queueList);
  const entries = await entriesOf(user);
  const today = new Date().toDateString();
  const sent = (await receiptsOf(user)).filter(({ at }) => new Date(at).toDateString() === today);
  const parts = {
    waiting: entries.filter(({ state }) => state !== "refused").map((entry) => row(entry, say)),
    refused: entries.filter(({ state }) => state === "refused").map((entry) => row(entry, say)),
    sent: sent.map((one) => receiptRow(one, say)),
  };
  for (const [name, rows] of Object.entries(parts)) {
    const part = frame.querySelector(`[data-part=${name}]`);
    part.hidden = !rows.length;
    part.querySelector("[data-n]").textContent = String(rows.length);
    part.querySelector("ul").replaceChildren(...rows);
  }
  frame.querySelector("[data-none]").hidden = Object.values(parts).some((rows) => rows.length);
  frame.querySelector("[data-queue-send]").hidden = !parts.waiting.length || !navigator.onLine;
}

function row(entry, say) {
  const item = document.querySelector("#queue-entry").content.firstElementChild.cloneNode(true);
  const refused = entry.state === "refused";
  const value = (name) => entry.fields.find(([known]) => known === name)?.[1] ?? "";
  const put = (name, text) => {
    const place = item.querySelector(`[data-${name}]`);
    place.textContent = text;
    place.hidden = !text;
  };
  item.dataset.key = entry.key;
  put("title", entry.title);
  put("state", refused ? say.refused : say.waiting);
  item.querySelector("[data-state]").classList.toggle("queue-refused", refused);
  put("text", ["summary", "next_step", "text", "answer", "place"].map(value).find(Boolean) ?? "");
  put("about", about(entry, value, say));
  const { errors = {}, message = "" } = entry.reason ?? {};
  const reasons = Object.values(errors).flat();
  put("reason", reasons.length ? reasons.join(" ") : message || (refused ? say.no : ""));
  const open = item.querySelector("[data-open]");
  open.href = addressOf(entry);
  open.append(hidden(entry.title));
  const drop = item.querySelector("[data-drop]");
  drop.append(hidden(entry.title));
  drop.addEventListener("click", () => forget(entry, say));
  return item;
}

// A lead that is not there any more is left out, so that the form opens and another can be chosen.
function addressOf({ open, reason, key }) {
  return reason?.gone && open.startsWith("/visits/") ? `/visits/new?key=${key}` : open;
}

function about({ mode, fields }, value, say) {
  const files = fields.filter(([, sent]) => sent instanceof File);
  const size = files.reduce((sum, [, file]) => sum + file.size, 0) / MEGABYTE;
  const day = value("next_step_on");
  return [
    mode,
    written(value("occurred_at")),
    day && say.step.replace("{day}", () => written(day)),
    files.length && say.files.replace("{n}", files.length).replace("{size}", size.toFixed(1)),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** "2026-12-03T09:00", or the day alone, as people read it. */
function written(text) {
  if (!text) return "";
  const english = document.documentElement.lang.startsWith("en");
  const clock = text.includes("T") ? { hour: "2-digit", minute: "2-digit", hour12: false } : {};
  const date = new Date(text.includes("T") ? `${text}Z` : text);
  const shape = { timeZone: "UTC", month: english ? "short" : "long", day: "numeric", ...clock };
  return Number.isNaN(date.getTime()) ? text : date.toLocaleString(english ? "en-GB" : "zh-CN", shape);
}

function receiptRow({ title, url, at }, say) {
  const item = document.createElement("li");
  item.className = "queue-sent";
  const name = Object.assign(document.createElement(url ? "a" : "b"), { textContent: title });
  if (url) name.href = url;
  const time = new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  item.append(name, Object.assign(document.createElement("span"), { textContent: say.sent.replace("{time}", time) }));
  return item;
}

async function forget(entry, say) {
  await remove(entry.user, entry.key);
  await tools.changed();
  tools.toast(say.dropped, async () => {
    await put(entry);
    await tools.changed();
  });
}

function hidden(text) {
  return Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${text}` });
}
