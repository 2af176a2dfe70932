import { words } from "./words.js";

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  const button = event.submitter ?? form.querySelector("[type=submit]");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  button.dataset.words = button.textContent;
  if (form.dataset.busy) button.textContent = form.dataset.busy;
});

// The back button brings a page as it was left: let its forms be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-once]").forEach(release);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-once]");
  if (form) release(form);
});

function release(form) {
  sent.delete(form);
  form.querySelectorAll("[aria-busy]").forEach((button) => {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  });
}

// Filters: a changed select asks at once.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-auto-submit]")?.requestSubmit();
});

// Quick dates: a chip with data-date writes it into the field named by data-for.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-date][data-for]");
  if (!chip) return;
  const input = document.getElementById(chip.dataset.for);
  if (!input) return;
  input.value = chip.dataset.date;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", ({ target }) => {
  if (!target.id) return;
  document.querySelectorAll(`[data-date][data-for="${CSS.escape(target.id)}"]`).forEach((chip) => {
    chip.setAttribute("aria-pressed", String(chip.dataset.date === target.value));
  });
});

// A one-tap repair: "填 5000".
document.addEventListener("click", (event) => {
  const fix = event.target.closest("[data-fill][data-for]");
  const input = fix && document.getElementById(fix.dataset.for);
  if (!input) return;
  input.value = fix.dataset.fill;
  input.focus();
});

// Drafts: kept on this device under the form's name until the form was taken.
const KEPT = /^(?!csrf_token$|client_key$|version$)/;
const draftKey = (form) => `draft:${form.dataset.draft}`;
let pause = 0;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  clearTimeout(pause);
  pause = setTimeout(() => save(form), 600);
});

function save(form) {
  const values = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && KEPT.test(name),
  );
  try {
    localStorage.setItem(draftKey(form), JSON.stringify(values));
  } catch {
    return; // A full or closed store must not stop anybody from typing.
  }
  const said = document.querySelector("[data-draft-said]");
  if (said) said.textContent = words.draft;
}

function restore(form) {
  // A refused form came back with what was typed: that is newer than the draft.
  if (form.querySelector("[data-error-summary]")) return;
  let values = [];
  try {
    values = JSON.parse(localStorage.getItem(draftKey(form)) ?? "[]");
  } catch {
    return;
  }
  for (const [name, value] of values) {
    for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (input.type === "radio" || input.type === "checkbox") input.checked ||= input.value === value;
      else if (!input.value && input.type !== "hidden") input.value = value;
    }
  }
}

document.querySelectorAll("form[data-draft]").forEach(restore);
// The page that follows a saved form names the draft that is done.
document.querySelectorAll("[data-draft-done]").forEach((done) => {
  localStorage.removeItem(`draft:${done.dataset.draftDone}`);
});

document.querySelector("[data-error-summary]")?.focus();
