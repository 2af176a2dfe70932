import { whenIdle } from "./turns.js";

// Lists whose items are dragged from one to another; the same way on the board and in the calendar.
const HOW = {
  preventOnFilter: false,
  sort: false,
  animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160,
  // A finger first scrolls; held still for a moment it takes the item.
  delay: 200,
  delayOnTouchOnly: true,
  touchStartThreshold: 4,
  onStart: ({ item }) => (item.homeNext = item.nextElementSibling),
};

// Where the order counts, the half of an item that the pointer is on says before or after it. Items that
// still slide would be missed by it, so nothing slides.
const IN_ORDER = { sort: true, direction: "vertical", invertSwap: true, animation: 0 };

/** Let items be dragged between lists below a root, once the page stands; `options` are Sortable's.
 *  `dropped(item, to, putBack)` hears of an item in another list or, `ordered`, at another place;
 *  `beside(item, element)` of one that came to no other list, and over what it was let go. */
export function sortable(root, lists, { dropped, beside, ordered = false, ...options }) {
  const onEnd = ({ item, from, to, oldIndex, newIndex, originalEvent }) => {
    // Behind the last one stood what hung under the finger; it is gone.
    const home = () => (item.homeNext?.parentElement === from ? item.homeNext : null);
    if (from !== to || oldIndex !== newIndex) dropped(item, to, () => from.insertBefore(item, home()));
    else beside?.(item, below(originalEvent));
    forgetClick();
  };
  const start = async () => {
    const { default: Sortable } = await import("sortablejs");
    const how = { ...HOW, ...(ordered ? IN_ORDER : {}), ...options, onEnd };
    for (const list of lists) Sortable.create(list, how);
    root.dataset.sorts = "";
  };
  // Where it can't be had, the menu and the keys move the item too.
  whenIdle(() => start().catch(() => {}));
}

function below(event) {
  const { clientX, clientY } = event.changedTouches?.[0] ?? event;
  return Number.isFinite(clientX) ? document.elementFromPoint(clientX, clientY) : null;
}

// After a finger's drag Sortable swallows the next click, which comes of no drag: it would be the tap on what the drop asks.
function forgetClick() {
  document.documentElement.dispatchEvent(new MouseEvent("click"));
}
