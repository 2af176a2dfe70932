// What stands open beside a page on a desk is folded on a phone; without scripts all is open.
const narrow = matchMedia("(max-width: 767px)");
const foldIn = (root) =>
  root.querySelectorAll("details[data-fold]").forEach((part) => {
    part.open = !narrow.matches;
  });
const fold = () => foldIn(document);

narrow.addEventListener("change", fold);
document.addEventListener("htmx:load", ({ target }) => target !== document.body && foldIn(target));
fold();

// What a person filled in stays folded on a phone, where it would stand before the answer.
if (narrow.matches) {
  document.querySelectorAll("details[data-fold-narrow]").forEach((part) => {
    part.open = false;
  });
}

// A link to a field opens what it is folded into.
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("details");
  if (!part) return;
  part.open = true;
  target.focus();
  target.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", reveal);
reveal();
