"""What board, list and Today cost a browser: largest paint, longest task, weight of what is loaded.

The processor is slowed down four times, as an office machine or a phone is beside this one; the
cache is empty.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, sync_playwright

from crm.config import ROOT
from tests.bench.databases import PASSWORD, Database
from tests.bench.pages import PEOPLE
from tests.browser import chromium

SLOWER = 4
ROUNDS = 5
PATHS = {
    "board": "/board",
    "board by district": "/board?group=district",
    "board by team": "/board?group=team",
    "list": "/leads",
    "today": "/today",
}
STARTING = 30  # seconds that a server may take

# Set up before the page's own scripts; read once all is quiet.
WATCH = """
window.seen = { paint: 0, tasks: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.paint = Math.max(seen.paint, entry.startTime);
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""


@dataclass(frozen=True)
class Painted:
    """A page in the browser, the middle of a few loads: milliseconds to its largest paint and of
    its longest task, bytes on the wire."""

    database: Database
    page: str
    person: str
    paint: float
    longest: float
    bytes: float


def painted(database: Database) -> list[Painted]:
    """The pages of a database as the scout and the manager see it; it is served as in production,
    by a process of its own, and must be a copy: signing in writes."""
    with _served(database) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        found = []
        for person, email in PEOPLE.items():
            kept = _signed_in(browser, base, email)
            for name, path in PATHS.items():
                loads = [_load(browser, base, kept, path) for _ in range(ROUNDS)]
                paint, longest, size = (
                    sorted(values)[ROUNDS // 2] for values in zip(*loads, strict=True)
                )
                found.append(Painted(database, name, person, paint, longest, int(size)))
        browser.close()
    return found


@contextmanager
def _served(database: Database) -> Iterator[str]:
    """Gunicorn over the database, on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    environment = {**database.environment, "HOST": "127.0.0.1", "PORT": str(port)}
    server = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(base: str) -> None:
    until = time.monotonic() + STARTING
    while True:
        try:
            with urllib.request.urlopen(f"{base}/login"):
                return
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _signed_in(browser: Browser, base: str, email: str) -> Any:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    kept = context.storage_state()
    context.close()
    return kept


def _load(browser: Browser, base: str, kept: Any, path: str) -> tuple[float, float, float]:
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
    return seen["paint"], max(seen["tasks"], default=0), sum(loaded)
