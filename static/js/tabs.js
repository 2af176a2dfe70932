// A row of tabs that is wider than the phone begins where the chosen one can be read. It is measured
// once it is laid out: to ask before would lay out the whole page for it.
const MARGIN = 16;

const laidOut = new ResizeObserver((rows) => {
  for (const { target: row } of rows) {
    laidOut.unobserve(row);
    const chosen = row.querySelector("[aria-current]");
    const hidden = chosen.getBoundingClientRect().right - row.getBoundingClientRect().right;
    if (hidden > 0) row.scrollLeft += hidden + MARGIN;
  }
});

for (const chosen of document.querySelectorAll(".viewtabs [aria-current]")) {
  laidOut.observe(chosen.closest(".viewtabs"));
}
