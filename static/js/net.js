import { toast } from "./toasts.js";
import { whenIdle } from "./turns.js";
import { words } from "./words.js";

let htmx = null;
let coming = null;

/** Do something with htmx: now where it is here, else as soon as it is; never where it can't be had. */
export function withHtmx(work) {
  return htmx ? work(htmx) : bring().then(() => htmx && work(htmx));
}

// It is the largest part, and nothing that is seen waits for it: it comes after the page.
function bring() {
  coming ??= begin().catch(() => {
    // Without it links and forms are what they are, plain ones; the next press asks for it again.
    coming = null;
  });
  return coming;
}

// Left to itself htmx reads every attribute of a page that is complete, which takes long on a long one;
// so it comes to one that is not, and is told what to take.
async function begin() {
  await parsed();
  Object.defineProperty(document, "readyState", { value: "interactive", configurable: true });
  const swaps = await import("./swaps.js").finally(() => delete document.readyState);
  document.querySelectorAll("[hx-get], [hx-post]").forEach((part) => swaps.htmx.process(part));
  htmx = swaps.htmx;
}

const parsed = async () =>
  document.readyState === "loading" &&
  new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));

// What is pressed or sent before htmx is here is pressed or sent again when it is.
let waits = false;
let again = false;
async function hold(event) {
  const part = event.target.closest?.(event.type === "submit" ? "form[hx-post]" : "a[hx-get]");
  if (!part || htmx || again || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (waits) return;
  waits = true;
  await bring();
  waits = false;
  again = true;
  if (event.type === "submit") part.requestSubmit(event.submitter);
  else part.click();
  again = false;
}
for (const name of ["click", "submit"]) document.addEventListener(name, hold, true);
whenIdle(bring);

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** POST JSON; answers {status, body}, status 0 when there is no connection. */
export async function post(url, values) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": csrfToken(),
      },
      body: JSON.stringify(values),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = csrfToken();
  // Nobody pressed anything for what comes behind a page: nothing leads away from it, or is said.
  if ("behind" in detail.elt.dataset) detail.headers["X-Behind"] = "1";
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ type, target }) => {
    // A form that can wait says so itself.
    const waits = type === "htmx:sendError" && target.closest?.("form[data-queue]");
    if (!waits && !("behind" in (target.dataset ?? {}))) toast(words.offline);
  });
}
