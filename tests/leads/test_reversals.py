"""A move is taken back: right after it, by whoever made it, with the clock as it stood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads import claims
from crm.leads.edits import edit_lead
from crm.leads.moves import move_lead
from crm.leads.reversals import reverse_move
from crm.leads.rules import MoveRequest
from models import db
from models.enums import Stage, Status
from models.lead import Lead
from models.stage_change import StageChange
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, PLANS, a_lead, a_visit, actor_of
from tests.people import People

LATER = NOW + timedelta(days=12)
SOON = LATER + timedelta(minutes=9)


def moved(owner: User) -> Lead:
    """A lead registered on one day and moved on twelve days later."""
    lead = a_lead(owner)
    a_visit(lead, owner)
    edit_lead(lead.public_id, PLANS, actor_of(owner), NOW)
    move_lead(lead.public_id, MoveRequest(to_stage=Stage.ENGAGED), actor_of(owner), LATER)
    db.session.commit()
    return lead


def test_a_move_taken_back_leaves_the_clock_as_it_stood(session: Any, people: People) -> None:
    scout = people.scout()
    lead = moved(scout)
    since, limit = NOW.date(), lead.stalls_on
    assert lead.stage_since == LATER.date()
    change = reverse_move(lead.public_id, 2, actor_of(scout), SOON)
    db.session.commit()
    assert (lead.stage, lead.stage_since, lead.held_days) == (Stage.IDENTIFIED, since, 0)
    assert lead.stalls_on is not None
    assert limit is not None
    assert lead.stalls_on < limit
    assert (change.from_stage, change.to_stage) == (Stage.ENGAGED, Stage.IDENTIFIED)
    assert (change.seq, change.reason) == (3, "撤销")


def test_only_the_last_move_only_by_who_made_it_only_for_a_while(
    session: Any, people: People
) -> None:
    scout, manager = people.scout(), people.manager()
    lead = moved(scout)
    with pytest.raises(NotFound):
        reverse_move(lead.public_id, 3, actor_of(scout), SOON)
    with pytest.raises(Conflict):
        reverse_move(lead.public_id, 1, actor_of(scout), SOON)
    with pytest.raises(Forbidden):
        reverse_move(lead.public_id, 2, actor_of(manager), SOON)
    with pytest.raises(Refusal):
        reverse_move(lead.public_id, 2, actor_of(scout), LATER + timedelta(minutes=11))
    stranger = people.scout(team="chengdu")
    with pytest.raises(NotFound):
        reverse_move(lead.public_id, 2, actor_of(stranger), SOON)
    db.session.rollback()
    assert session.get_one(Lead, lead.id).stage is Stage.ENGAGED


def test_registering_is_not_taken_back(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    with pytest.raises(Refusal):
        reverse_move(lead.public_id, 1, actor_of(scout), NOW)


def test_a_loss_taken_back_holds_the_company_as_before(session: Any, people: People) -> None:
    scout = people.scout()
    lead = moved(scout)
    claim = claims.current_claim(lead)
    assert claim
    until, since, limit = claim.protected_until, lead.stage_since, lead.stalls_on
    lost = MoveRequest(to_status=Status.LOST, reason="去了别的城市")
    change = move_lead(lead.public_id, lost, actor_of(scout), SOON)
    assert claims.current_claim(lead) is None
    reverse_move(lead.public_id, change.seq, actor_of(scout), SOON)
    again = claims.current_claim(lead)
    assert again
    assert (again.protected_until, lead.status) == (until, Status.ACTIVE)
    assert (lead.stage_since, lead.stalls_on) == (since, limit)
    # Its end is taken back the same way.
    lost_again = move_lead(lead.public_id, lost, actor_of(scout), SOON)
    back = MoveRequest(to_status=Status.ACTIVE, reason="又来了")
    reopened = move_lead(lead.public_id, back, actor_of(scout), SOON)
    reverse_move(lead.public_id, reopened.seq, actor_of(scout), SOON)
    assert (lead.status, claims.current_claim(lead)) == (Status.LOST, None)
    assert reopened.seq == lost_again.seq + 1


def test_a_loss_stays_where_somebody_else_holds_the_company_by_now(
    session: Any, people: People
) -> None:
    scout, other = people.scout(), people.scout("chengdu", name="何静")
    lead = a_lead(scout, "独一软件有限公司")
    lost = MoveRequest(to_status=Status.LOST, reason="去了别的城市")
    change = move_lead(lead.public_id, lost, actor_of(scout), NOW)
    made = a_lead(other)
    made.company_id, made.project = lead.company_id, lead.project
    session.flush()
    with pytest.raises(Refusal) as held:
        reverse_move(lead.public_id, change.seq, actor_of(scout), NOW)
    assert held.value.code == "held"
    assert "何静" in str(held.value.message.params)


def test_a_hold_and_its_end_are_taken_back(session: Any, people: People) -> None:
    scout = people.scout()
    lead = moved(scout)
    until = (SOON + timedelta(days=30)).date()
    hold = MoveRequest(to_status=Status.ON_HOLD, hold_until=until, reason="等预算")
    held = move_lead(lead.public_id, hold, actor_of(scout), SOON)
    limit = lead.stage_since
    reverse_move(lead.public_id, held.seq, actor_of(scout), SOON)
    assert (lead.status, lead.hold_until, lead.held_since) == (Status.ACTIVE, None, None)
    assert lead.stage_since == limit
    assert lead.stalls_on is not None
    move_lead(lead.public_id, hold, actor_of(scout), SOON)
    later = SOON + timedelta(days=3)
    woken = move_lead(lead.public_id, MoveRequest(to_status=Status.ACTIVE), actor_of(scout), later)
    reverse_move(lead.public_id, woken.seq, actor_of(scout), later)
    assert (lead.status, lead.hold_until) == (Status.ON_HOLD, until)
    assert (lead.held_since, lead.stalls_on) == (SOON.date(), None)
    # Another day for the same hold, and the day before it again.
    for days in (9, 12):
        longer = MoveRequest(hold_until=until + timedelta(days=days), reason="再等等")
        again = move_lead(lead.public_id, longer, actor_of(scout), later)
    reverse_move(lead.public_id, again.seq, actor_of(scout), later)
    assert (lead.status, lead.hold_until) == (Status.ON_HOLD, until + timedelta(days=9))
    assert (lead.held_since, lead.stalls_on) == (SOON.date(), None)


def test_the_way_back_is_offered_and_works_once(
    client: Client, session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", SOON.isoformat())
    scout = people.scout()
    lead = a_lead(scout)
    a_visit(lead, scout)
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    db.session.commit()
    client.sign_in(scout.email)
    made = client.post(f"/leads/{lead.public_id}/stage-changes", json={"to_stage": "engaged"})
    assert made.status_code == 201, made.text
    url = made.get_json()["undo_url"]
    assert url == f"/leads/{lead.public_id}/stage-changes/2/reversal"
    undone = client.post(url, json={})
    assert (undone.status_code, undone.get_json()["stage"]) == (201, "identified")
    assert undone.get_json()["undo_url"] is None
    again = client.post(url, json={})
    assert again.status_code == 409
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(StageChange.id))) == 3
    # The same as a plain form: the refusal is said on the next page.
    assert client.post(url).status_code == 302
    assert "不能撤销了" in client.get(f"/leads/{lead.public_id}").get_data(as_text=True)


def test_a_stale_card_is_told_who_moved_it(client: Client, people: People) -> None:
    scout, manager = people.scout(), people.manager(name="沈立军")
    lead = a_lead(scout)
    a_visit(lead, scout)
    version = lead.version
    client.sign_in(manager.email)
    url = f"/leads/{lead.public_id}"
    edited = client.post(f"{url}/stage-changes", json={"to_status": "lost", "reason": "没有意向"})
    assert edited.status_code == 201, edited.text
    client.sign_in(scout.email)
    asked = {"to_stage": "engaged", "version": version}
    refused = client.post(f"{url}/stage-changes", json=asked)
    assert refused.status_code == 409
    assert "沈立军今天" in refused.get_json()["message"]


def test_one_card_comes_anew(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, "独一软件有限公司")
    page = client.sign_in(scout.email).get(f"/board/cards/{lead.public_id}")
    assert page.status_code == 200
    assert f'data-id="{lead.public_id}"' in page.text
    foreign = a_lead(people.scout(team="chengdu"))
    assert client.get(f"/board/cards/{foreign.public_id}").status_code == 404
