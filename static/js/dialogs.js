import { withHtmx } from "./net.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// So long a dialog is waited for; its page, which may be kept on the phone, comes then.
const PATIENCE_MS = 8000;

/** Show content (a node or the server's HTML) as a modal; focus returns when it closes. */
export function openDialog(content, label) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  if (label) dialog.setAttribute("aria-label", label);
  if (typeof content === "string") dialog.innerHTML = content;
  else dialog.append(content);
  named(dialog);
  dialog.querySelectorAll("form").forEach(inPlace);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  withHtmx((htmx) => htmx.process(dialog));
  document.dispatchEvent(new CustomEvent("crm:content", { detail: dialog }));
  dialog.showModal();
  return dialog;
}

// Its heading names it, also the heading of what comes back.
function named(dialog) {
  const heading = dialog.querySelector("h2");
  if (!heading || dialog.hasAttribute("aria-label")) return;
  heading.id ||= "dialog-heading";
  dialog.setAttribute("aria-labelledby", heading.id);
}

// A form with something to fill in is answered where it stands; the server names the page that
// follows, instead of sending it. One of buttons alone may be answered by a page.
function inPlace(form) {
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (!form.querySelector("textarea, select, input:not([type=hidden])")) return;
  form.setAttribute("hx-post", form.getAttribute("action"));
  form.setAttribute("hx-target", "closest dialog");
  form.setAttribute("hx-headers", '{"X-Dialog": "1"}');
  if (form.enctype === "multipart/form-data") form.setAttribute("hx-encoding", form.enctype);
}

document.addEventListener("htmx:beforeProcessNode", ({ target }) => {
  if (target.nodeName === "FORM" && target.closest("dialog.dialog")) inPlace(target);
});
document.addEventListener("htmx:load", ({ target }) => {
  const dialog = target.closest?.("dialog.dialog");
  if (!dialog) return;
  named(dialog);
  dialog.querySelector("[data-error-summary]")?.focus();
});

/** Fetch a dialog's HTML and show it; null when the server refuses, or a weak signal brings nothing. */
export async function openRemote(url) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const signal = AbortSignal.timeout?.(PATIENCE_MS);
  const answer = await fetch(url, { headers, signal }).catch(() => null);
  const content = answer?.ok && (await answer.text().catch(() => ""));
  return content ? openDialog(content) : null;
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    event.target.closest("dialog")?.close();
    return;
  }
  // A click beside the dialog falls on the dialog itself.
  if (event.target.nodeName === "DIALOG" && outside(event)) event.target.close();
  const opener = event.target.closest("[data-dialog]");
  if (!opener || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // Pressed again while it is fetched it opens once.
  if (opener.getAttribute("aria-busy") === "true") return;
  opener.setAttribute("aria-busy", "true");
  const opened = await openRemote(opener.dataset.dialog || opener.href);
  opener.removeAttribute("aria-busy");
  if (opened || !opener.href) return;
  // Without a signal only a page that is kept is better than the one that stands here.
  if (navigator.onLine || (await isKept(opener.href))) location.assign(opener.href);
  else toast(words.unanswered);
});

// What the worker shows without a signal: a copy, or the plain form that stands for every lead's own.
async function isKept(address) {
  const url = new URL(address);
  url.searchParams.delete("back");
  if (url.pathname.endsWith("/next-steps/new")) return true;
  return Boolean(await globalThis.caches?.match(url.href).catch(() => null));
}

function outside({ target, clientX: x, clientY: y }) {
  const box = target.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

// What cannot be done again is asked first; without a script the button does what it says.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.dataset.ask) return;
    if (form.dataset.asked) {
      delete form.dataset.asked; // brought back by the browser it asks again
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const said = document.createElement("div");
    const actions = element("div", "form-actions");
    const no = element("button", "btn btn-weak", form.dataset.askNo);
    const yes = element("button", "btn btn-danger", form.dataset.askYes);
    no.type = yes.type = "button";
    no.dataset.close = "";
    yes.addEventListener("click", () => {
      form.dataset.asked = "yes";
      yes.closest("dialog").close();
      form.requestSubmit();
    });
    actions.append(no, yes);
    said.append(element("h2", "", form.dataset.askYes), element("p", "lead", form.dataset.ask), actions);
    openDialog(said);
    no.focus();
  },
  true,
);

function element(name, className, textContent = "") {
  return Object.assign(document.createElement(name), { className, textContent });
}
