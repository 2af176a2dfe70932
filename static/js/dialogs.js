import { withHtmx } from "./net.js";

/** Show content (a node or the server's HTML) as a modal; focus returns when it closes. */
export function openDialog(content, label) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  if (label) dialog.setAttribute("aria-label", label);
  if (typeof content === "string") dialog.innerHTML = content;
  else dialog.append(content);
  const heading = dialog.querySelector("h2");
  if (heading && !label) {
    heading.id ||= "dialog-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
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

/** Fetch a dialog's HTML and show it; null when the server refuses. */
export async function openRemote(url) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const answer = await fetch(url, { headers }).catch(() => null);
  return answer?.ok ? openDialog(await answer.text()) : null;
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
  const url = opener.dataset.dialog || opener.href;
  if (!(await openRemote(url)) && opener.href) location.assign(opener.href);
});

function outside({ target, clientX: x, clientY: y }) {
  const box = target.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
