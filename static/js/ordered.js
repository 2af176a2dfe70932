// Lists whose items are moved up and down by buttons; their order is the order they are sent in.
const arm = (root) =>
  root.querySelectorAll("[data-ordered] [data-move-by]").forEach((button) => (button.hidden = false));

arm(document);
document.addEventListener("crm:content", (event) => arm(event.detail));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ordered] [data-move-by]");
  if (!button) return;
  const item = button.closest("li");
  if (button.dataset.moveBy === "1") item.nextElementSibling?.after(item);
  else item.previousElementSibling?.before(item);
  button.focus();
});
