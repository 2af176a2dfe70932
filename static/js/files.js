// A file that the server would refuse by its size is refused before it is sent.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file][data-most]")) return;
  const large = [...target.files].some((file) => file.size > Number(target.dataset.most));
  target.setCustomValidity(large ? target.dataset.tooLarge : "");
  say(target);
});

document.addEventListener(
  "submit",
  (event) => {
    const wrong = [...event.target.querySelectorAll("input[type=file][data-most]")].find(
      (input) => input.validity.customError,
    );
    if (!wrong) return;
    event.preventDefault();
    event.stopPropagation();
    wrong.focus();
  },
  true,
);

function say(input) {
  const field = input.closest(".field");
  field.querySelector(".field-error")?.remove();
  for (const name of ["aria-invalid", "aria-errormessage"]) input.removeAttribute(name);
  if (!input.validity.customError) return;
  const error = document.createElement("p");
  error.className = "field-error";
  error.id = `${input.id}-too-large`;
  error.dataset.testid = "field-error";
  error.dataset.field = input.name;
  error.setAttribute("role", "alert");
  error.textContent = input.validationMessage;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", error.id);
  field.append(error);
}
