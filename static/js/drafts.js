import { words } from "./words.js";

// Drafts are kept on this device under the form's name, which holds the person's own number, until
// the form was taken. The form's number and the version that was read stay with the draft: sent again
// after a lost answer it is still the same visit, and what others changed meanwhile is still seen.
const HIDDEN_KEPT = ["client_key", "version", "read"];
const PAUSE_MS = 600;
const KEPT_DAYS = 14;
let pause = 0;
let waiting = null;
let restoring = false;

const keyOf = (name) => `draft:${name}`;

function later(event) {
  const form = event.target.closest("form[data-draft]");
  if (!form || restoring) return; // what was just restored is no news
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
    ({ name, type }) =>
      name && !["file", "password"].includes(type) && (type !== "hidden" || HIDDEN_KEPT.includes(name)),
  );
}

function save(form) {
  const values = fieldsOf(form)
    .filter((field) => field.checked || !isChoice(field))
    .map((field) => [field.name, field.value, field.selectedOptions?.[0]?.textContent])
    .map((value) => asRead(form).find(([name]) => name === value[0]) ?? value);
  const at = new Date().toISOString();
  try {
    localStorage.setItem(keyOf(form.dataset.draft), JSON.stringify({ at, values }));
  } catch {
    return; // A full or closed store must not stop anybody from typing.
  }
  say(at);
}

// Who was told of another's change and has not chosen has still read what was there before: the
// same is said again after a reload.
function asRead(form) {
  const undecided = form.querySelector("[data-testid=conflict]") && read(form.dataset.draft);
  return undecided ? undecided.values.filter(([name]) => HIDDEN_KEPT.includes(name)) : [];
}

function say(at) {
  const said = document.querySelector("[data-draft-said]");
  if (said) said.textContent = words.draft.replace("{time}", timeOf(at));
}

function timeOf(at) {
  const date = new Date(at);
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false };
  if (date.toDateString() === new Date().toDateString()) return date.toLocaleTimeString("zh-CN", clock);
  const english = document.documentElement.lang.startsWith("en");
  return date.toLocaleString(english ? "en-GB" : "zh-CN", { month: "short", day: "numeric", ...clock });
}

const addressOf = (form) => `at:${form.dataset.draft}`;

// Where a form is sent is another address than where it stands, and a reload there sends it again.
function remember({ target: form }) {
  const at = form.querySelector?.("input[name=draft_at]")?.value;
  if (!form.dataset?.draft || !at) return;
  try {
    sessionStorage.setItem(addressOf(form), at);
  } catch {
    // A reload then asks whether to send it again, as browsers do.
  }
}

function stoodAt(form) {
  try {
    return sessionStorage.getItem(addressOf(form));
  } catch {
    return null;
  }
}

// The page of a refused form goes back to where the form stood: what is typed from now on survives
// a reload, as it did before.
function standAgain(form) {
  if (form.closest("dialog") || !refused(form)) return;
  const at = stoodAt(form);
  if (!at) return;
  form.dataset.draftAt = at;
  history.replaceState(history.state, "", at);
  save(form);
}

const refused = (form) =>
  (form.closest("dialog") ?? form.parentElement).querySelector(
    "[data-error-summary], [data-testid=conflict], [aria-invalid=true]",
  );

// The form says which draft it has and where it stands, so that nothing is lost with the session.
function arm(form) {
  const at = form.dataset.draftAt ?? location.pathname + location.search;
  for (const [name, value] of [["draft", form.dataset.draft], ["draft_at", at]]) {
    if (form.querySelector(`input[name="${name}"][value="${CSS.escape(value)}"]`)) continue;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  restore(form);
}

function restore(form) {
  // A refused form came back with what was typed: that is newer than the draft.
  if (refused(form)) return;
  const draft = read(form.dataset.draft);
  if (!draft) return;
  let found = false;
  restoring = true;
  for (const field of fieldsOf(form)) {
    const kept = draft.values.filter(([name]) => name === field.name);
    const before = isChoice(field) ? field.checked : field.value;
    if (isChoice(field)) choose(field, kept.some(([, value]) => value === field.value));
    else if (kept.length) put(field, kept[0]);
    found ||= field.type !== "hidden" && before !== (isChoice(field) ? field.checked : field.value);
  }
  restoring = false;
  if (found) tell(form, draft.at);
  say(draft.at);
}

// What is chosen is never folded away.
function choose(field, on) {
  field.checked = on;
  if (on) field.closest(".chips-more, .companions-far")?.setAttribute("open", "");
}

// What was found again says so, and goes by one press.
function tell(form, at) {
  const note = Object.assign(document.createElement("p"), {
    className: "draft-found",
    textContent: words.found.replace("{time}", timeOf(at)),
  });
  // A browser keeps no chosen file.
  if (form.querySelector("input[type=file]")) note.append(" ", words.files);
  note.setAttribute("role", "status");
  const drop = Object.assign(document.createElement("button"), {
    type: "button",
    className: "link",
    textContent: words.drop,
  });
  drop.addEventListener("click", () => {
    forget(form.dataset.draft);
    form.reset();
    for (const field of fieldsOf(form)) {
      field.tomselect?.sync();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    forget(form.dataset.draft);
    note.remove();
    form.querySelector("textarea, input:not([type=hidden])")?.focus();
  });
  note.append(" ", drop);
  form.before(note);
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
    const draft = JSON.parse(localStorage.getItem(keyOf(name)));
    const old = draft && Date.now() - new Date(draft.at) > KEPT_DAYS * 86_400_000;
    if (old) forget(name);
    return old ? null : draft;
  } catch {
    return null;
  }
}

const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

/** The draft of a form that was taken, or that is not wanted any more. */
export function forget(name) {
  clearTimeout(pause);
  waiting = null;
  try {
    localStorage.removeItem(keyOf(name));
  } catch {
    // Nothing was kept where nothing can be.
  }
}

// Another company in the same form: what was typed goes along, but for what belongs to the company.
const OF_THE_COMPANY = /^(lead|company|contacts|leads|about|appointment|invited)$|_who$/;

async function carry(event) {
  const link = event.target.closest?.("a[data-carry]");
  const form = link?.closest("form[data-draft]");
  if (!form || event.ctrlKey || event.metaKey) return;
  flush();
  const from = form.dataset.draft;
  const to = link.dataset.carry;
  const draft = read(from);
  const there = read(to)?.values ?? [];
  // What was begun there is not written over.
  const begun = there.some(([name, value]) => value && form.elements[name]?.nodeName === "TEXTAREA");
  if (!draft || begun) return;
  const named = draft.values.some(([name, value]) => name === "new_name" && value);
  const values = draft.values.filter(
    ([name]) => !OF_THE_COMPANY.test(name) && (named || name !== "new_person"),
  );
  try {
    const own = there.filter(([name]) => OF_THE_COMPANY.test(name));
    localStorage.setItem(keyOf(to), JSON.stringify({ ...draft, values: [...values, ...own] }));
  } catch {
    return; // The old draft stays where it is.
  }
  event.preventDefault();
  forget(from);
  const waits = [];
  const putAway = (work) => waits.push(work);
  document.dispatchEvent(new CustomEvent("crm:carried", { detail: { from, to, putAway } }));
  await Promise.all(waits);
  location.assign(link.href);
}
document.addEventListener("click", carry);

// The page that follows a saved form names the draft that is done.
document.querySelectorAll("[data-draft-done]").forEach((done) => forget(done.dataset.draftDone));
document.querySelectorAll("form[data-draft]").forEach((form) => {
  standAgain(form);
  arm(form);
});
// A dialog's form comes later than the page, and a refused one comes back.
const armIn = (root) => {
  if (root.matches?.("form[data-draft]")) arm(root);
  root.querySelectorAll?.("form[data-draft]").forEach(arm);
};
document.addEventListener("crm:content", ({ detail }) => armIn(detail));
document.addEventListener("crm:held", ({ detail }) => forget(detail.draft)); // it waits elsewhere now
document.addEventListener("htmx:load", ({ target }) => armIn(target));
// The people of a company that was chosen come into its form: those of the draft are chosen again.
document.addEventListener("htmx:load", ({ target }) => {
  const draft = "draftPart" in target.dataset && read(target.closest("form[data-draft]").dataset.draft);
  if (!draft) return;
  const chosen = new Set(draft.values.filter(([name]) => name === target.dataset.draftPart).map(([, value]) => value));
  for (const field of target.querySelectorAll("input")) if (chosen.has(field.value)) choose(field, true);
});
document.addEventListener("input", later);
document.addEventListener("change", later);
document.addEventListener("submit", flush, true);
document.addEventListener("submit", remember, true);
document.addEventListener("close", flush, true);
document.addEventListener("visibilitychange", () => document.hidden && flush());
addEventListener("pagehide", flush);
