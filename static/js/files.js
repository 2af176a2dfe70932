import { sayWrong } from "./wrong.js";

// A file that the server would refuse by its size is refused before it is sent.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file][data-most]")) return;
  const bytes = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(bytes > Number(target.dataset.most) ? target.dataset.over : "");
  sayWrong(target);
});

document.addEventListener(
  "submit",
  (event) => {
    const large = [...event.target.querySelectorAll("input[type=file]")].find(
      (input) => input.validity.customError,
    );
    if (!large) return;
    event.preventDefault();
    event.stopPropagation();
    large.focus();
  },
  true,
);
