// A row of tabs that is wider than the phone begins where the chosen one can be read.
const MARGIN = 16;

for (const chosen of document.querySelectorAll(".viewtabs [aria-current]")) {
  const row = chosen.closest(".viewtabs");
  const hidden = chosen.getBoundingClientRect().right - row.getBoundingClientRect().right;
  if (hidden > 0) row.scrollLeft += hidden + MARGIN;
}
