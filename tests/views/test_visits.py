"""The visit's form: one entry, once; what is wrong stands at its field and nothing is saved."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from models.visit import Visit
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People


def form_of(client: Client, lead: str) -> dict[str, Any]:
    page = client.get(f"/visits/new?lead={lead}").get_data(as_text=True)
    key = re.search(r'name="client_key"[^>]*value="([^"]+)"', page)
    assert key, page
    return {
        "lead": lead,
        "client_key": key.group(1),
        "mode": "out",
        "occurred_at": "2026-01-05T09:10",
        "reached": "1",
        "new_name": "周启明",
        "summary": "谈了场地",
    }


def count(session: Any) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Visit)) or 0


def test_a_double_submit_makes_one_visit(session: Any, people: People, client: Client) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead)
    for _tap in range(2):
        answer = client.post("/visits", form)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        assert f"/leads/{lead}" in answer.headers["Location"]
    assert count(session) == 1
    visit = session.scalars(sa.select(Visit)).one()
    assert client.get(f"/visits/{visit.public_id}").status_code == 200
    assert "周启明" in client.get("/visits").get_data(as_text=True)


def test_a_visit_in_the_future_is_refused_and_stays_typed(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"occurred_at": "2099-01-05T09:10"}
    answer = client.post("/visits", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-field="occurred_at"' in page
    assert "2099-01-05T09:10" in page
    assert "谈了场地" in page
    assert count(session) == 0


def test_reached_without_a_name_is_refused_in_json(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"new_name": ""}
    answer = client.post("/visits", form, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["contacts"]
    assert count(session) == 0


def test_another_teams_visit_is_not_there(session: Any, people: People, client: Client) -> None:
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    client.post("/visits", form_of(client, lead))
    session.rollback()
    visit = session.scalars(sa.select(Visit.public_id)).one()
    other = Client(client.app).sign_in(elsewhere.email)
    assert other.get(f"/visits/{visit}").status_code == 404
    assert other.get(f"/visits/new?lead={lead}").status_code == 404
