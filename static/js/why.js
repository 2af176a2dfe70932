import { openRemote } from "./dialogs.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

// A coloured word is a button that says why, and offers what clears it. By tap and by key it stays
// until it is closed, under the mouse as long as the mouse is there.
const WAYS = {
  visit: (id) => `/visits/new?lead=${id}`,
  step: (id) => `/leads/${id}/next-steps/new`,
  gate: (id) => `/leads/${id}#gate`,
  hold: (id) => `/leads/${id}/stage-changes/new?to_status=on_hold`,
  longer: (id) => `/leads/${id}/stage-changes/new?to_status=on_hold`,
  wake: (id) => `/leads/${id}/stage-changes/new?to_status=active`,
  answer: (id) => `/leads/${id}#directives`,
  signing: (id) => `/leads/${id}/facts/expected_signing_on`,
  promise: (id) => `/leads/${id}#promises`,
  task: (id) => `/leads/${id}#tasks`,
  offer: (id) => `/leads/${id}/offers/new`,
  landing: (id) => `/leads/${id}/facts/expected_landing_on`,
};
const PAGES = ["gate", "answer", "promise", "task", "offer"];
const onBoard = () => Boolean(document.querySelector("[data-board]"));
/** Where the form of an action stands; null when it is a page of its own. */
export const dialogOf = (name, id) => {
  if (PAGES.includes(name) || (name === "visit" && !onBoard())) return null;
  const url = new URL(WAYS[name](id), location.href);
  if (!onBoard()) url.searchParams.set("back", location.pathname + location.search);
  return url;
};

let open = null;

function show(button, pinned) {
  if (open?.button === button) {
    open.pinned ||= pinned;
    return;
  }
  hide();
  const box = document.createElement("div");
  box.className = "why-box";
  box.id = "why-box";
  for (const line of button.dataset.why.split("\n")) {
    box.append(Object.assign(document.createElement("p"), { textContent: line }));
  }
  const ways = waysOf(button);
  if (ways.children.length) box.append(ways);
  (button.closest("dialog") ?? document.body).append(box);
  button.setAttribute("aria-expanded", "true");
  button.setAttribute("aria-describedby", box.id);
  open = { button, box, pinned };
  place(button, box);
  box.addEventListener("pointerleave", (event) => away(event));
}

function waysOf(button) {
  const row = Object.assign(document.createElement("div"), { className: "row" });
  for (const name of button.dataset.clears?.split(" ").filter(Boolean) ?? []) {
    row.append(way(name, button.dataset.lead));
  }
  if (button.dataset.href) {
    row.append(link(button.dataset.href, button.dataset.hrefWords));
  }
  return row;
}

function way(name, id) {
  const url = dialogOf(name, id);
  if (!url) return link(WAYS[name](id), words.actions[name]);
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "btn btn-small",
    textContent: words.actions[name],
  });
  button.addEventListener("click", async () => {
    open?.button.focus();
    hide();
    if (!(await openRemote(url))) toast(words.offline);
  });
  return button;
}

function link(href, textContent) {
  return Object.assign(document.createElement("a"), { href, className: "btn btn-small", textContent });
}

function place(button, box) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const wanted = at.left < innerWidth / 2 ? at.left : at.right - width;
  const left = Math.max(8, Math.min(wanted, innerWidth - width - 8));
  const below = at.bottom + 4;
  box.style.left = `${left}px`;
  box.style.top = `${below + height > innerHeight - 8 ? Math.max(8, at.top - 4 - height) : below}px`;
}

function hide() {
  if (!open) return;
  open.button.setAttribute("aria-expanded", "false");
  open.button.removeAttribute("aria-describedby");
  open.box.remove();
  open = null;
}

function away({ relatedTarget: to }) {
  if (open && !open.pinned && !open.box.contains(to) && !open.button.contains(to)) hide();
}

const whyOf = (event) => event.target.closest?.("[data-why]");

document.addEventListener("click", (event) => {
  const button = whyOf(event);
  if (button) {
    event.preventDefault();
    event.stopPropagation();
    if (open?.button === button && open.pinned) hide();
    else show(button, true);
  } else if (open && !open.box.contains(event.target)) hide();
});
document.addEventListener("pointerover", (event) => {
  const button = event.pointerType === "mouse" && whyOf(event);
  if (button && !open?.pinned) show(button, false);
});
document.addEventListener("pointerout", (event) => whyOf(event) && away(event));
document.addEventListener("keydown", (event) => {
  if (!open) return;
  const inside = open.box.contains(event.target);
  const at = inside || event.target === open.button;
  if (event.key === "Escape") {
    if (inside) open.button.focus();
    hide();
    event.stopPropagation();
  } else if (event.key === "Tab" && at) {
    step(event, inside);
  }
}, true);
// The box hangs at the end of the page, and is walked as if it stood behind its button.
function step(event, inside) {
  const parts = [...open.box.querySelectorAll("a, button")];
  const next = inside ? parts[parts.indexOf(event.target) + (event.shiftKey ? -1 : 1)] : !event.shiftKey && parts[0];
  if (next) next.focus();
  else if (inside) open.button.focus();
  if (next || (inside && event.shiftKey)) event.preventDefault();
  else hide();
}
for (const name of ["scroll", "resize"]) addEventListener(name, hide, true);
