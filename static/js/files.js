import { sayWrong, sumUp } from "./wrong.js";

// A file that the server would refuse by its size is refused before it is sent.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file][data-most]")) return;
  const bytes = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(bytes > Number(target.dataset.most) ? target.dataset.over : "");
  sayWrong(target);
  if (target.validity.valid) guess(target);
});

/** Choose the list that the file is named after, where none is chosen, and its year. */
function guess(file) {
  const select = file.form.querySelector(`select[data-guess="${file.name}"]`);
  if (!select || select.value || !file.files.length) return;
  const name = plain(file.files[0].name);
  const called = Object.entries(JSON.parse(select.dataset.names)).flatMap(([value, words]) =>
    words.map((word) => ({ value, word: plain(word) })),
  );
  const found = called.filter(({ word }) => word && name.includes(word));
  const longest = Math.max(...found.map(({ word }) => word.length));
  const lists = new Set(found.filter(({ word }) => word.length === longest).map(({ value }) => value));
  if (lists.size !== 1) return;
  select.value = [...lists][0];
  select.dispatchEvent(new Event("change", { bubbles: true }));
  const year = file.form.querySelector(`input[data-guess="${file.name}"]`);
  const said = name.match(/(?<!\d)(?:19|20)\d\d(?!\d)/);
  // A year that somebody typed stays.
  if (year && said && year.value === year.defaultValue) year.value = said[0];
}

const plain = (text) => text.toLowerCase().replace(/[\s_\-()（）]+/g, " ").trim();

document.addEventListener(
  "submit",
  (event) => {
    const large = [...event.target.querySelectorAll("input[type=file]")].find(
      (input) => input.validity.customError,
    );
    if (!large) return;
    event.preventDefault();
    event.stopPropagation();
    sumUp(event.target, large);
  },
  true,
);
