"""A served application and a real browser, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from models import db
from tests.browser import chromium
from tests.clients import Client

# Milliseconds to wait for what a page promises: only what never comes takes as long, and a busy
# machine may need several times what an idle one does.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
# So many pixels a hole may stand from where it is wanted: a list has its padding.
HOLE_OFF = 24


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium a worker; without one the test fails and says what to run."""
    path = chromium.find()
    assert path, "no Chromium: run `python -m tests.browser.chromium`"
    started = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
    yield started
    started.close()


def _whole(app: Flask) -> Callable[..., list[bytes]]:
    """Each answer read and closed at once: this server forgets to where a browser hangs up."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The application behind a real socket; its address."""
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    # What a page asked for behind itself may still be answered when the test has seen enough.
    for answering in [one for one in threading.enumerate() if "process_request" in one.name]:
        answering.join()
    with app.app_context():
        db.session.remove()


@pytest.fixture
def open_as(
    app: Flask, browser: Browser, served: str, session: Any
) -> Iterator[Callable[..., Page]]:
    """Opens an empty page signed in as somebody; a script that fails on it fails the test.

    The form of signing in is used by test_pages.py and test_offline.py.
    """
    contexts: list[Any] = []
    mishaps: list[str] = []

    def open_page(email: str, *, phone: bool = False, **options: Any) -> Page:
        cookie = Client(app).sign_in(email).http.get_cookie("session")
        assert cookie
        # Reading ``email`` began a transaction; left open it would keep SQLite's writers out.
        session.rollback()
        context = browser.new_context(
            base_url=served,
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="block",  # tests/browser/test_offline.py has its own
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": served}])
        page = context.new_page()
        page.on("pageerror", lambda error: mishaps.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not mishaps, mishaps


def drag(page: Page, grip: Locator, onto: Locator, hole: str) -> None:
    """Take something by the mouse to the upper half of another, and hold it there until its hole
    (what it leaves where it would fall) shows that it would land; the caller lets go."""
    grip.hover()
    goal = onto.bounding_box()
    assert goal
    page.mouse.down()
    page.mouse.move(goal["x"] + 60, goal["y"] + 8, steps=8)
    # The hole follows with a moment's delay; a hand that is held still moves a little, too.
    for n in range(100):
        page.mouse.move(goal["x"] + 60 + n % 2, goal["y"] + 8)
        box = page.locator(hole).bounding_box()
        if box and abs(box["y"] - goal["y"]) < HOLE_OFF:
            return


@contextmanager
def answered(page: Page, part: str) -> Iterator[None]:
    """Wait for the answer to a request whose address holds this part."""
    with page.expect_response(lambda response: part in response.url):
        yield


def picker(page: Page, label: str) -> Locator:
    """A find-as-you-type field; its script comes after the page, and typing waits for it."""
    return page.locator(".ts-control").get_by_role("combobox", name=label)
