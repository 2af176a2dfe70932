import { words } from "./words.js";

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

/** Say at a field what is wrong with it; nothing when it is right. */
export function sayWrong(field) {
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
