"""Entries of a list are given to a team: by place or by name, in bulk, counted, taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from models.audit import Change
from models.company import Company
from models.enums import MatchState, Role
from models.place import Place
from models.target import ListEdition, ListEntry, TargetList
from models.team import Team
from tests.api.machine import machine_of
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People
from tests.views.counting import statements

HERE = "/targets/china-software-100/2026"
_UNDO = re.compile(rf"({HERE}/assignments/\d+/reversals)")


@pytest.fixture
def entries(session: Any, people: People) -> list[ListEntry]:
    """Two in Beijing, one nowhere known, and one in Beijing that a lead follows."""
    wanted = session.scalar(sa.select(TargetList).filter_by(code="china-software-100"))
    edition = ListEdition(list_id=wanted.id, year=2026)
    session.add(edition)
    session.flush()
    beijing = session.scalar(sa.select(Place.id).filter_by(code="beijing"))
    lead = a_lead(people.scout(), "和利时科技有限公司")
    followed = session.get_one(Company, lead.company_id)
    followed.place_id = beijing
    companies = [
        create_company(f"{name}有限公司", now=clock.now(), place_id=place)
        for name, place in (("东方通科技", beijing), ("用友软件", beijing), ("太极股份", None))
    ]
    found = []
    for rank, company in enumerate([*companies, followed], start=1):
        found.append(
            ListEntry(
                edition_id=edition.id,
                row_key=f"row {rank}",
                name=company.name,
                raw={},
                rank=rank,
                match_state=MatchState.NEW,
                company_id=company.id,
            )
        )
    session.add_all(found)
    session.commit()
    return found


def teams_of(session: Any) -> list[str | None]:
    session.expire_all()
    query = (
        sa.select(Team.code).select_from(ListEntry).outerjoin(Team, Team.id == ListEntry.team_id)
    )
    return list(session.scalars(query.order_by(ListEntry.rank)))


def test_a_manager_assigns_by_place_and_by_name_and_takes_it_back(
    entries: list[ListEntry], session: Any, people: People, client: Client
) -> None:
    boss = people.manager()
    page = client.sign_in(boss.email).get(HERE)
    assert statements(page) <= 15
    assert page.text.count("分给北京小分队</button>") == 3, "two rows, and the bar"
    sent = {"entry": [one.id for one in entries], "to": "by-place"}
    assert client.post(f"{HERE}/assignments", sent).status_code == 302
    assert teams_of(session) == ["beijing", "beijing", None, None]
    said = client.get(HERE)
    for words in ("已分派 2 家。", "1 家已有线索，没有动。", "1 家的所在地没有小分队"):
        assert words in said.text
    assert 'data-name="assigned" data-value="3"' in said.text, "with the one that has a lead"
    # All that the filter in the address leaves, to a team by its name.
    client.post(f"{HERE}/assignments?state=untouched", {"all": "1", "to": "shenzhen"})
    assert teams_of(session) == ["beijing", "beijing", "shenzhen", None]
    (undo,) = set(_UNDO.findall(client.get(HERE).text))
    colleague = Client(client.app).sign_in(people.manager().email)
    colleague.get(HERE)
    assert colleague.post(undo).status_code == 403
    assert client.post(undo).status_code == 302
    assert teams_of(session) == ["beijing", "beijing", None, None]
    client.post(undo)
    assert "已经撤销了" in client.get(HERE).text
    # One row, by its own button; nobody; nothing chosen; a team that is not there.
    client.post(f"{HERE}/assignments", {"entry": entries[0].id, "to": "nobody"})
    assert teams_of(session)[0] is None
    client.post(f"{HERE}/assignments", {"one": entries[0].id})
    assert teams_of(session)[0] == "beijing"
    for wrong, said in (
        ({"to": "beijing"}, "请先选要分派的企业。"),
        ({"entry": entries[2].id, "to": "nowhere"}, "请选一支小分队。"),
    ):
        client.post(f"{HERE}/assignments", wrong)
        assert said in client.get(HERE).text
    assert teams_of(session) == ["beijing", "beijing", None, None]
    trail = sa.select(Change.field).where(
        Change.subject == "list_entry",
        Change.subject_id == entries[0].id,
        Change.field == "team_id",
    )
    assert len(session.scalars(trail).all()) == 3
    session.rollback()
    for role in (Role.SCOUT, Role.TEAM_LEAD, Role.ADMINISTRATOR):
        other = Client(client.app).sign_in(people.make(role=role).email)
        assert "分给北京" not in other.get(HERE).text
        assert other.post(f"{HERE}/assignments", sent).status_code == 403


def test_the_api_assigns_as_the_page_does(
    entries: list[ListEntry], session: Any, people: People, app: Flask
) -> None:
    machine = machine_of(app, people.manager())
    address = "/targets/china-software-100/2026/assignments"
    keys = [one.row_key for one in entries]
    made = machine.post(address, {"keys": keys})
    assert made.json == {"changed": 2, "followed": 1, "nowhere": 1}
    made = machine.post(address, {"keys": keys[2:3], "team": "shenzhen"})
    assert made.json["changed"] == 1
    rows = machine.get("/targets/china-software-100/2026/entries?state=assigned").json["items"]
    assert [row["team"] for row in rows] == ["beijing", "beijing", "shenzhen", None]
    assert machine.post(address, {"keys": keys, "team": None}).json["changed"] == 3
    refused = machine.post(address, {"keys": ["row 9"]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["keys"])
    refused = machine.post(address, {"keys": keys, "team": "nowhere"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["team"])
