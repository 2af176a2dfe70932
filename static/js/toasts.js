import { words } from "./words.js";

const STAYS_MS = 8000;
const MOST = 2;

const region = () => document.getElementById("toasts");

/** Say one sentence; `undo` is called when the person takes it back. */
export function toast(text, undo) {
  const item = document.createElement("div");
  item.className = "toast";
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.undo = "";
    button.append(`${words.undo} `, Object.assign(document.createElement("kbd"), { textContent: "Z" }));
    button.addEventListener("click", () => {
      item.remove();
      undo();
    });
    item.append(button);
  }
  region()?.append(item);
  keep(item);
}

/** Let the sentences that came with the page go like all others. */
export function adopt(found) {
  found?.querySelectorAll("[data-toast]").forEach(keep);
}

/** Press the newest undo there is; false without one. */
export function undoLast() {
  const button = [...(region()?.querySelectorAll("[data-undo]") ?? [])].pop();
  button?.click();
  return Boolean(button);
}

function keep(item) {
  const all = [...region().children];
  all.slice(0, Math.max(0, all.length - MOST)).forEach((old) => old.remove());
  let timer = setTimeout(() => item.remove(), STAYS_MS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(() => item.remove(), STAYS_MS);
  };
  item.addEventListener("focusin", hold);
  item.addEventListener("mouseenter", hold);
  item.addEventListener("focusout", release);
  item.addEventListener("mouseleave", release);
}
