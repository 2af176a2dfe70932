"""A list whose address names a page that is not there says so, above its first page."""

from __future__ import annotations

import pytest

from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People

SAID = "那一页找不到了"


@pytest.mark.parametrize("path", ["/leads", "/visits", "/companies", "/reminders", "/trash"])
def test_a_cursor_that_nobody_gave_out_is_said(client: Client, people: People, path: str) -> None:
    manager = people.manager()
    a_lead(people.scout())
    client.sign_in(manager.email)
    for cursor in ("xyz", "!"):
        answer = client.get(path, query_string={"cursor": cursor})
        assert (answer.status_code, SAID in answer.text) == (200, True), cursor
    assert SAID not in client.get(path).text
