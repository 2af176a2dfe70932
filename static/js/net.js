import htmx from "htmx.org";

import { words } from "./words.js";
import { toast } from "./toasts.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
// A refused form comes back as 422 (or 409) with its errors in it: show it.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "409", swap: true },
  { code: "[45]..", swap: false, error: true },
];

export { htmx };

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** POST JSON; answers {status, body}, status 0 when there is no connection. */
export async function post(url, values) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": csrfToken(),
      },
      body: JSON.stringify(values),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ type, target }) => {
    // A form that can wait says so itself.
    const waits = type === "htmx:sendError" && target.closest?.("form[data-queue]");
    if (!waits) toast(words.offline);
  });
}
