// The chain map as a picture for a report: drawn anew as it stands on the page, in its colours and
// words, with what it is and of which day on top.
const EDGE = 32; // around the map, px
const HEAD = 72; // what stands above it
const SHARP = 2; // so many dots a pixel
const ARROW = 7;

const styleOf = (node) => getComputedStyle(node);

function boxOf(node, origin) {
  const box = node.getBoundingClientRect();
  return { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
}

/** A box with round corners; the oldest browsers that are served have no roundRect. */
function rounded(x, y, width, height, radius) {
  const path = new Path2D();
  path.moveTo(x + radius, y);
  path.arcTo(x + width, y, x + width, y + height, radius);
  path.arcTo(x + width, y + height, x, y + height, radius);
  path.arcTo(x, y + height, x, y, radius);
  path.arcTo(x, y, x + width, y, radius);
  path.closePath();
  return path;
}

/** A background, and a border where all four sides have one or the top alone. */
function drawBox(pen, node, origin) {
  const style = styleOf(node);
  const { x, y, width, height } = boxOf(node, origin);
  const border = parseFloat(style.borderTopWidth);
  const radius = parseFloat(style.borderTopLeftRadius) || 0;
  const path = rounded(x + border / 2, y + border / 2, width - border, height - border, radius);
  pen.fillStyle = style.backgroundColor;
  pen.fill(path);
  pen.strokeStyle = style.borderTopColor;
  pen.lineWidth = border;
  if (border && parseFloat(style.borderBottomWidth)) pen.stroke(path);
  else if (border) drawLine(pen, style.borderTopColor, x, y, x + width);
}

function drawLine(pen, color, x, y, until) {
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(until, y);
  pen.stroke();
}

/** The lines of a text as the page has broken it, each as a range. */
function linesOf(text) {
  const lines = [];
  let top = null;
  for (let at = 0; at < text.length; at += 1) {
    const letter = document.createRange();
    letter.setStart(text, at);
    letter.setEnd(text, at + 1);
    const box = letter.getBoundingClientRect();
    if (!box.width) continue; // a blank that is not shown
    if (box.top === top) lines.at(-1).setEnd(text, at + 1);
    else lines.push(letter);
    top = box.top;
  }
  return lines;
}

/** As much of the words as has room, with dots where the page would put them. */
function fitted(pen, words, room, style) {
  if (style.textOverflow !== "ellipsis" || pen.measureText(words).width <= room + 1) return words;
  let kept = words;
  while (kept && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** Every piece of text where the page has it; what the page cuts off is cut off here. */
function drawTexts(pen, map, origin) {
  const walker = document.createTreeWalker(map, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest(".visually-hidden")) continue;
    const style = styleOf(parent);
    const shown = boxOf(parent, origin);
    pen.save();
    pen.beginPath();
    pen.rect(shown.x, shown.y, Math.ceil(shown.width) + 1, shown.height);
    pen.clip();
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    pen.fillStyle = style.color;
    for (const line of linesOf(text)) {
      const box = boxOf(line, origin);
      const words = fitted(pen, line.toString().trim(), shown.x + shown.width - box.x, style);
      pen.fillText(words, box.x, box.y + box.height / 2);
    }
    pen.restore();
  }
}

/** The line that the page draws behind a group's head. */
function drawHeads(pen, map, origin) {
  map.querySelectorAll(".chain-group h3").forEach((head) => {
    const whole = boxOf(head, origin);
    const words = boxOf(head.firstElementChild, origin);
    const color = getComputedStyle(head, "::after").borderTopColor;
    drawLine(pen, color, words.x + words.width + 10, whole.y + whole.height / 2, whole.x + whole.width);
  });
}

function drawLink(pen, path) {
  const way = path.getAttribute("d");
  if (!way) return;
  const style = styleOf(path);
  pen.save();
  pen.globalAlpha = parseFloat(style.opacity);
  pen.strokeStyle = pen.fillStyle = style.stroke;
  pen.lineWidth = parseFloat(style.strokeWidth);
  pen.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(",").map(parseFloat));
  pen.stroke(new Path2D(way));
  const length = path.getTotalLength();
  const end = path.getPointAtLength(length);
  const before = path.getPointAtLength(length - 1);
  pen.translate(end.x, end.y);
  pen.rotate(Math.atan2(end.y - before.y, end.x - before.x));
  pen.fill(new Path2D(`M${-ARROW} ${-ARROW / 2}L0 0L${-ARROW} ${ARROW / 2}z`));
  pen.restore();
}

function drawTitle(pen, width, { title, note }) {
  const body = styleOf(document.body);
  pen.fillStyle = body.color;
  pen.font = `600 20px ${body.fontFamily}`;
  pen.fillText(title, EDGE, EDGE + 4);
  pen.font = `400 13px ${body.fontFamily}`;
  pen.fillText(note, EDGE, EDGE + 32);
}

/** A canvas with the map. `said` has its title and, below that, a note. */
export function picture(map, said) {
  const origin = map.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const width = origin.width + 2 * EDGE;
  canvas.width = width * SHARP;
  canvas.height = (origin.height + HEAD + 2 * EDGE) * SHARP;
  const pen = canvas.getContext("2d");
  pen.scale(SHARP, SHARP);
  pen.textBaseline = "middle";
  pen.fillStyle = styleOf(document.querySelector("main")).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  drawTitle(pen, width, said);
  pen.translate(EDGE, EDGE + HEAD);
  map.querySelectorAll("[data-from]").forEach((path) => drawLink(pen, path));
  map.querySelectorAll(".chain-node, .chain-node .gap, .chain-parks").forEach((node) => drawBox(pen, node, origin));
  drawHeads(pen, map, origin);
  drawTexts(pen, map, origin);
  return canvas;
}

/** Hand it to the person as a file of that name. */
export async function save(map, said, name) {
  const blob = await new Promise((made) => picture(map, said).toBlob(made, "image/png"));
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
