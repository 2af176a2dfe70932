import { words } from "./words.js";

// Whoever has just called wants to log a call: the way to the form is the one that stands out, and knows.
const FORM = "a[href^='/visits/new?']";

document.addEventListener("click", ({ target }) => {
  const call = target.closest?.("[data-calls] a[href^='tel:']");
  const log = call?.closest("[data-calls]").querySelector(FORM);
  if (!log) return;
  const url = new URL(log.href);
  url.searchParams.set("mode", "call");
  log.setAttribute("href", url.pathname + url.search);
  log.textContent = words.logCall;
  if (!call.classList.contains("btn-primary")) return;
  call.classList.remove("btn-primary");
  log.classList.add("btn-primary");
});
