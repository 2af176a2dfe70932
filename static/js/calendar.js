import { anew } from "./anew.js";
import { post } from "./net.js";
import { sortable } from "./sorting.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// An entry dropped on another day. What a drag does, "改日期" on the entry's line does too.
const region = () => document.querySelector("[data-calendar]");

function start() {
  const calendar = region();
  if (!calendar) return;
  sortable(calendar, calendar.querySelectorAll(".cal-list"), {
    group: "days",
    draggable: "[data-moves]",
    filter: ".cal-acts",
    ghostClass: "cal-hole",
    dropped: (item, list, putBack) => move(item, list.dataset.day, putBack),
  });
}

async function move(item, day, putBack) {
  const { status, body } = await post(item.dataset.moves, { day, read: item.dataset.read });
  if (status === 201) {
    toast(body.text, body.undo_url && (() => takeBack(body.undo_url)));
    await renew();
    return;
  }
  putBack();
  const [sentence] = Object.values(body.errors ?? {}).flat();
  toast(sentence || body.message || words.offline);
  if (status === 409) await renew();
}

async function takeBack(url) {
  const { status, body } = await post(url, {});
  toast(status === 201 ? words.undone : body.message || words.offline);
  await renew();
}

async function renew() {
  await anew("calendar", ({ dataset }) => dataset.here);
  start();
}

start();