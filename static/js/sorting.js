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

/** Let items be dragged between lists below a root, once the page stands; `options` are Sortable's.
 *  `dropped(item, to, putBack)` hears of an item in another list or, with `sort`, at another place. */
export function sortable(root, lists, { dropped, ...options }) {
  const onEnd = ({ item, from, to, oldIndex, newIndex }) => {
    if (from !== to || oldIndex !== newIndex) dropped(item, to, () => from.insertBefore(item, item.homeNext));
  };
  const start = async () => {
    const { default: Sortable } = await import("sortablejs");
    for (const list of lists) Sortable.create(list, { ...HOW, ...options, onEnd });
    root.dataset.sorts = "";
  };
  // Where it can't be had, the menu and the keys move the item too.
  whenIdle(() => start().catch(() => {}));
}
