"""The board by district and by team: heads, cards, and what a drop does and takes back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from crm.leads.board import board
from crm.leads.edits import edit_lead
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit
from crm.leads.lanes import Group
from models import db
from models.enums import Stage, Status
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, actor_of, some_leads
from tests.people import People
from tests.views.counting import statements

pytestmark = pytest.mark.usefixtures("stopped_clock")

OVER_BOARD = {"HX-Request": "true", "HX-Current-URL": "http://localhost/board?group=team"}


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's clock stands at the makers' moment."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())


def heads(people: Any, wanted: LeadFilter, group: Group) -> dict[str, tuple[int, int, int]]:
    found = board(actor_of(people), wanted, TODAY, group)
    return {
        one.lane.key: (one.heading.n, one.heading.investment_cny, len(one.cards))
        for one in found.columns
        if one.heading.n or one.cards
    }


def in_database(public_id: str) -> Lead:
    db.session.rollback()
    return db.session.scalars(sa.select(Lead).where(Lead.public_id == public_id)).one()


def test_columns_hold_what_their_heads_count(people: People) -> None:
    scout, manager = people.scout(), people.manager()
    placed, other = a_lead(scout), a_lead(people.scout("shenzhen"))
    a_lead(scout)
    edit_lead(placed.public_id, PLANS, actor_of(scout), NOW)
    a_lead(scout).status = Status.LOST
    db.session.commit()
    active = LeadFilter(status="active")
    assert heads(manager, active, Group.DISTRICT) == {
        "none": (2, 0, 2),
        "nanhu": (1, 12 * 10**7, 1),
    }
    assert heads(manager, active, Group.TEAM) == {
        "beijing": (2, 12 * 10**7, 2),
        "shenzhen": (1, 0, 1),
    }
    assert heads(scout, active, Group.TEAM) == {"beijing": (2, 12 * 10**7, 2)}
    other.stage = Stage.ENGAGED
    db.session.commit()
    engaged = LeadFilter(status="active", stage=Stage.ENGAGED)
    assert heads(manager, engaged, Group.TEAM) == {"shenzhen": (1, 0, 1)}
    assert heads(manager, engaged, Group.DISTRICT) == {"none": (1, 0, 1)}


@pytest.mark.parametrize("group", ["district", "team"])
def test_a_grouped_board_pages_and_renews_its_columns(
    client: Client, people: People, group: str
) -> None:
    scout, manager = people.scout(), people.manager()
    leads = some_leads(scout, 27)
    response = client.sign_in(manager.email).get(f"/board?group={group}&scope=city")
    text = response.get_data(as_text=True)
    assert statements(response) <= 15
    assert text.count('data-testid="lead-card"') == 25
    assert "stage-column" not in text
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', text)
    assert more
    rest = client.get(more[1].replace("&amp;", "&")).get_data(as_text=True)
    assert rest.count('data-testid="lead-card"') == 2
    key = "none" if group == "district" else "beijing"
    for fragment in (rest, client.get(f"/board/cards/{leads[0].public_id}?group={group}").text):
        assert f'data-lane="{key}"' in fragment
    renewed = client.get(f"/board/headings?group={group}&scope=city").text
    assert re.search(rf'id="head-{key}".*?class="count">27<', renewed, re.DOTALL)
    assert client.get(f"/board/columns/identified?group={group}").status_code == 404


def test_a_drop_changes_the_district_and_is_taken_back(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, more=LeadEdit(place="park:nanhu"))
    path, version = f"/leads/{lead.public_id}/placements", lead.version
    client.sign_in(scout.email)
    moved = client.post(path, json={"place": "district:tongxiang", "version": version})
    assert moved.status_code == 201, moved.text
    assert "桐乡" in moved.json["text"]
    assert (in_database(lead.public_id).park_id, moved.json["version"]) == (None, version + 1)
    stale = client.post(path, json={"place": "district:haining", "version": version})
    assert stale.status_code == 409
    assert client.post(moved.json["undo_url"], json={}).status_code == 201
    assert in_database(lead.public_id).park_id is not None
    # Changed since, what is taken back is no longer what was changed.
    assert client.post(moved.json["undo_url"], json={}).status_code == 409
    for wrong in ({"place": "district:paris"}, {"place": 1}, {}, []):
        assert client.post(path, json=wrong).status_code == 422, wrong
    foreign = a_lead(people.scout("chengdu"))
    assert client.post(f"/leads/{foreign.public_id}/placements", json={}).status_code == 404


def test_only_who_may_hands_a_lead_over(client: Client, people: People) -> None:
    scout, manager = people.scout(), people.manager()
    taker = people.scout("shenzhen", name="何立群")
    lead = a_lead(scout)
    scout_team = lead.team_id
    path = f"/leads/{lead.public_id}/hand-overs"
    client.sign_in(scout.email)
    assert client.get(f"{path}/new?team=shenzhen").status_code == 403
    assert client.post(path, data={"team": "shenzhen", "owner": taker.public_id}).status_code == 403
    assert "data-movable" not in client.get("/board?group=team").text

    client = Client(client.app).sign_in(manager.email)
    form = client.get(f"{path}/new?team=shenzhen", headers=OVER_BOARD).text
    assert taker.public_id in form
    assert scout.public_id not in form
    sent = {"team": "shenzhen", "owner": "", "version": str(lead.version)}
    refused = client.post(path, data=sent, headers=OVER_BOARD)
    assert refused.status_code == 422
    assert 'data-field="owner"' in refused.text
    done = client.post(path, data=sent | {"owner": taker.public_id}, headers=OVER_BOARD)
    assert done.status_code == 200, done.text
    assert in_database(lead.public_id).owner_id == taker.id
    undo = re.search(r'"undo_url": "([^"]+)"', done.headers["HX-Trigger"])
    assert undo
    # What somebody edits meanwhile stays; who has it goes back.
    edit_lead(lead.public_id, LeadEdit(need="要两栋楼"), actor_of(taker), NOW)
    db.session.commit()
    assert client.post(undo[1], json={}).status_code == 201
    back = in_database(lead.public_id)
    assert (back.owner_id, back.team_id, back.need) == (scout.id, scout_team, "要两栋楼")
    assert "已经撤销" in client.post(undo[1], json={}).json["message"]

    done = client.post(path, data=sent | {"owner": taker.public_id, "version": str(back.version)})
    undo = re.search(r'action="([^"]+hand-overs\?was=[^"]+)"', client.get(done.location).text)
    assert undo
    other = people.scout("shenzhen", name="周敏")
    again = LeadEdit(team="shenzhen", owner=other.public_id)
    edit_lead(lead.public_id, again, actor_of(manager), NOW)
    db.session.commit()
    # A refusal is a sentence on the lead's page.
    refused = client.post(undo[1])
    assert refused.location == f"/leads/{lead.public_id}"
    assert "之后又改过“负责人”，没有撤销" in client.get(refused.location).text
    assert in_database(lead.public_id).owner_id == other.id


def test_a_team_lead_gives_a_lead_away_for_good(client: Client, people: People) -> None:
    leader, taker = people.team_lead(), people.scout("shenzhen")
    lead = a_lead(people.scout())
    path = f"/leads/{lead.public_id}/hand-overs"
    client.sign_in(leader.email)
    assert "不能撤销" in client.get(f"{path}/new?team=shenzhen", headers=OVER_BOARD).text
    sent = {"team": "shenzhen", "owner": taker.public_id, "version": str(lead.version)}
    done = client.post(path, data=sent, headers=OVER_BOARD)
    assert '"undo_url": null' in done.headers["HX-Trigger"]
    assert in_database(lead.public_id).owner_id == taker.id
    assert client.get(f"/board/cards/{lead.public_id}").status_code == 404
