"""What the board costs a browser: first paint, the longest task, the weight of what it loads.

    python -m tests.bench.front http://127.0.0.1:8000 manager@demo.example PASSWORD [PATH …]

The processor is slowed down four times, as an office machine or a phone is beside this one.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium

SLOWER = 4
ROUNDS = 5
PATHS = ("/board", "/board?group=district", "/board?group=team")

# Set up before the page's own scripts; read once all is quiet.
WATCH = """
window.seen = { paint: 0, longest: 0, tasks: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.paint = Math.max(seen.paint, entry.startTime);
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""


@dataclass(frozen=True)
class Painted:
    """One load: milliseconds to the largest paint and of the longest task, bytes on the wire."""

    paint: float
    longest: float
    bytes: int


def main() -> None:
    """Print a line a page: the middle of a few loads with an empty cache."""
    base, email, password, *paths = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        kept = _signed_in(browser, base, email, password)
        for path in paths or PATHS:
            loads = sorted(
                (_load(browser, base, kept, path) for _ in range(ROUNDS)), key=lambda one: one.paint
            )
            middle = loads[ROUNDS // 2]
            longest = sorted(one.longest for one in loads)[ROUNDS // 2]
            sys.stdout.write(
                f"{path}: largest paint {middle.paint:.0f} ms, longest task {longest:.0f} ms, "
                f"{middle.bytes / 1000:.0f} kB loaded\n"
            )
        browser.close()


def _signed_in(browser: Browser, base: str, email: str, password: str) -> Any:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    kept = context.storage_state()
    context.close()
    return kept


def _load(browser: Browser, base: str, kept: Any, path: str) -> Painted:
    context = browser.new_context(
        base_url=base, storage_state=kept, viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    loaded: list[int] = []
    wire.on("Network.loadingFinished", lambda told: loaded.append(int(told["encodedDataLength"])))
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("seen")
    context.close()
    return Painted(seen["paint"], max(seen["tasks"], default=0), sum(loaded))


if __name__ == "__main__":
    main()
