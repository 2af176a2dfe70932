const sent = new WeakSet();

// Before anything else hears of it: what sends a form in its place would keep a second press for later.
document.addEventListener(
  "submit",
  (event) => {
    if (!sent.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
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
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const form = target.closest?.("form[data-once]");
  // Another page is on its way: what was taken is not pressed again.
  const goes = ["HX-Redirect", "HX-Refresh"].some((name) => detail.xhr?.getResponseHeader(name));
  if (form && !goes) release(form);
});

/** Let a form be sent again: it was not, or was answered in its place. */
export function release(form) {
  sent.delete(form);
  form.querySelectorAll("[aria-busy]").forEach((button) => {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  });
}

// Filters: a changed select asks at once, but for those that are sent together.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-wait]")) return;
  event.target.closest("form[data-auto-submit]")?.requestSubmit();
});
// What is not asked for is not in the address of a board or list. Without a scope the server would take no condition at
// all for the reader's own.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches(".filter-form") || !formData.get("scope")) return;
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => !value)) formData.delete(name);
  }
});

// Quick dates: a chip with data-date writes it into the field named by data-for.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-date][data-for]");
  const input = chip && document.getElementById(chip.dataset.for);
  if (!input) return;
  input.value = chip.dataset.date;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  // What is to be done on that day, unless somebody has said so already.
  const words = document.getElementById(chip.dataset.wordsFor);
  if (!words || words.value.trim()) return;
  words.value = chip.dataset.words;
  for (const name of ["input", "change"]) words.dispatchEvent(new Event(name, { bubbles: true }));
});
document.addEventListener("click", ({ target }) => {
  if (target.matches(".chip-date input")) target.showPicker?.();
});
document.addEventListener("change", ({ target }) => {
  if (!target.id) return;
  const chips = [...document.querySelectorAll(`[data-date][data-for="${CSS.escape(target.id)}"]`)];
  chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.date === target.value)));
  const other = target.closest(".chip-date");
  if (!other) return;
  const own = target.value && !chips.some((chip) => chip.dataset.date === target.value);
  other.classList.toggle("chip-on", Boolean(own));
  const said = other.querySelector("[data-day-said]");
  said.textContent = own ? dayOf(target.valueAsDate) : said.dataset.daySaid;
});

function dayOf(date) {
  const english = document.documentElement.lang.startsWith("en");
  return new Intl.DateTimeFormat(english ? "en-GB" : "zh-CN", {
    timeZone: "UTC",
    month: english ? "short" : "long",
    day: "numeric",
  }).format(date);
}

// Whoever met nobody met none of the others, and the other way round.
document.addEventListener("change", ({ target }) => {
  const chips = target.checked && target.closest("[data-one-or-none]");
  if (!chips) return;
  chips.querySelectorAll("input:checked").forEach((input) => {
    if ("none" in input.dataset !== "none" in target.dataset) input.checked = false;
  });
});

// A folded row names its value; what was changed since is no longer that.
document.addEventListener("change", ({ target }) => {
  const said = target.closest(".fold")?.querySelector("[data-changed]");
  if (said) said.textContent = said.dataset.changed;
});

// A one-tap repair: "填 5000".
document.addEventListener("click", (event) => {
  const fix = event.target.closest("[data-fill][data-for]");
  const input = fix && document.getElementById(fix.dataset.for);
  if (!input) return;
  input.value = fix.dataset.fill;
  input.focus();
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
});

document.querySelector("[data-error-summary]")?.focus();
