// A page that the worker kept: its forms are made new, for they were rendered some time ago.
import { recent } from "./recent.js";
import { words } from "./words.js";

const KEY = /^[0-9a-f]{24}$/;
const TO_FORM = /^\/(?:leads\/|visits\/new\?lead=)([2-9a-z]{12})(?:\/next-steps\/new|$)/;
const LEAD_STEP = /^\/leads\/([2-9a-z]{12})\/next-steps\/new$/;

/** When the page was read, in ms; null for one that has just come. */
export const keptAt = Number(document.documentElement.dataset.keptAt) || null;

/** A key of its own, the moment by this phone, and whom the address asks for. */
export function freshen(form) {
  const asked = new URLSearchParams(location.search);
  const key = KEY.test(asked.get("key") ?? "") ? asked.get("key") : newKey();
  set(form, "client_key", key);
  if (asked.get("key")) rename(form, key);
  const now = localMinute(Date.now());
  if (set(form, "occurred_at", now)) {
    form.dataset.byClock = now;
    const said = form.elements.occurred_at.closest?.(".fold")?.querySelector("[data-changed]");
    if (said) said.textContent = now.slice(11); // today, as the page says above
  }
  form.querySelector(".visit-paste")?.remove(); // it is read on the server
  // "Tomorrow" of another day is not tomorrow.
  if (localMinute(keptAt).slice(0, 10) !== now.slice(0, 10)) {
    form.querySelectorAll("[data-date][data-for]").forEach((chip) => chip.remove());
  }
  const mode = form.querySelector(`[name=mode][value="${CSS.escape(asked.get("mode") ?? "")}"]`);
  if (mode) mode.checked = true;
  bringAlong(form, asked.get("appointment"));
  const lead = location.pathname.match(LEAD_STEP)?.[1] ?? asked.get("lead");
  if (lead && form.elements.lead && form.elements.lead.value !== lead) standFor(form, lead);
  // Whom nobody can look up now is written down by name, and chosen when it is sent.
  form.querySelectorAll("select[data-picker]").forEach((select) => (select.dataset.create = ""));
}

// What was arranged is closed by the visit, also where the plain form stands for its own.
function bringAlong(form, appointment) {
  if (!appointment || set(form, "appointment", appointment)) return;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "appointment", value: appointment });
  form.append(field);
}

/** 24 hexadecimal digits that nobody else draws. */
function newKey() {
  const drawn = crypto.getRandomValues(new Uint8Array(12));
  return [...drawn].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A moment as datetime-local wants it, where the teams work. */
function localMinute(at) {
  const { timeZone = "Asia/Shanghai" } = document.body.dataset;
  return new Date(at)
    .toLocaleString("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" })
    .replace(" ", "T");
}

// The plain form stands for that of a lead whose own was never opened.
function standFor(form, lead) {
  const field = form.elements.lead;
  const known = nameOf(form, lead);
  if (field.options && ![...field.options].some(({ value }) => value === lead)) {
    field.add(new Option(known, lead));
  }
  field.value = lead;
  const title = Object.assign(document.createElement("h2"), { textContent: known });
  form.dataset.queue = title.textContent;
  form.querySelector("select[data-picker]")?.closest(".field").replaceWith(title);
  rename(form, lead);
}

// As the form itself offers it, or as its page was called when it was opened last.
function nameOf(form, lead) {
  const offered = form.querySelector(`a[href$="lead=${lead}"], option[value="${lead}"]`);
  const opened = recent().find(({ url }) => url === `/leads/${lead}`);
  return offered?.textContent.trim() || sessionStorage.getItem(`lead:${lead}`) || opened?.title || words.away.lead;
}

// The page that leads to a form knows what its lead is called.
document.addEventListener("click", ({ target }) => {
  const [, id] = target.closest("a[href]")?.getAttribute("href").match(TO_FORM) ?? [];
  const name = id && document.querySelector(`a[href="/leads/${id}"]`)?.textContent.trim();
  if (name) sessionStorage.setItem(`lead:${id}`, name);
});

function rename(form, subject) {
  const draft = form.dataset.draft?.split(":").slice(0, 2);
  if (!draft) return;
  form.dataset.draft = [...draft, subject].join(":");
  set(form, "draft", form.dataset.draft);
  form.querySelectorAll("[data-draft-of]").forEach((part) => (part.dataset.draftOf = form.dataset.draft));
}

function set(form, name, value) {
  const field = form.elements[name];
  if (!field) return false;
  field.value = value;
  return true;
}
