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

// A menu closes when anything else is pressed or something in it was chosen, and by Esc, which
// leaves the focus on its button.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");
addEventListener("pointerdown", (event) =>
  openMenus().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  }),
);
addEventListener("click", (event) => {
  const menu = event.target.closest("details[data-menu] :is(a, [formaction])")?.closest("details");
  if (menu) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  openMenus().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

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
