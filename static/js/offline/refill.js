// An entry in its form again: what was typed, its files, and what was wrong with it.

/** Fill a form from an entry, unless its own draft or the server's answer is newer. */
export function refill(form, entry, answered) {
  for (const input of form.querySelectorAll("input[type=file][name]")) attach(input, entry);
  if (answered || entry.state === "direct") return;
  form.elements.client_key.value = entry.key;
  if (!hasDraft(form, entry.key)) fill(form, entry);
  if (entry.reason) explain(form, entry.reason);
}

// The draft was written after the entry was set aside.
function hasDraft(form, key) {
  try {
    const { values } = JSON.parse(localStorage.getItem(`draft:${form.dataset.draft}`));
    return values.some(([name, value]) => name === "client_key" && value === key);
  } catch {
    return false;
  }
}

function fill(form, { fields, reason }) {
  const typed = new Map();
  for (const [name, value] of fields) typed.set(name, [...(typed.get(name) ?? []), value]);
  // A record that is not there for this person any more is chosen anew.
  if (reason?.gone) typed.delete("lead");
  for (const field of form.elements) {
    const { name, type } = field;
    if (!name || ["file", "submit", "button"].includes(type) || ["csrf_token", "draft"].includes(name)) continue;
    const values = typed.get(name) ?? [];
    const choice = type === "radio" || type === "checkbox";
    const before = choice ? field.checked : field.value;
    if (choice) field.checked = values.includes(field.value);
    else if (values.length) write(field, values[0]);
    const after = choice ? field.checked : field.value;
    if (after !== before) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function write(field, value) {
  if (field.tomselect && value) {
    field.tomselect.addOption({ id: value, name: value });
    field.tomselect.setValue(value);
  } else field.value = value;
}

function attach(input, { fields }) {
  const files = fields.filter(([name, value]) => name === input.name && value instanceof File);
  if (!files.length || input.files.length) return;
  const carried = new DataTransfer();
  files.forEach(([, file]) => carried.items.add(file));
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function explain(form, { message, errors }) {
  const summary = element("div", "error-summary", "");
  summary.setAttribute("role", "alert");
  summary.tabIndex = -1;
  summary.dataset.errorSummary = "";
  summary.append(element("b", "", message));
  const rows = document.createElement("ul");
  for (const [name, texts] of Object.entries(errors)) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    const place = field?.closest(".field");
    const text = texts.join(" ");
    if (!place) {
      rows.append(element("li", "", text));
      continue;
    }
    place.closest("details")?.setAttribute("open", "");
    const error = element("p", "field-error", text);
    error.id = `${name}-error`;
    error.dataset.testid = "field-error";
    error.dataset.field = name;
    place.append(error);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", error.id);
    const row = document.createElement("li");
    row.append(Object.assign(element("a", "", text), { href: `#${error.id}` }));
    rows.append(row);
  }
  if (rows.children.length) summary.append(rows);
  form.prepend(summary);
  summary.focus();
}

function element(name, className, textContent) {
  return Object.assign(document.createElement(name), { className, textContent });
}
