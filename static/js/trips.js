import { anew } from "./anew.js";
import { post } from "./net.js";
import { sortable } from "./sorting.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// A stop dropped elsewhere. What a drag does, the arrows and "改" on the stop do too.
const region = () => document.querySelector("[data-trip]");

function start() {
  const trip = region();
  if (!trip) return;
  sortable(trip, trip.querySelectorAll("[data-trip-day]"), {
    group: "stops",
    draggable: "[data-places]",
    handle: ".trip-grip",
    ghostClass: "trip-hole",
    ordered: true,
    dropped: place,
  });
}

async function place(item, list) {
  const trip = region();
  trip.setAttribute("aria-busy", "true");
  const before = item.nextElementSibling?.dataset.stop ?? "";
  const { status, body } = await post(item.dataset.places, { day: list.dataset.tripDay, before });
  if (status !== 201) {
    const [sentence] = Object.values(body.errors ?? {}).flat();
    toast(sentence || body.message || words.offline);
  }
  // Also where it was refused: what stands there is the server's.
  if (status) await renew();
  trip.removeAttribute("aria-busy");
}

async function renew() {
  await anew("itinerary", ({ dataset }) => dataset.trip);
  start();
}

start();
