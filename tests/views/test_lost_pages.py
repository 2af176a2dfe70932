"""A list whose address names a page that is not there says so, above its first page."""

from __future__ import annotations

from typing import Any

import pytest

from models.company import Company
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


@pytest.mark.parametrize("span", ["0001-01-01..", "..9999-12-31"])
def test_a_day_at_the_ends_of_the_calendar_is_no_condition(
    client: Client, people: People, span: str
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    said = f"没有“{span.replace('..', '–')}”这个条件"
    for path in ("/leads", "/board"):
        assert said in client.get(path, query_string={"created": span}).text, path
    first, last = span.split("..")
    typed = {"created_from": first, "created_to": last}
    assert said in client.get("/leads", query_string=typed).text
    assert client.get("/leads.xlsx", query_string={"created": span}).status_code == 200
    assert client.get("/visits", query_string={"between": span}).status_code == 200
    for moment in ("0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"):
        path = f"/leads/{lead.public_id}"
        assert client.get(path, query_string={"before": moment}).status_code == 200, moment


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000])
def test_a_number_that_no_row_could_have_names_nothing(
    client: Client, people: People, session: Any, number: str
) -> None:
    manager = people.manager()
    lead = a_lead(people.scout())
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(manager.email)
    assert client.get(f"/targets/china-software-100/{number}").status_code == 404
    for path in (
        f"/companies/{company}/relations/{number}/removals",
        f"/leads/{lead.public_id}/edits/{number}/reversal",
        f"/notices/{number}/readings",
    ):
        assert client.post(path).status_code == 404, path
    assert client.post("/notices/readings", {"last": number}).status_code == 302
    listed = {"list": f"china-software-100/{number}", "metric": "revenue_cny", "least": number}
    assert client.get("/companies", query_string=listed).status_code == 200
