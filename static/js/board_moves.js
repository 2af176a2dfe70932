import { standBeside } from "./beside.js";
import { board, cardOf, columns, doorOf, focus, group, renew } from "./board_card.js";
import { openRemote } from "./dialogs.js";
import { forget } from "./drafts.js";
import { post, withHtmx } from "./net.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// Where a card was dropped: the server decides, asks for what is missing, or puts it back.

/** Bring a card, which hangs in its new column already, there in truth; else `putBack`. */
export async function move(card, lane, putBack) {
  if (group === "team" || skips(card, lane)) {
    if (await ask(card, lane, putBack)) return;
    putBack();
    focus(card);
    toast(words.offline);
    return;
  }
  card.classList.add("card-busy");
  const { status, body } = await post(doorOf(card), asked(card, lane));
  card.classList.remove("card-busy");
  if (status === 200 || status === 201) {
    await saved(card.dataset.id, body.text || words.moved, body.undo_url);
    return;
  }
  if (status === 422 && group === "stage" && (await ask(card, lane, putBack))) return;
  putBack();
  const shown = status === 409 ? await renew(card) : card;
  if (shown) focus(shown);
  if (status === 422) toast(body.message || words.refused);
  else if (status === 409) toast(body.message || words.changed);
  else toast(body.message || words.offline);
}

// The heads of the columns count anew.
const changed = () => withHtmx((htmx) => htmx.trigger("#board-heads", "board:changed"));

function asked(card, lane) {
  const version = Number(card.dataset.version);
  if (group === "stage") return { to_stage: lane, version };
  return { place: lane === "none" ? "" : `district:${lane}`, version };
}

function skips(card, lane) {
  const order = columns().map((column) => column.dataset.lane);
  return group === "stage" && order.indexOf(lane) - order.indexOf(card.dataset.lane) > 1;
}

// The server's own form says what is missing, takes it and moves; closed without, the card goes back.
async function ask(card, lane, putBack) {
  const url = new URL(`${doorOf(card)}/new`, location.href);
  url.searchParams.set(group === "team" ? "team" : "to_stage", lane);
  const dialog = await openRemote(url);
  if (!dialog) return false;
  card.classList.add("card-landed");
  standBeside(dialog, card);
  dialog.addEventListener("close", async () => {
    card.classList.remove("card-landed");
    if ("saved" in dialog.dataset) return;
    putBack();
    focus(card);
    const shown = await renew(card);
    if (shown) focus(shown);
  });
  return true;
}

/** Say what was saved and show the card as it is now. */
async function saved(id, text, undoUrl) {
  toast(text, undoUrl && (() => takeBack(id, undoUrl)));
  changed();
  const card = cardOf(id);
  const shown = card && (await renew(card));
  if (shown) focus(shown);
}

async function takeBack(id, url) {
  const { status, body } = await post(url, {});
  const card = cardOf(id);
  if (card) await renew(card);
  else if (status === 201) location.reload(); // it had left the board
  changed();
  toast(status === 201 ? words.undone : body.message || words.offline);
}

if (board) {
  // A form over the board was saved.
  document.addEventListener("card:saved", ({ target, detail }) => {
    const dialog = target.closest("dialog");
    for (const form of dialog?.querySelectorAll("form[data-draft]") ?? []) forget(form.dataset.draft);
    if (dialog) {
      dialog.dataset.saved = "";
      dialog.close();
    }
    saved(detail.id, detail.text, detail.undo_url);
  });
}
