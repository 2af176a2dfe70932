// Loaded when something waits, or is about to: writes forms down, sends them, shows them.
import { refill } from "./refill.js";
import { flush, own } from "./send.js";
import { change, entriesOf, entryOf, put, remove } from "./store.js";

export { list } from "./list.js";
import { start as startList } from "./list.js";

const QUEUED = "queue:";
const RECORD = /^[2-9a-z]{12}$/;
// They belong to the page that was open, not to what was written.
const OF_THE_PAGE = new Set(["csrf_token", "draft"]);

/** What a page has to settle when it opens: what it was told was taken, and a form that is opened again. */
export async function arrive(user, tools) {
  for (const { dataset } of document.querySelectorAll(`[data-draft-done^="${QUEUED}"]`)) {
    await remove(user, dataset.draftDone.slice(QUEUED.length));
  }
  if (tools.onQueue) {
    // Here nothing is being sent by a page any more.
    for (const { key, state } of await entriesOf(user)) {
      if (state === "direct") await change(user, key, { state: "waiting" });
    }
    startList(user, tools);
  }
  // What the address asks for belongs to the form that sends where the entry goes.
  const asked = new URLSearchParams(location.search).get("key");
  const wanted = asked && (await entryOf(user, asked));
  for (const form of document.querySelectorAll("form[data-queue]")) {
    const entry =
      wanted && new URL(form.action).pathname === wanted.url
        ? wanted
        : await entryOf(user, form.elements.client_key.value);
    if (entry) await resume(user, form, entry);
  }
}

async function resume(user, form, entry) {
  const { key } = entry;
  own(key);
  // Refused where it was written: the form has it again, and its draft keeps it.
  const answered = document.querySelector("[data-error-summary], [data-testid=conflict]");
  refill(form, entry, answered);
  if (answered && entry.state === "direct") await remove(user, key);
}

/** Send what can go; answers how it went. */
export async function go() {
  return (await flush()).state;
}

/** How many wait, were refused or are being sent by their own page; `loose`: the browser promises nothing. */
export async function count(user) {
  const found = { waiting: 0, refused: 0, direct: 0 };
  for (const { state } of await entriesOf(user)) found[state] += 1;
  const persisted = await navigator.storage?.persisted?.().catch(() => false);
  return { ...found, loose: persisted ? 0 : 1 };
}

/** Write a form down; rejects when the phone can not. The same form is written once. */
export async function hold(form, user, state) {
  const data = new FormData(form);
  const key = data.get("client_key");
  const url = new URL(form.action).pathname;
  const fields = [...data].filter(
    ([name, value]) => !OF_THE_PAGE.has(name) && !(value instanceof File && !value.name),
  );
  const now = Date.now();
  const moment = data.get("occurred_at");
  await put({
    user,
    key,
    state,
    url,
    fields,
    made: now,
    byClock: Boolean(moment) && form.dataset.byClock === moment,
    title: form.dataset.queue || chosen(form) || document.title,
    mode: form.querySelector("[name=mode]:checked")?.labels[0]?.textContent.trim() ?? "",
    open: form.dataset.queueOpen || addressOf(url, data, key),
    reason: null,
  });
  // The page that follows a saved form names it as done.
  const name = QUEUED + key;
  if (!form.querySelector(`input[name=draft][value="${name}"]`)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: name }));
  }
  navigator.storage?.persist?.().catch(() => {});
  if (state === "direct") own(key);
  else await askToSync();
}

async function askToSync() {
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => null);
  await worker?.sync?.register("queue").catch(() => {});
}

const chosen = (form) => form.querySelector("select[data-picker], select[name=lead]")?.selectedOptions[0]?.textContent.trim();

/** Where the form of an entry stands. */
function addressOf(url, data, key) {
  const asked = new URLSearchParams();
  const [lead, company] = [data.get("lead"), data.get("company")];
  if (lead) asked.set("lead", lead);
  else if (RECORD.test(company ?? "")) asked.set("company", company);
  if (data.get("appointment")) asked.set("appointment", data.get("appointment"));
  asked.set("key", key);
  return `${url}/new?${asked}`;
}
