// What is sent from a page and answered by the same page anew leaves its reader where they were:
// in a long list of work nobody finds the next line again.
const KEY = "crm:place";
const FRESH_MS = 10_000;

// Its conditions may come back spelt out.
const page = () => location.pathname;

function leave() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ page: page(), y: scrollY, at: Date.now() }));
  } catch {
    // Where nothing may be kept the page begins at its top.
  }
}

document.addEventListener("submit", ({ target }) => target.method === "post" && leave());
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig?.verb !== "get") leave();
});

function comeBack() {
  try {
    const left = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
    const same = left?.page === page() && Date.now() - left.at < FRESH_MS;
    // An address that names a part, or a form that was refused, says itself where to look.
    if (!same || location.hash || document.querySelector("[data-error-summary]")) return;
    scrollTo(0, left.y);
  } catch {
    // As above.
  }
}

comeBack();
