"""Every page: what the strict content policy, assistive technology and the budget ask of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models import db
from models.enums import Role
from tests.clients import Client
from tests.walks.routes import address, pages
from tests.walks.world import World

BUDGET = 15
CONTROLS = {"input", "select", "textarea"}
LANGUAGES = {"zh": "zh-CN", "en": "en"}
# So many pages each of the three reads at least: a walk of none proves nothing.
LEAST_SEEN = 20
# Answers that are no whole page.
FRAGMENTS = {
    "leads.card",
    "leads.column",
    "leads.headings",
    "lead_imports.progress",
    "target_imports.progress",
    "stage_changes.new",
    "companies.suggest",
    "search.suggest",
    "outbox.body",
}


class Page(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.headings = 0
        self.language: str | None = None
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.inside_label = 0
        self.post: str | None = None
        self.token = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        given = dict(attrs)
        self.wrong += [f"<{tag} {name}=>" for name in given if name == "style" or name[:2] == "on"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.wrong.append(f"inline <{tag}>")
        if tag == "html":
            self.language = given.get("lang")
        self.headings += tag == "h1"
        self._label(tag, given)
        self._form(tag, given)

    def _label(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "label":
            self.inside_label += 1
            self.labelled.add(given.get("for") or "")
        named = "aria-label" in given or "aria-labelledby" in given or self.inside_label
        if tag in CONTROLS and not named and given.get("type") not in {"hidden", "submit"}:
            self.controls.append(given)

    def _form(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self.post, self.token = given.get("action") or "?", False
        if tag == "input" and given.get("name") == "csrf_token" and given.get("value"):
            self.token = True

    def handle_endtag(self, tag: str) -> None:
        """Close labels and forms."""
        self.inside_label -= tag == "label"
        if tag == "form" and self.post is not None:
            if not self.token:
                self.wrong.append(f"form to {self.post} without csrf_token")
            self.post = None

    def faults(self, *, fragment: bool) -> list[str]:
        """Everything that was found."""
        bare = [c for c in self.controls if (c.get("id") or "?") not in self.labelled]
        found = [*self.wrong, *(f"no label: {c}" for c in bare)]
        if not fragment and self.headings != 1:
            found.append(f"{self.headings} h1")
        if not fragment and self.language not in {"zh-CN", "en"}:
            found.append("no lang")
        return found


def test_the_page_of_signing_in_is_strict_and_labelled(client: Client) -> None:
    assert Page(client.get("/login").text).faults(fragment=False) == []


def test_the_check_of_pages_sees_what_is_wrong() -> None:
    text = (
        '<p style="a" onclick="b"><style></style><script></script><form method=post></form><input>'
    )
    assert len(Page(text).faults(fragment=False)) == 8


def _statements(response: TestResponse) -> int:
    found = re.search(r'n=(\d+)"', response.headers["Server-Timing"])
    assert found, response.request.path
    return int(found.group(1))


# One walk asks both, for a cold process compiles every statement anew. What markup a page has is
# not the engine's; that each opens on each engine is walked in test_access.py.
@pytest.mark.parametrize(
    ("role", "lang"),
    [
        (Role.MANAGER, "en"),
        pytest.param(Role.SCOUT, "zh", marks=pytest.mark.only_sqlite),
        pytest.param(Role.ADMINISTRATOR, "zh", marks=pytest.mark.only_sqlite),
    ],
)
def test_pages_are_strict_and_labelled_and_keep_to_their_statements_on_a_cold_process(
    app: Flask, make_app: Callable[..., Flask], world: World, role: Role, lang: str
) -> None:
    signed_in = Client(app).sign_in(world.emails[role])
    signed_in.get(f"/account?lang={lang}")
    cookie = signed_in.http.get_cookie("session")
    assert cookie is not None
    db.session.commit()
    cold = make_app()
    wrong, over, seen = {}, {}, 0
    landed = f"/leads/{world.records('premises.new')['own']}"
    paths = [(rule.endpoint, address(app, rule, world, "own")) for rule in pages(app)]
    for endpoint, path in (*paths, ("leads.show", landed)):
        http = cold.test_client()
        http.set_cookie("session", cookie.value)
        response = http.get(path, buffered=True)
        if (count := _statements(response)) > BUDGET:
            over[path] = count
        if response.status_code == 200 and response.mimetype == "text/html":
            seen += 1
            page = Page(response.text)
            if faults := page.faults(fragment=endpoint in FRAGMENTS):
                wrong[path] = faults
            assert page.language in {LANGUAGES[lang], None}, path
    assert (wrong, over) == ({}, {})
    assert seen > LEAST_SEEN
