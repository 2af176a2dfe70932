// What a person opened last on this device, for the palette; kept under who is signed in.
const MOST = 6;
const PREFIX = "recent:";
const RECORD = /^\/(leads|companies|visits)\/[2-9a-z]{12}$/;
const mine = PREFIX + document.body.dataset.user;

/** [{url, title, kind}], the latest first, without the page that is open. */
export function recent() {
  return read().filter(({ url }) => url !== location.pathname);
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(mine)) ?? [];
  } catch {
    return [];
  }
}

function note() {
  const kind = location.pathname.match(RECORD)?.[1];
  if (!kind || !document.body.dataset.user) return;
  const url = location.pathname;
  const others = read().filter((known) => known.url !== url);
  // A record that is not there (any more) for this person leaves the list.
  const there = !document.body.classList.contains("not-there");
  const title = document.title.slice(0, document.title.lastIndexOf(" - "));
  const kept = there ? [{ url, title, kind }, ...others] : others;
  try {
    localStorage.setItem(mine, JSON.stringify(kept.slice(0, MOST + 1)));
  } catch {
    // A full or closed store must not stop anybody from reading.
  }
}

// Who signs out leaves nothing behind on a device that others use too.
document.addEventListener("submit", ({ target }) => {
  if (!target.action.endsWith("/logout")) return;
  sessionStorage.clear();
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  }
});

note();
