const SOON_MS = 300;

/** Do it when the page stands and nobody waits, or a moment later all the same. */
export function whenIdle(work) {
  if ("requestIdleCallback" in window) requestIdleCallback(() => work(), { timeout: SOON_MS });
  else setTimeout(work, SOON_MS); // Safari
}
