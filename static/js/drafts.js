import { words } from "./words.js";

// Drafts are kept on this device under the form's name until the form was taken. The form's own
// number stays with the draft: sent again after a lost answer, it is still the same visit.
const HIDDEN_KEPT = "client_key";
const PAUSE_MS = 600;
let pause = 0;
let waiting = null;

const keyOf = (name) => `draft:${name}`;

function later(event) {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  clearTimeout(pause);
  waiting = form;
  pause = setTimeout(flush, PAUSE_MS);
}

function flush() {
  clearTimeout(pause);
  if (waiting) save(waiting);
  waiting = null;
}

function fieldsOf(form) {
  return [...form.elements].filter(
    (field) => field.name && (field.type !== "hidden" || field.name === HIDDEN_KEPT),
  );
}

function save(form) {
  const values = fieldsOf(form)
    .filter((field) => field.checked || !isChoice(field))
    .map((field) => [field.name, field.value, field.selectedOptions?.[0]?.textContent]);
  const at = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  try {
    localStorage.setItem(keyOf(form.dataset.draft), JSON.stringify({ at, values }));
  } catch {
    return; // A full or closed store must not stop anybody from typing.
  }
  say(at);
}

function say(at) {
  const said = document.querySelector("[data-draft-said]");
  if (said) said.textContent = words.draft.replace("{time}", at);
}

function restore(form) {
  // A refused form came back with what was typed: that is newer than the draft.
  if (form.querySelector("[data-error-summary]")) return;
  const draft = read(form.dataset.draft);
  if (!draft) return;
  for (const field of fieldsOf(form)) {
    const kept = draft.values.filter(([name]) => name === field.name);
    if (isChoice(field)) field.checked = kept.some(([, value]) => value === field.value);
    else if (kept.length) put(field, kept[0]);
  }
  say(draft.at);
}

function put(field, [, value, text]) {
  if (field.options && ![...field.options].some((option) => option.value === value)) {
    field.add(new Option(text, value)); // A company found by typing is not on the page yet.
  }
  if (field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)));
  } catch {
    return null;
  }
}

const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

/** The draft of a form that was taken. */
export function forget(name) {
  clearTimeout(pause);
  waiting = null;
  try {
    localStorage.removeItem(keyOf(name));
  } catch {
    // Nothing was kept where nothing can be.
  }
}

// The page that follows a saved form names the draft that is done.
document.querySelectorAll("[data-draft-done]").forEach((done) => forget(done.dataset.draftDone));
document.querySelectorAll("form[data-draft]").forEach(restore);
// A dialog's form comes later than the page.
document.addEventListener("crm:content", ({ detail }) => {
  detail.querySelectorAll("form[data-draft]").forEach(restore);
});
// What was just restored is no news: only now is there something to keep.
document.addEventListener("input", later);
document.addEventListener("change", later);
document.addEventListener("submit", flush);
document.addEventListener("close", flush, true);
document.addEventListener("visibilitychange", () => document.hidden && flush());
