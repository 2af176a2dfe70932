import { openDialog } from "./dialogs.js";
import { recent } from "./recent.js";
import { words } from "./words.js";

const PAUSE_MS = 120;
const COMPOSING = 229; // what some browsers call a key that an input method takes
const template = document.getElementById("palette");
let dialog = null;

/** Show the palette over whatever is open, with this text in it. */
export function openPalette(text = "") {
  if (!template || dialog) return;
  dialog = openDialog(template.content.cloneNode(true), template.content.querySelector("input").getAttribute("aria-label"));
  dialog.classList.add("palette");
  const opened = new Palette(dialog);
  dialog.addEventListener("close", () => {
    opened.stop();
    dialog = null;
  });
  opened.start(text);
}

class Palette {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[role=combobox]");
    this.place = root.querySelector("[data-options]");
    this.said = root.querySelector("[data-said]");
    this.asked = null; // the question that is under way
    this.answered = null; // the text whose answer is shown
    this.entered = false; // Enter came before the answer to what was typed
    this.input.addEventListener("input", (event) => event.isComposing || this.later());
    this.input.addEventListener("compositionend", () => this.later());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("submit", (event) => this.enter(event));
    root.addEventListener("mousemove", ({ target }) => this.point(target.closest("[role=option]")));
    root.addEventListener("click", (event) => this.follow(event));
  }

  start(text) {
    this.input.value = text;
    this.input.focus();
    this.showRecent();
    this.ask();
  }

  stop() {
    clearTimeout(this.pause);
    this.asked?.abort();
  }

  later() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.ask(), PAUSE_MS);
  }

  // A newer question ends the older one, so that no old answer comes after a new one.
  async ask() {
    const query = this.input.value.trim();
    this.asked?.abort();
    if (query === this.answered) return;
    const asked = (this.asked = new AbortController());
    const url = new URL(this.input.dataset.url, location.href);
    url.searchParams.set("q", query);
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: asked.signal });
      if (answer.redirected) return location.reload(); // signed out meanwhile
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (!asked.signal.aborted) this.show(html, query);
    } catch {
      if (!asked.signal.aborted) this.said.textContent = words.unanswered;
    }
  }

  show(html, query) {
    this.answered = query;
    this.place.innerHTML = html;
    if (!query) this.showRecent();
    this.number();
    const found = this.options("[data-found]").length;
    this.said.textContent = query ? words.hits.replace("{n}", found) : "";
    if (this.entered) this.active?.click();
    this.entered = false;
  }

  showRecent() {
    const opened = recent();
    if (!opened.length || this.input.value.trim()) return;
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "palette-recent");
    const kind = element("span", "palette-kind", words.recent);
    kind.id = "palette-recent";
    kind.setAttribute("role", "presentation");
    group.append(kind, ...opened.map(option));
    this.place.querySelector("[role=listbox]").prepend(group);
    this.number();
  }

  number() {
    this.options().forEach((one, at) => (one.id = `palette-option-${at}`));
    this.point(this.options()[0] ?? null);
  }

  options(more = "") {
    return [...this.place.querySelectorAll(`[role=option]${more}`)];
  }

  point(one) {
    if (one === this.active && one) return;
    if (one === null && this.options().length) return;
    this.active?.setAttribute("aria-selected", "false");
    this.active = one;
    one?.setAttribute("aria-selected", "true");
    if (one) this.input.setAttribute("aria-activedescendant", one.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing || event.keyCode === COMPOSING) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target !== this.input) return;
    event.preventDefault();
    const all = this.options();
    const next = all[(all.indexOf(this.active) + by + all.length) % all.length];
    if (!next) return;
    this.point(next);
    next.scrollIntoView({ block: "nearest" });
  }

  // What is marked opens; what was typed a moment ago is waited for.
  enter(event) {
    event.preventDefault();
    if (this.input.value.trim() === this.answered) {
      if (this.active) this.active.click();
      else event.target.submit();
      return;
    }
    this.entered = true;
    clearTimeout(this.pause);
    this.ask();
  }

  follow(event) {
    if (event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey) this.root.close();
  }
}

function option({ url, title, kind }) {
  const link = element("a", "", "");
  link.href = url;
  link.tabIndex = -1;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  link.append(element("b", "", title), element("span", "option-text", words.kinds[kind]));
  return link;
}

function element(name, className, textContent) {
  return Object.assign(document.createElement(name), { className, textContent });
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === COMPOSING || event.altKey || event.shiftKey) return;
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || !template) return;
  event.preventDefault();
  if (dialog) dialog.close();
  else openPalette();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openPalette();
});

// The bar's own field is a form without a script; with one it is the way into the palette.
for (const field of document.querySelectorAll("[data-palette-text]")) {
  const pass = () => {
    const text = field.value;
    field.value = "";
    if (text) openPalette(text);
  };
  field.addEventListener("click", () => openPalette());
  field.addEventListener("input", (event) => event.isComposing || pass());
  field.addEventListener("compositionend", pass);
}
