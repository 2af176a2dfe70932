import { words } from "./words.js";

// A company that is not known yet is written down with its full name; fewer characters are a search.
const SHORTEST_NAME = 4;
// No name is longer: there is nothing to look for, and the server says what is wrong with it.
const LONGEST_NAME = 200;

/** Turn every select[data-picker] under a node into a find-as-you-type field. */
export function startPickers(root) {
  const found = [...root.querySelectorAll("select[data-picker]")];
  if (root.matches?.("select[data-picker]")) found.push(root);
  found.filter((select) => !select.tomselect && !coming.has(select)).forEach(bring);
}

const coming = new WeakSet();

// The library comes where there is a field for it; until then the select is the browser's own.
async function bring(select) {
  coming.add(select);
  try {
    const { default: TomSelect } = await import("tom-select/base");
    if (select.isConnected && !select.tomselect) start(TomSelect, select);
  } finally {
    coming.delete(select);
  }
}

document.addEventListener("crm:content", (event) => startPickers(event.detail));

// The server answers data-url?q= with {"items": [{id, name, short_name, badges, holder: {text, url}}]}.
function start(TomSelect, select) {
  const hadFocus = document.activeElement === select;
  const picker = new TomSelect(select, {
    valueField: "id",
    labelField: "name",
    searchField: [],
    maxItems: 1,
    maxOptions: 12,
    loadThrottle: 150,
    closeAfterSelect: true,
    create: "create" in select.dataset,
    createFilter: (text) =>
      text.trim().length >= SHORTEST_NAME &&
      (text.length > LONGEST_NAME || answered.get(select) === text),
    shouldLoad: (query) => query.trim().length >= 2 && query.length <= LONGEST_NAME,
    score: () => () => 1,
    load: (query, done) => load(picker, query, done),
    render: { option, option_create: created, item: chosen, no_results: none, loading: () => "" },
  });
  name(picker, select);
  if (hadFocus) picker.focus();
  if ("create" in select.dataset) {
    picker.on("change", (id) => sayHolder(select, picker.options[id]?.holder));
  }
}

// Who holds the company that was picked stays in sight; before, every option said it.
function sayHolder(select, holder) {
  const field = select.closest(".field");
  const note = field.querySelector("[data-holder]") ?? document.createElement("p");
  note.dataset.holder = "";
  note.className = "option-holder";
  note.setAttribute("role", "status");
  field.append(note);
  note.textContent = holder?.text ?? "";
  if (!holder?.url) return;
  const link = Object.assign(document.createElement("a"), { className: "link", href: holder.url });
  link.textContent = words.open;
  note.append(" ", link);
}

// What each select was last answered: a company is offered as new only when it was looked for.
const answered = new WeakMap();

async function load(picker, query, done) {
  picker.clearOptions();
  const url = new URL(picker.input.dataset.url, location.href);
  url.searchParams.set("q", query);
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    const { items } = await answer.json();
    answered.set(picker.input, query);
    done(items ?? []);
  } catch {
    answered.set(picker.input, query); // nobody can be asked
    done();
  }
}

// Tom Select hides the select; its own input has to carry the name and what is wrong.
function name(picker, select) {
  const { control_input: input, wrapper } = picker;
  const about = select.getAttribute("aria-describedby");
  if (about) input.setAttribute("aria-describedby", about);
  if (select.getAttribute("aria-invalid") === "true") {
    input.setAttribute("aria-invalid", "true");
    wrapper.dataset.invalid = "";
  }
  select.setAttribute("aria-hidden", "true");
}

function option(company, escape) {
  const badges = (company.badges ?? [])
    .map((b) => `<span class="badge ${b.rewarded ? "badge-reward" : ""}">${escape(b.text)}</span>`)
    .join(" ");
  const short = company.short_name ?? company.name ?? company.text;
  const legal = company.name && company.name !== short;
  return `<div><b>${escape(short)}</b> ${badges}${
    legal ? `<span class="option-legal">${escape(company.name)}</span>` : ""
  }${company.holder ? `<span class="option-holder">${escape(company.holder.text)}</span>` : ""}</div>`;
}

function created(found, escape) {
  return `<div class="create">${escape(words.add.replace("{name}", () => found.input.trim()))}</div>`;
}

function chosen(company, escape) {
  return `<div>${escape(company.name ?? company.text)}</div>`;
}

function none(found, escape) {
  const text = found.input.trim().length < 2 ? words.type : words.none;
  return `<div class="no-results">${escape(text)}</div>`;
}
