// Photos of a form: made small on the phone, drawn anew so that no place is in them, shown before they
// are sent, each with a way out. They are kept beside the form's draft until it was taken.
import { sayWrong } from "./wrong.js";

const LONGEST = 1600;
const QUALITY = 0.85;
const THUMB = 72;
const KEPT_DAYS = 14;

document.querySelectorAll("[data-photos]").forEach(start);

function start(root) {
  const sent = root.querySelector("input[type=file][name]");
  const camera = root.querySelector("[data-photos-camera]");
  const form = sent.form;
  const name = root.dataset.draftOf;
  let kept = [];
  camera.hidden = false;

  const show = () => {
    const files = new DataTransfer();
    kept.forEach((file) => files.items.add(file));
    sent.files = files.files;
    root.querySelector("[data-photos-list]").replaceChildren(...kept.map(item));
    const said = root.querySelector("[data-photos-said]");
    said.textContent = kept.length ? root.dataset.count.replace("{n}", kept.length) : root.dataset.none;
    const bytes = kept.reduce((sum, file) => sum + file.size, 0);
    sent.setCustomValidity(bytes > Number(root.dataset.most) ? root.dataset.over : "");
    sayWrong(sent);
  };
  const item = (file, number) => {
    const li = document.createElement("li");
    li.append(picture(file));
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "btn btn-weak",
      textContent: "×",
    });
    button.setAttribute("aria-label", root.dataset.remove.replace("{n}", number + 1));
    button.addEventListener("click", () => {
      kept = kept.filter((other) => other !== file);
      show();
      store(name, kept);
      (root.querySelector("[data-photos-list] button") ?? sent).focus();
    });
    li.append(button);
    return li;
  };
  const add = async ({ target }) => {
    const chosen = [...target.files];
    root.setAttribute("aria-busy", "true");
    kept = [...kept, ...(await Promise.all(chosen.map(reduced)))];
    root.removeAttribute("aria-busy");
    if (target !== sent) target.value = "";
    root.querySelector("[data-photos-lost]")?.remove();
    show();
    store(name, kept);
  };
  sent.addEventListener("change", add);
  camera.querySelector("input").addEventListener("change", add);
  form.addEventListener("reset", () => {
    kept = [];
    setTimeout(show);
    store(name, kept);
  });
  // Sent before a photo was ready, the form would go without it.
  form.addEventListener("submit", (event) => root.hasAttribute("aria-busy") && hold(event), true);
  load(name).then((files) => {
    if (!files.length || kept.length) return;
    kept = files;
    root.querySelector("[data-photos-lost]")?.remove();
    show();
  });
}

function hold(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The file as a JPEG of at most LONGEST pixels; what the browser cannot draw stays as it is. */
async function reduced(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const blob = await new Promise((done) =>
      drawn(bitmap, LONGEST).toBlob(done, "image/jpeg", QUALITY),
    );
    bitmap.close();
    if (!blob) return file;
    const name = file.name.replace(/\.[^.]*$/, "") || "photo";
    return new File([blob], `${name}.jpg`, { type: blob.type, lastModified: file.lastModified });
  } catch {
    return file;
  }
}

function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a JPEG has no holes
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function picture(file) {
  const place = Object.assign(document.createElement("span"), { textContent: file.name });
  if (!file.type.startsWith("image/")) return place;
  createImageBitmap(file)
    .then((bitmap) => {
      const canvas = drawn(bitmap, THUMB * 2);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", file.name);
      place.replaceChildren(canvas);
    })
    .catch(() => {});
  return place;
}

// Beside the draft, where there is room for pictures.
function rooms() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("photos", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function inStore(mode, use) {
  try {
    const db = await rooms();
    return await new Promise((done, failed) => {
      const work = db.transaction("photos", mode);
      const asked = use(work.objectStore("photos"));
      work.oncomplete = () => done(asked.result);
      work.onerror = work.onabort = () => failed(work.error);
    }).finally(() => db.close());
  } catch {
    return undefined; // Where nothing can be kept the photos are with the form alone.
  }
}

const store = (name, files) =>
  inStore("readwrite", (photos) =>
    files.length ? photos.put({ at: Date.now(), files }, name) : photos.delete(name),
  );

async function load(name) {
  const found = await inStore("readonly", (photos) => photos.get(name));
  return found && Date.now() - found.at < KEPT_DAYS * 86_400_000 ? found.files : [];
}

document.querySelectorAll("[data-draft-done]").forEach((done) => store(done.dataset.draftDone, []));
// What waits without a signal has its pictures with it; the next visit begins without them.
document.addEventListener("crm:held", ({ detail }) => detail.putAway(store(detail.draft, [])));
// They go along with what was typed to the form of another company.
document.addEventListener("crm:carried", ({ detail: { from, to, putAway } }) =>
  putAway(load(from).then((files) => Promise.all([store(to, files), store(from, [])]))),
);
// Who signs out leaves no pictures behind on a device that others use too.
document.addEventListener("submit", ({ target }) => {
  if (target.action.endsWith("/logout")) inStore("readwrite", (photos) => photos.clear());
});
