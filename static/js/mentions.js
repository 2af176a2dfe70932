// An @ in a comment brings the colleagues; those whom its letters leave stay, and one is chosen by a
// press or by Enter. Without a script the names are chosen below the text, or written out behind the @.
const ASKED = /[@＠]([^\s@＠，。、,.:：;；]*)$/;

const asked = (text) => ASKED.exec(text.value.slice(0, text.selectionStart));

const choicesOf = (form) => [...form.querySelectorAll(".mention-choice label")];

const nameOf = (choice) => choice.textContent.trim();

function narrow(form) {
  const text = form.querySelector("textarea");
  const wanted = asked(text)?.[1] ?? "";
  const choices = choicesOf(form);
  const some = choices.some((choice) => nameOf(choice).includes(wanted));
  for (const choice of choices) choice.hidden = some && !nameOf(choice).includes(wanted);
}

function write(text, name) {
  const found = asked(text);
  if (!found) return;
  text.setRangeText(`@${name} `, found.index, text.selectionStart, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
}

document.addEventListener("input", ({ target }) => {
  const form = target.matches("textarea") && target.closest(".comment-form");
  if (!form) return;
  if (asked(target)) form.querySelector(".comment-foot > a[hx-get]")?.click();
  narrow(form);
});
document.addEventListener("htmx:load", ({ target }) => {
  const form = target.matches?.(".mention-choice") && target.closest(".comment-form");
  if (form) narrow(form);
});
document.addEventListener("change", ({ target }) => {
  const choice = target.checked && target.closest(".mention-choice label");
  if (choice) write(choice.closest("form").querySelector("textarea"), nameOf(choice));
});
document.addEventListener("keydown", (event) => {
  const { target, key, isComposing } = event;
  const form = key === "Enter" && !isComposing && target.matches("textarea") && target.closest(".comment-form");
  if (!form || !asked(target)?.[1]) return;
  const first = choicesOf(form).find((choice) => nameOf(choice).includes(asked(target)[1]));
  if (!first) return;
  event.preventDefault();
  first.querySelector("input").checked = true;
  write(target, nameOf(first));
});
