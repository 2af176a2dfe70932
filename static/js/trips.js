import Sortable from "sortablejs";

import { htmx, post } from "./net.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// A stop dropped elsewhere. What a drag does, the arrows and "改" on the stop do too.
const region = () => document.querySelector("[data-trip]");

function start() {
  region()?.querySelectorAll("[data-trip-day]").forEach((list) =>
    Sortable.create(list, {
      group: "stops",
      draggable: "[data-places]",
      handle: ".trip-grip",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160,
      delay: 200,
      delayOnTouchOnly: true,
      ghostClass: "trip-hole",
      onEnd: ({ item, from, to, oldIndex, newIndex }) => {
        if (from !== to || oldIndex !== newIndex) place(item, to);
      },
    }),
  );
}

async function place(item, list) {
  const before = item.nextElementSibling?.dataset.stop ?? "";
  const { status, body } = await post(item.dataset.places, { day: list.dataset.tripDay, before });
  if (status !== 201) {
    const [sentence] = Object.values(body.errors ?? {}).flat();
    toast(sentence || body.message || words.offline);
  }
  // Also where it was refused: what stands there is the server's.
  if (status) await renew();
}

async function renew() {
  await htmx.ajax("GET", region().dataset.trip, { target: region(), select: "#itinerary", swap: "outerHTML" });
  start();
}

start();
