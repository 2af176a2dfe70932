import { withHtmx } from "./net.js";

// The cards of the board: where they hang, what the server says of them, which one has the focus.

export const board = document.querySelector("[data-board]");
export const group = board?.dataset.group;
export const columns = () => [...board.querySelectorAll("section[data-lane]")];
export const laneOf = (element) => element.closest("section[data-lane]").dataset.lane;
export const nameOf = (column) => column.querySelector("h2").firstChild.textContent.trim();
export const listOf = (lane) =>
  board.querySelector(`section[data-lane="${CSS.escape(lane)}"] [data-cards]`);
const ROOMS = { stage: "stage-changes", district: "placements", team: "hand-overs" };
/** Where a drop is sent; what it still lacks is asked by the form below it. */
export const doorOf = (card) => `/leads/${card.dataset.id}/${ROOMS[group]}`;
export const cardOf = (id) => board.querySelector(`.card[data-id="${CSS.escape(id)}"]`);

export function focus(card) {
  card.querySelector("a").focus({ preventScroll: false });
}

/** The card as the server has it now, in the column where it belongs; null when it is gone.
 *  Until then it is busy: another one takes its place. */
export async function renew(card) {
  card.ariaBusy = "true";
  const answer = await fetch(`/board/cards/${card.dataset.id}?group=${group}`).catch(() => null);
  if (!answer?.ok) {
    card.ariaBusy = null;
    return answer?.status === 404 ? leave(card) : card;
  }
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  const fresh = box.content.querySelector(".card");
  if ("held" in fresh.dataset !== (board.dataset.status === "on_hold")) return leave(card);
  const list = listOf(fresh.dataset.lane);
  if (list && list !== card.parentElement) {
    list.prepend(fresh);
    card.remove();
  } else {
    card.replaceWith(fresh);
  }
  withHtmx((htmx) => htmx.process(fresh));
  return fresh;
}

function leave(card) {
  const next = card.nextElementSibling?.closest(".card") ?? card.previousElementSibling?.closest(".card");
  card.remove();
  if (next) focus(next);
  return null;
}
