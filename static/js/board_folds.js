import { board, columns, group } from "./board_card.js";

// Columns that a person folded stay folded in their browser, for each way of grouping.
const KEY = `board-folded:${group}`;

function folded() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) || "[]"));
  } catch {
    return new Set();
  }
}

function show() {
  const closed = folded();
  for (const column of columns()) {
    const shut = closed.has(column.dataset.lane);
    column.classList.toggle("column-folded", shut);
    const button = column.querySelector("[data-fold-column]");
    button.setAttribute("aria-expanded", String(!shut));
    button.textContent = shut ? button.dataset.folded : button.dataset.open;
  }
}

function toggle(lane) {
  const closed = folded();
  if (!closed.delete(lane)) closed.add(lane);
  try {
    localStorage.setItem(KEY, JSON.stringify([...closed]));
  } catch {
    return; // Where nothing can be kept the column stays as it is.
  }
  show();
}

if (board) {
  show();
  board.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-fold-column]");
    if (button) toggle(button.closest("section").dataset.lane);
  });
  // The heads come anew after a move.
  document.addEventListener("htmx:oobAfterSwap", show);
}
