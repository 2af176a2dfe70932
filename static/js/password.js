// A password field with data-reveal gets a button that shows what was typed.
for (const input of document.querySelectorAll("input[data-reveal]")) {
  const [show, hide] = input.dataset.reveal.split("|");
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "field-reveal",
    textContent: show,
  });
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = hidden ? hide : show;
    input.focus();
  });
  // What is sent is always a password, so that no browser keeps it as a text.
  input.form?.addEventListener("submit", () => {
    input.type = "password";
    button.textContent = show;
  });
  input.after(button);
}
