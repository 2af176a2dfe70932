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

// On a phone the days stand one below the other: one that comes here begins with today, and one that
// comes back with what they left.
function beginWithToday() {
  const narrow = matchMedia("(max-width: 767px)").matches;
  const [came] = performance.getEntriesByType("navigation");
  if (!narrow || location.hash || came?.type !== "navigate") return;
  region()?.querySelector("#today")?.scrollIntoView();
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
beginWithToday();
