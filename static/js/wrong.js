import { words } from "./words.js";

// Milliseconds after which a finger's press was none that clicks.
const NO_CLICK = 500;

// What the page can know to be wrong is said at its field, in the page's words: never in a bubble of
// the browser's, which speaks its own language.
document.addEventListener(
  "invalid",
  (event) => {
    event.preventDefault();
    sayWrong(event.target);
    // Of several the first is gone to, as the browser would.
    if (event.target.form?.querySelector(":invalid:not(fieldset)") === event.target) event.target.focus();
  },
  true,
);
for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => target.dataset?.saidWrong && sayWrong(target));
}

// What was refused is said until it is put right: then neither the field nor the summary says it.
document.addEventListener("change", ({ target }) => {
  if (pressed) later.push(target);
  else putRight(target);
});

// A press on a button ends the typing before it: nothing moves under the finger until it is up. A finger's
// press ends the typing only after it is up, and its click comes last.
let pressed = false;
let waiting;
const later = [];
document.addEventListener("pointerdown", () => (pressed = true), true);
document.addEventListener("pointerup", ({ pointerType }) => {
  if (pointerType === "touch") waiting = setTimeout(released, NO_CLICK);
  else released();
}, true);
document.addEventListener("pointercancel", released, true);
document.addEventListener("click", () => pressed && released(), true);

function released() {
  clearTimeout(waiting);
  pressed = false;
  setTimeout(() => later.splice(0).forEach(putRight));
}

function putRight(target) {
  const field = target.closest?.(".field");
  const error = field?.querySelector(".field-error[id$='-error']");
  if (!error) return;
  const about = error.id.slice(0, -"-error".length);
  error.remove();
  for (const one of [field, ...field.querySelectorAll("[aria-invalid], [aria-describedby]")]) settle(one, error.id);
  ease(field.closest("form")?.parentElement, about);
}

/** A field that is no longer said to be wrong. */
function settle(field, error) {
  field.removeAttribute("aria-invalid");
  const about = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error);
  if (about.length) field.setAttribute("aria-describedby", about.join(" "));
  else field.removeAttribute("aria-describedby");
}

/** The summary of errors without that field; it goes with the last of them. */
function ease(around, about) {
  const summary = around?.querySelector("[data-error-summary]");
  summary?.querySelector(`a[href="#${CSS.escape(about)}"]`)?.closest("li").remove();
  const n = summary?.querySelectorAll("li").length;
  if (n === 0) summary.remove();
  const said = n && summary.querySelector("[data-many]");
  if (said) said.textContent = n === 1 ? said.dataset.one : said.dataset.many.replace("{n}", n);
}

/** The summary that a form has ready on top for its file; the field, its one fault, is gone to. */
export function sumUp(form, field) {
  const ready = form.querySelector("template[data-summary]");
  if (ready) {
    form.querySelector("[data-error-summary]")?.remove();
    ready.after(ready.content.cloneNode(true));
  }
  field.focus();
}

/** Say at a field what is wrong with it; nothing when it is right. */
export function sayWrong(field) {
  if (field.validity.valid) ease(field.form, field.id);
  const about = field.dataset.saidWrong;
  if (about) document.getElementById(about)?.remove();
  delete field.dataset.saidWrong;
  for (const name of ["aria-invalid", "aria-errormessage"]) field.removeAttribute(name);
  if (field.validity.valid) return;
  const error = document.createElement("p");
  error.className = "field-error";
  error.id = `${field.id || field.name}-wrong`;
  error.dataset.testid = "field-error";
  error.dataset.field = field.name;
  error.setAttribute("role", "alert");
  const { customError } = field.validity;
  error.textContent = customError ? field.validationMessage : words.fill.replace("{field}", nameOf(field));
  field.dataset.saidWrong = error.id;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", error.id);
  const box = field.closest(".field, .stack");
  if (box) box.append(error);
  else field.after(error);
}

const nameOf = (field) => field.getAttribute("aria-label") ?? field.labels[0]?.firstChild.textContent.trim() ?? "";
