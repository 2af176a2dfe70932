// Rows chosen on a list: the bar says how many; the first box chooses all of the page.
const bar = document.querySelector("[data-bulk]");

if (bar) {
  const page = document.querySelector("[data-bulk-page]");
  const rows = () => [...document.querySelectorAll("[data-bulk-row]")];
  const chosen = () => rows().filter((box) => box.checked).length;
  const all = bar.elements.namedItem("all");

  const say = () => {
    const n = all?.checked ? Number(bar.dataset.total) : chosen();
    const count = bar.querySelector("[data-bulk-count]");
    count.textContent = n ? count.dataset.words.replace("{n}", n) : "";
    page.checked = n > 0 && chosen() === rows().length;
    page.indeterminate = n > 0 && !page.checked;
    // More than may be changed at once may still be taken along.
    for (const change of bar.querySelectorAll("[name=kind]")) change.disabled = n > Number(bar.dataset.most);
  };

  page.hidden = false;
  page.addEventListener("change", () => {
    for (const box of rows()) box.checked = page.checked;
    if (all && !page.checked) all.checked = false;
    say();
  });
  document.addEventListener("change", (event) => {
    if (event.target.form === bar) say();
  });
  bar.addEventListener("reset", () => setTimeout(say));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open], [data-menu][open]")) bar.reset();
  });
  // Coming back by the browser's own button, the boxes are as they were left.
  addEventListener("pageshow", say);
  say();
}
