import { openDialog } from "./dialogs.js";
import { openPalette } from "./palette.js";
import { undoLast } from "./toasts.js";
import { words } from "./words.js";

const OFF = "keys-off";
const PLACES = { t: "/today", b: "/board", l: "/leads", c: "/chain" };
const rows = () =>
  [...document.querySelectorAll("[data-key-row], .card")]
    .map((row) => row.querySelector("a"))
    .filter((link) => link?.checkVisibility?.() ?? link);
const inMenu = (path) => document.querySelector(`.side a[href="${path}"]`);
const may = (what) => document.body.dataset.may?.split(" ").includes(what);
let afterG = false;

/** Whether a person switched the single keys off in this browser. */
export function keysOff() {
  try {
    return Boolean(localStorage.getItem(OFF));
  } catch {
    return false;
  }
}

const KEYS = {
  "/": () => openPalette(),
  "?": () => help(),
  n: () => may("lead") && location.assign("/leads/new"),
  v: () => pressMarked("v") || (may("visit") && location.assign("/visits/new")),
  j: () => step(1),
  k: () => step(-1),
  x: () => boxOf(document.activeElement)?.click(),
  z: () => undoLast(),
};

// Which keys work here: what the sheet lists, by the word behind each of its lines.
const WORKS = {
  "": () => true,
  lead: () => may("lead"),
  visit: () => may("visit") || document.querySelector("[data-key=v]"),
  rows: () => rows().length,
  cards: () => document.querySelector("[data-board]"),
  boxes: () => document.querySelector("tr [type=checkbox]"),
  facts: () => document.querySelector("[data-fact]"),
};

document.addEventListener("keydown", (event) => {
  // An input method says 229 for the keys that it takes, also before it begins to compose.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]") || keysOff()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const place = afterG && PLACES[key];
  afterG = key === "g";
  if (place) inMenu(place)?.click();
  else if (KEYS[key]) KEYS[key]();
  else if (!pressMarked(key)) return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => target.closest("[data-keys-help]") && help());

function typing(target) {
  return Boolean(
    target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"),
  );
}

// A page's own keys: the element that carries data-key is pressed.
function pressMarked(key) {
  if (key.length !== 1) return false;
  const marked = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  marked?.click();
  return Boolean(marked);
}

function step(by) {
  const all = rows();
  const here = all.indexOf(document.activeElement);
  all[Math.min(all.length - 1, Math.max(0, here + by))]?.focus();
}

const boxOf = (element) => element.closest("tr")?.querySelector("[type=checkbox]");

function help() {
  const box = document.createElement("div");
  const heading = Object.assign(document.createElement("h2"), { textContent: words.keys });
  const list = Object.assign(document.createElement("dl"), { className: "keys" });
  for (const [keys, text] of [...known(), ...marked()]) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) {
      term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    }
    list.append(term, Object.assign(document.createElement("dd"), { textContent: text }));
  }
  box.append(heading, list, offSwitch(), closeButton());
  openDialog(box);
}

const known = () =>
  words.keyList.filter(([, , where]) => (where.startsWith("/") ? inMenu(where) : WORKS[where]()));

// What the page marks with keys of its own is called as it is called there.
function marked() {
  const own = [...document.querySelectorAll("[data-key]")].filter(({ dataset }) => !KEYS[dataset.key]);
  const said = own.map((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach((hint) => hint.remove());
    return [element.dataset.key.toUpperCase(), copy.textContent.trim()];
  });
  return [...new Map(said)];
}

function offSwitch() {
  const label = Object.assign(document.createElement("label"), { className: "check" });
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: keysOff() });
  box.addEventListener("change", () => {
    if (box.checked) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  });
  label.append(box, words.keysOff);
  return label;
}

function closeButton() {
  const button = Object.assign(document.createElement("button"), {
    className: "btn",
    type: "button",
    textContent: words.close,
  });
  button.dataset.close = "";
  return button;
}
