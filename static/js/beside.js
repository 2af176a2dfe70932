// So much of the page stays free around what stands beside a column.
const AIR = 8;
const wide = matchMedia("(min-width: 768px)");

/** Stand a dialog beside its card's column, at the card's height: at the right, else at the left, so
    that the card stays in sight. Where neither has room it stands as every dialog does. */
export function standBeside(dialog, card) {
  const place = () => {
    const where = wide.matches && card.isConnected && beside(dialog, card);
    dialog.classList.toggle("dialog-beside", Boolean(where));
    // As a property of the element: the page's policy allows no style in its text.
    dialog.style.left = where ? `${where.left}px` : "";
    dialog.style.top = where ? `${where.top}px` : "";
  };
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  // What comes back from the server may be higher; a window may become narrower.
  const seen = new ResizeObserver(place);
  seen.observe(dialog);
  seen.observe(document.documentElement);
  dialog.addEventListener("close", () => seen.disconnect());
  place();
}

function beside(dialog, card) {
  const column = card.closest("section").getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const { clientWidth, clientHeight } = document.documentElement;
  const sides = [column.right, column.left - width];
  const left = sides.find((side) => side >= AIR && side + width <= clientWidth - AIR);
  if (left === undefined) return null;
  const lowest = clientHeight - AIR - height;
  return { left, top: Math.max(AIR, Math.min(card.getBoundingClientRect().top, lowest)) };
}
