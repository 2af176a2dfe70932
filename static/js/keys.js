import { openDialog } from "./dialogs.js";
import { openPalette } from "./palette.js";
import { undoLast } from "./toasts.js";
import { words } from "./words.js";

const OFF = "keys-off";
const PLACES = { t: "/today", b: "/board", l: "/leads", c: "/chain" };
const rows = () => [...document.querySelectorAll("[data-key-row] a:first-of-type, .card-name")];
let afterG = false;

const KEYS = {
  "/": () => openPalette(),
  "?": () => help(),
  n: () => location.assign("/leads/new"),
  v: () => follow("[data-key=v]", "/visits/new"),
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest("tr")?.querySelector("[type=checkbox]")?.click(),
  z: () => undoLast(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (localStorage.getItem(OFF)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const place = afterG && PLACES[key];
  afterG = key === "g";
  if (place) location.assign(place);
  else if (KEYS[key]) KEYS[key]();
  else if (!pressMarked(key)) return;
  event.preventDefault();
});

function typing(target) {
  return Boolean(target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}

function follow(selector, otherwise) {
  const marked = document.querySelector(selector);
  if (marked) marked.click();
  else location.assign(otherwise);
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

function help() {
  const box = document.createElement("div");
  const heading = Object.assign(document.createElement("h2"), { textContent: words.keys });
  const list = Object.assign(document.createElement("dl"), { className: "keys" });
  for (const [keys, text] of words.keyList) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) {
      term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    }
    list.append(term, Object.assign(document.createElement("dd"), { textContent: text }));
  }
  box.append(heading, list, offSwitch(), closeButton());
  openDialog(box);
}

function offSwitch() {
  const label = Object.assign(document.createElement("label"), { className: "check" });
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
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
