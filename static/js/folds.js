// What stands open beside a page on a desk is folded on a phone; without scripts all is open.
const narrow = matchMedia("(max-width: 767px)");
const fold = () =>
  document.querySelectorAll("details[data-fold]").forEach((part) => {
    part.open = !narrow.matches;
  });

narrow.addEventListener("change", fold);
fold();
