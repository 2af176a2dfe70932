import Sortable from "sortablejs";

import { openDialog, openRemote } from "./dialogs.js";
import { htmx, post } from "./net.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

const board = document.querySelector("[data-board]");
const stageOf = (list) => list.closest("[data-stage]").dataset.stage;
const nameOf = (column) => column.querySelector("h2").firstChild.textContent.trim();

if (board) {
  board.querySelectorAll("[data-cards]").forEach(sortable);
  board.addEventListener("keydown", pressed);
  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move-card]");
    if (button) menu(button.closest(".card"));
  });
}

function sortable(list) {
  Sortable.create(list, {
    group: "stages",
    draggable: ".card[data-movable]",
    filter: "[data-move-card]",
    preventOnFilter: false,
    sort: false,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160,
    // A finger first scrolls; held still for a moment it takes the card.
    delay: 200,
    delayOnTouchOnly: true,
    touchStartThreshold: 4,
    ghostClass: "card-hole",
    dragClass: "card-drag",
    onStart: ({ item }) => (item.homeNext = item.nextElementSibling),
    onEnd: ({ item, from, to }) => {
      if (from !== to) move(item, stageOf(to), () => from.insertBefore(item, item.homeNext));
    },
  });
}

async function move(card, stage, putBack) {
  card.classList.add("card-busy");
  const { status, body } = await post(card.dataset.url, {
    to_stage: stage,
    version: Number(card.dataset.version),
  });
  card.classList.remove("card-busy");
  if (status === 200 || status === 201) {
    await moved(card, stage, body);
    return;
  }
  if (status === 422 && (await ask(card, stage, putBack))) return;
  putBack();
  const shown = status === 409 ? await renew(card) : card;
  if (shown) focus(shown);
  if (status === 422) toast(body.message || words.refused);
  else if (status === 409) toast(body.message || words.changed);
  else toast(body.message || words.offline);
}

async function moved(card, stage, body) {
  toast(body.text || words.moved, body.undo_url && (() => takeBack(card.dataset.id, body.undo_url)));
  card.dataset.stage = stage;
  htmx.trigger(board, "board:changed");
  const shown = await renew(card);
  if (shown) focus(shown);
}

async function takeBack(id, url) {
  const { status, body } = await post(url, {});
  const card = board.querySelector(`.card[data-id="${CSS.escape(id)}"]`);
  if (card) await renew(card);
  htmx.trigger(board, "board:changed");
  toast(status === 201 ? words.undone : body.message || words.offline);
}

/** The card as the server has it now, in the column where it belongs; null when it is gone. */
async function renew(card) {
  const answer = await fetch(card.dataset.cardUrl).catch(() => null);
  if (!answer?.ok) {
    if (answer?.status === 404) card.remove();
    return answer?.status === 404 ? null : card;
  }
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  const fresh = box.content.querySelector(".card");
  const list = listOf(fresh.dataset.stage);
  if (list && list !== card.parentElement) {
    list.prepend(fresh);
    card.remove();
  } else {
    card.replaceWith(fresh);
  }
  htmx.process(fresh);
  return fresh;
}

// The server's own form says what is missing, takes it and moves; closed without, the card goes back.
async function ask(card, stage, putBack) {
  const url = new URL(card.dataset.moveUrl, location.href);
  url.searchParams.set("to_stage", stage);
  const dialog = await openRemote(url);
  if (!dialog) return false;
  card.classList.add("card-landed");
  dialog.addEventListener("close", () => {
    card.classList.remove("card-landed");
    putBack();
    focus(card);
  });
  return true;
}

function listOf(stage) {
  return board.querySelector(`[data-stage="${CSS.escape(stage)}"] [data-cards]`);
}

function focus(card) {
  card.querySelector("a").focus({ preventScroll: false });
}

function pressed(event) {
  const card = event.target.closest(".card");
  if (!card || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = neighbour(card, event.key);
  if (next) focus(next);
  else if (event.key.toLowerCase() === "m" && "movable" in card.dataset) menu(card);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function neighbour(card, key) {
  if (key === "ArrowDown") return card.nextElementSibling?.closest(".card");
  if (key === "ArrowUp") return card.previousElementSibling?.closest(".card");
  const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!side) return null;
  const lists = [...board.querySelectorAll("[data-cards]")].filter((list) => list.querySelector(".card"));
  const cards = lists[lists.indexOf(card.parentElement) + side]?.querySelectorAll(".card") ?? [];
  return cards[Math.min([...card.parentElement.children].indexOf(card), cards.length - 1)];
}

function menu(card) {
  const box = document.createElement("div");
  box.append(Object.assign(document.createElement("h2"), { textContent: words.move }));
  const list = Object.assign(document.createElement("div"), { className: "menu" });
  for (const column of board.querySelectorAll("[data-stage][data-testid=stage-column]")) {
    if (column.dataset.stage !== card.dataset.stage) list.append(choice(card, column));
  }
  box.append(list);
  openDialog(box);
}

function choice(card, column) {
  const button = Object.assign(document.createElement("button"), {
    className: "btn",
    type: "button",
    textContent: nameOf(column),
  });
  button.addEventListener("click", () => {
    button.closest("dialog").close();
    const from = card.parentElement;
    const after = card.nextSibling;
    listOf(column.dataset.stage).prepend(card);
    move(card, column.dataset.stage, () => from.insertBefore(card, after));
  });
  return button;
}
