import { withHtmx } from "./net.js";
import { forget } from "./drafts.js";
import { toast } from "./toasts.js";

// Facts that are changed where they stand: pressed, a value becomes its field. Enter saves, Esc puts
// it back, Tab saves and goes on. The server's answer is the field again or the new value.
const shown = new WeakMap();
const hostOf = (element) => element?.closest?.("[data-fact]");
const openIn = (host) => host?.querySelector("form");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const host = detail.target;
  if (!host.matches?.("[data-fact]")) return;
  if (!openIn(host)) shown.set(host, host.innerHTML);
  host.hadFocus = host.contains(document.activeElement);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const host = detail.target;
  if (!host.matches?.("[data-fact]")) return;
  const form = openIn(host);
  if (form) {
    withHtmx((htmx) => htmx.process(form)); // before its first key; by itself it would come a moment later
    begin(form);
  }
  if (!form && host.hadFocus) host.querySelector("a")?.focus();
});

function begin(form) {
  form.sentAs = form.querySelector("[aria-invalid], [data-testid=conflict]") ? null : told(form);
  document.dispatchEvent(new CustomEvent("crm:content", { detail: form }));
  const field = form.querySelector("[data-testid=conflict] input, [aria-invalid]") ?? first(form);
  // Whoever went on to another field is not called back while typing there.
  if (openIn(hostOf(document.activeElement)) && !form.contains(document.activeElement)) return;
  field?.focus();
  if (field?.matches("input:not([type=date], [type=radio])")) field.select();
}

const first = (form) => form.querySelector("input:not([type=hidden]), select, textarea");
const told = (form) => JSON.stringify([...new FormData(form)]);

document.addEventListener("keydown", (event) => {
  const host = hostOf(event.target);
  const form = openIn(host);
  if (!form || event.isComposing) return;
  if (event.key === "Escape") putBack(host);
  else if (event.key === "Tab" && event.target === edge(form, event.shiftKey)) goOn(host, form, event.shiftKey);
  else if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea, select")) form.requestSubmit();
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// A fact of one field is left by Tab; where there is more to choose, from its first or last part.
function edge(form, backwards) {
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea")];
  return backwards ? fields[0] : fields.at(-1);
}

document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-fact-back]");
  const host = hostOf(back);
  if (!host || !shown.has(host)) return;
  event.preventDefault();
  putBack(host);
});

function putBack(host, focus = true) {
  forget(openIn(host)?.dataset.draft);
  host.innerHTML = shown.get(host);
  withHtmx((htmx) => htmx.process(host));
  if (focus) host.querySelector("a")?.focus();
}

function goOn(host, form, backwards) {
  const all = [...document.querySelectorAll("[data-fact]")];
  const next = all[all.indexOf(host) + (backwards ? -1 : 1)];
  if (told(form) === form.sentAs) putBack(host, !next);
  else form.requestSubmit();
  (first(next ?? host) ?? next?.querySelector("a"))?.focus();
}

// Saved: say it with a way back, and let the parts of the page that follow from it come anew.
document.addEventListener("lead:saved", ({ target, detail }) => {
  const host = hostOf(target);
  if (target.dataset.draft) forget(target.dataset.draft);
  const again = () =>
    withHtmx((htmx) => htmx.ajax("POST", detail.undo_url, { target: host, swap: "innerHTML" }));
  toast(detail.text, detail.undo_url && again);
});

// What is being typed is not taken away by a part that comes anew.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (openIn(event.detail.target)?.classList.contains("fact-form")) event.detail.shouldSwap = false;
});

// Back from signing in again: the field that was open is open again, with what was typed.
const left = location.hash.startsWith("#fact-") && document.getElementById(location.hash.slice(1));
if (left) addEventListener("load", () => left.click());
