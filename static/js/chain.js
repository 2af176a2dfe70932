import { toast } from "./toasts.js";
import { whenIdle } from "./turns.js";
import { words } from "./words.js";

// The chain map: its links are drawn between the segments where the browser has put them, and a
// segment that is chosen shows its own links, and its panel beside the map. What is chosen stands in
// the address, and each choice is a step that the browser can go back.
const map = document.querySelector("[data-chain-map]");
const narrow = matchMedia("(max-width: 767px)");
const BEND = 36; // how far a link swings out before it turns, px

function side(box, right) {
  return { x: right ? box.right : box.left, y: box.top + box.height / 2, out: right ? 1 : -1 };
}

/** From the supplier's side to the customer's; within one column the link swings out to the right. */
function line(from, to) {
  const same = Math.abs(from.left - to.left) < 4;
  const start = side(from, same || to.left > from.left);
  const end = side(to, same || to.left < from.left);
  const bend = same ? BEND : Math.max(BEND, Math.abs(end.x - start.x) / 2);
  const x1 = start.x + start.out * bend;
  const x2 = end.x + end.out * bend;
  return `M${start.x} ${start.y}C${x1} ${start.y} ${x2} ${end.y} ${end.x + end.out} ${end.y}`;
}

function draw() {
  if (narrow.matches) return;
  const at = map.getBoundingClientRect();
  const boxes = {};
  map.querySelectorAll("[data-chain]").forEach((node) => {
    // A head reaches as far as its line.
    const box = (node.matches("[data-head]") ? node.parentNode : node).getBoundingClientRect();
    const left = box.left - at.left;
    const top = box.top - at.top;
    boxes[node.dataset.chain] = { left, top, right: left + box.width, height: box.height };
  });
  map.querySelectorAll("[data-from]").forEach((path) => {
    const { from, to } = path.dataset;
    path.setAttribute("d", line(boxes[from], boxes[to]));
  });
}

// What is said of a segment's head, or its head's head, is said of it too, and drawn thinner. Without
// a segment all are as at first.
function light(node) {
  const { chain, path: at } = node?.dataset ?? {};
  const above = at?.split("/").filter(Boolean) ?? [];
  map.querySelector(".chain-links").classList.toggle("chosen", Boolean(node));
  map.querySelectorAll("[data-chain]").forEach((one) => one.removeAttribute("aria-current"));
  node?.setAttribute("aria-current", "true");
  map.querySelectorAll("[data-from]").forEach((path) => {
    const ends = [path.dataset.from, path.dataset.to];
    path.classList.toggle("on", ends.some((end) => above.includes(end)));
    path.classList.toggle("direct", ends.includes(chain));
  });
}

const panel = document.querySelector("[data-chain-panel]");
let asked = null;
async function choose(node, { focus = false } = {}) {
  light(node);
  asked?.abort();
  asked = new AbortController();
  panel.setAttribute("aria-busy", "true");
  const headers = { "HX-Request": "true" };
  const answer = await fetch(node.href, { headers, signal: asked.signal }).catch((error) => error);
  if (answer.name === "AbortError") return;
  panel.removeAttribute("aria-busy");
  const text = answer.ok && (await answer.text().catch(() => ""));
  if (!text) {
    location.replace(node.href); // it has its step in the history
    return;
  }
  panel.innerHTML = text;
  panel.scrollTop = 0;
  // Below the map, where there is no room beside it, it is gone to.
  if (panel.getBoundingClientRect().top > innerHeight / 2) panel.scrollIntoView();
  if (focus) panel.querySelector(".subject").focus({ preventScroll: true });
}

function nodeOf(code) {
  return map.querySelector(`[data-chain="${CSS.escape(code)}"]`);
}

/** The segment of the address. */
function addressed() {
  const code = new URL(location.href).searchParams.get("segment");
  return (code && !narrow.matches && nodeOf(code)) || null;
}

/** One more step in the history, unless it is chosen already. */
function step(node) {
  if (node === addressed()) return;
  const there = new URL(location.href);
  there.searchParams.set("segment", node.dataset.chain);
  history.pushState(null, "", there);
}

/** What the address says now: the segment of that moment, or what stood there before any. */
function drawStep(first) {
  const node = addressed();
  if (node === map.querySelector("[aria-current]")) return; // a link within the page
  if (node) {
    choose(node);
    return;
  }
  asked?.abort();
  light(null);
  panel.removeAttribute("aria-busy");
  panel.innerHTML = first;
  panel.scrollTop = 0;
}

function pressed(event) {
  const link = event.target.closest("[data-chain], [data-choose]");
  if (!link || narrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const node = nodeOf(link.dataset.chain ?? link.dataset.choose);
  if (!node) return;
  event.preventDefault();
  step(node);
  // By key the reader goes along; a click has detail.
  choose(node, { focus: event.detail === 0 });
}

// The map as a picture, with what the legend counts.
async function pictured(event) {
  const button = event.target.closest("[data-chain-picture]");
  if (!button) return;
  const { title, on, file } = button.dataset;
  const counts = [...document.querySelectorAll(".chain-legend .chip-gap")];
  const said = counts.map((chip) => `${chip.querySelector(".visually-hidden").textContent} ${chip.querySelector("b").textContent}`);
  const { save } = await import("./chain_picture.js").catch(() => ({}));
  if (save) save(map, { title, note: [on, ...said].join("  ·  ") }, file);
  else toast(words.offline);
}

if (map) {
  document.addEventListener("click", pictured);
  new ResizeObserver(draw).observe(map);
  document.addEventListener("click", pressed);
  const first = panel.innerHTML;
  addEventListener("popstate", () => drawStep(first));
  if (addressed()) whenIdle(() => drawStep(first));
}
