import { board, columns, focus, laneOf, listOf, nameOf } from "./board_card.js";
import "./board_folds.js";
import { move } from "./board_moves.js";
import { openDialog, openRemote } from "./dialogs.js";
import { keysOff } from "./keys.js";
import { sortable } from "./sorting.js";
import { toast } from "./toasts.js";
import { dialogOf } from "./why.js";
import { words } from "./words.js";

// What is done on a card by a key; why.js knows the form of each, which opens over the board.
const KEYS = { visit: "v", step: "s", hold: "h", wake: "h" };

if (board) {
  sortable(board, board.querySelectorAll("[data-cards]"), {
    group: "lanes",
    draggable: ".card[data-movable]",
    filter: "[data-card-menu], [data-why]",
    ghostClass: "card-hole",
    dragClass: "card-drag",
    dropped: (card, list, putBack) => move(card, laneOf(list), putBack),
    // Where one column is shown at a time, the tabs stand for the others.
    beside: (card, element) => {
      const lane = element?.closest("[data-tab]")?.dataset.tab;
      if (lane && lane !== card.dataset.lane) send(card, lane);
    },
  });
  board.addEventListener("keydown", pressed);
  document.addEventListener("keydown", enter);
  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card-menu]");
    if (button) menu(button.closest(".card"));
  });
}

function pressed(event) {
  const card = event.target.closest(".card");
  if (!card || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const next = neighbour(card, event.key);
  const action = actionsOf(card).find((name) => KEYS[name] === key);
  if (next) focus(next);
  else if (keysOff()) return;
  else if (key === "m" && "movable" in card.dataset) openDialog(lanesFor(card, "h2", words.moveIt.replace("{name}", nameOfCard(card))));
  else if (action) act(card, action);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// An arrow key takes the first card where nothing else has the focus; in a column, its first.
function enter(event) {
  if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const at = document.activeElement;
  const around = at.matches("[data-cards]") ? at : at.matches("body, main") && board;
  if (!around || document.querySelector("dialog[open]")) return;
  const first = [...around.querySelectorAll(".card")].find((card) => card.offsetParent);
  if (!first) return;
  focus(first);
  event.preventDefault();
}

function neighbour(card, key) {
  if (key === "ArrowDown") return card.nextElementSibling?.closest(".card");
  if (key === "ArrowUp") return card.previousElementSibling?.closest(".card");
  const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!side) return null;
  const open = [...board.querySelectorAll(".column:not(.column-folded) [data-cards]")];
  const lists = open.filter((list) => list.querySelector(".card"));
  const cards = lists[lists.indexOf(card.parentElement) + side]?.querySelectorAll(".card") ?? [];
  return cards[Math.min([...card.parentElement.children].indexOf(card), cards.length - 1)];
}

const actionsOf = (card) => card.dataset.actions?.split(" ") ?? [];

async function act(card, name) {
  const dialog = await openRemote(dialogOf(name, card.dataset.id));
  if (!dialog) toast(words.offline);
}

/** All that can be done with a card, for a mouse, a finger and the keyboard. */
function menu(card) {
  const box = element("div");
  box.append(element("h2", { textContent: nameOfCard(card) }));
  const list = element("div", { className: "menu" });
  for (const name of actionsOf(card)) {
    list.append(choice(words.actions[name], KEYS[name], () => act(card, name)));
  }
  box.append(list);
  if ("movable" in card.dataset) box.append(lanesFor(card, "h3", words.move));
  openDialog(box);
}

const nameOfCard = (card) => card.querySelector(".card-name").textContent.trim();

function lanesFor(card, heading, said) {
  const box = element("div");
  const list = element("div", { className: "menu" });
  for (const column of columns()) {
    if (column.dataset.lane !== card.dataset.lane) {
      list.append(choice(nameOf(column), "", () => send(card, column.dataset.lane)));
    }
  }
  box.append(element(heading, { textContent: said }), list);
  return box;
}

function choice(text, key, chosen) {
  const button = element("button", { className: "btn", type: "button", textContent: text });
  if (key) {
    const hint = element("kbd", { className: "desk-only", textContent: key.toUpperCase() });
    hint.setAttribute("aria-hidden", "true");
    button.append(hint);
  }
  button.addEventListener("click", () => {
    button.closest("dialog").close();
    chosen();
  });
  return button;
}

function send(card, lane) {
  const from = card.parentElement;
  const after = card.nextSibling;
  listOf(lane).prepend(card);
  move(card, lane, () => from.insertBefore(card, after));
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
