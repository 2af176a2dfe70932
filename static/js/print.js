// A page made for paper says how it is printed.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
