import Sortable from "sortablejs";

import { htmx, post } from "./net.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// An entry dropped on another day. What a drag does, "改日期" on the entry's line does too.
const region = () => document.querySelector("[data-calendar]");

function start() {
  region()?.querySelectorAll(".cal-list").forEach((list) =>
    Sortable.create(list, {
      group: "days",
      draggable: "[data-moves]",
      filter: ".cal-acts",
      preventOnFilter: false,
      sort: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160,
      delay: 200,
      delayOnTouchOnly: true,
      ghostClass: "cal-hole",
      onStart: ({ item }) => (item.homeNext = item.nextElementSibling),
      onEnd: ({ item, from, to }) => {
        if (from !== to) move(item, to.dataset.day, () => from.insertBefore(item, item.homeNext));
      },
    }),
  );
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
  await htmx.ajax("GET", region().dataset.here, { target: region(), select: "#calendar", swap: "outerHTML" });
  start();
}

start();