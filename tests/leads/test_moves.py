"""Moves through the service: each gate refused and met, holds, losses, returns, versions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm import audit
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.formats import say
from crm.landing.filling import Filled, fill_and_move
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.moves import clock_of, move_lead
from crm.leads.rules import MoveRequest
from models.enums import Role, Stage, Status, Via, VisitMode
from models.lead import Claim, CreditShare, Lead
from models.stage_change import StageChange
from tests.leads.making import NOW, PLANS, TODAY, a_lead, a_visit, actor_of
from tests.people import People


def refused_fields(lead: Lead, user: Any, **request: Any) -> set[str]:
    with pytest.raises(Refusal) as refused:
        move_lead(lead.public_id, MoveRequest(**request), actor_of(user), NOW)
    return set(refused.value.errors)


def test_the_way_to_negotiating(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    assert refused_fields(lead, scout, to_stage=Stage.NEGOTIATING) == {
        "touch",
        "need",
        "visit",
        "planned_investment_cny",
        "planned_revenue_cny",
        "planned_headcount",
        "district",
        "next_step",
        "next_step_on",
    }
    a_visit(lead, scout, VisitMode.CALL)
    assert refused_fields(lead, scout, to_stage=Stage.ENGAGED) == {"need"}
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    assert refused_fields(lead, scout, to_stage=Stage.NEGOTIATING) == {"visit"}
    a_visit(lead, scout, VisitMode.OUT)
    change = move_lead(
        lead.public_id, MoveRequest(to_stage=Stage.NEGOTIATING), actor_of(scout), NOW
    )
    session.commit()
    assert (change.seq, change.from_stage, change.to_stage) == (
        2,
        Stage.IDENTIFIED,
        Stage.NEGOTIATING,
    )
    assert change.facts["planned_investment_cny"] == 120_000_000
    assert (lead.stage, lead.stage_since) == (Stage.NEGOTIATING, TODAY)
    assert lead.stalls_on == TODAY + timedelta(days=91)


def test_later_gates_say_what_is_missing(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_visit(lead, scout)
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    assert refused_fields(lead, scout, to_stage=Stage.LANDED) == {
        "signed_on",
        "signed_investment_cny",
        "agreement",
        "offer",
        "local_company",
        "credit_code",
        "registered_capital_cny",
        "registered_on",
        "premises",
        "employees",
        "landed_on",
    }


@pytest.mark.parametrize(
    ("mode", "arranged", "named", "missing"),
    [
        (VisitMode.CALL, True, True, {"visit"}),
        (VisitMode.MESSAGE, True, True, {"visit"}),
        (VisitMode.VIDEO, False, True, {"visit"}),
        (VisitMode.VIDEO, True, True, set()),
        (VisitMode.IN, True, True, set()),
        (VisitMode.OUT, True, False, {"touch", "visit"}),
    ],
)
def test_what_counts_as_evidence(
    session: Any,
    people: People,
    mode: VisitMode,
    arranged: bool,
    named: bool,
    missing: set[str],
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    a_visit(lead, scout, mode, arranged=arranged, named=named)
    request = MoveRequest(to_stage=Stage.NEGOTIATING)
    if missing:
        assert refused_fields(lead, scout, to_stage=Stage.NEGOTIATING) == missing
    else:
        assert move_lead(lead.public_id, request, actor_of(scout), NOW).seq == 2


def test_a_visit_that_names_another_lead_is_no_evidence(session: Any, people: People) -> None:
    scout = people.scout()
    first = a_lead(scout, company="一企两案软件有限公司", need="要场地")
    second = a_lead(scout, company="一企两案软件有限公司", project="二期", need="要场地")
    a_visit(first, scout)
    assert refused_fields(second, scout, to_stage=Stage.ENGAGED) == {"touch"}
    a_visit(second, scout, on_lead=False)
    request = MoveRequest(to_stage=Stage.ENGAGED)
    assert move_lead(second.public_id, request, actor_of(scout), NOW).to_stage is Stage.ENGAGED


def test_the_form_saves_and_moves_or_does_neither(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_visit(lead, scout)
    half = LeadEdit(need="要场地", planned_headcount=80)
    request = MoveRequest(to_stage=Stage.NEGOTIATING, version=lead.version)
    with pytest.raises(Refusal):
        fill_and_move(
            lead.public_id, Filled(half, fields=frozenset(half)), request, actor_of(scout), NOW
        )
    session.rollback()
    assert session.get_one(Lead, lead.id).planned_headcount is None
    change = fill_and_move(lead.public_id, Filled(PLANS), request, actor_of(scout), NOW)
    session.commit()
    assert change.to_stage is Stage.NEGOTIATING
    assert lead.planned_headcount == 160


def test_a_hold_stops_the_clock_and_a_return_starts_it_anew(session: Any, people: People) -> None:
    """Ten days, a hold of twenty, five more days: fifteen; back a stage: nought."""
    scout = people.scout()
    lead = a_lead(scout, need="要场地")
    a_visit(lead, scout)

    def at(day: int, **request: Any) -> int:
        moment = NOW + timedelta(days=day)
        move_lead(lead.public_id, MoveRequest(**request), actor_of(scout), moment)
        session.commit()
        return clock_of(lead).days(moment.date())

    assert at(0, to_stage=Stage.ENGAGED) == 0
    hold = {"to_status": Status.ON_HOLD, "hold_until": TODAY + timedelta(days=60), "reason": "换人"}
    assert at(10, **hold) == 10
    assert lead.stalls_on is None
    assert at(30, to_status=Status.ACTIVE) == 10
    assert lead.stalls_on == TODAY + timedelta(days=20 + 46)
    assert clock_of(lead).days(TODAY + timedelta(days=35)) == 15
    assert at(35, to_stage=Stage.IDENTIFIED, reason="重新摸底") == 0


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        ({"to_status": Status.ON_HOLD}, {"hold_until", "reason"}),
        (
            {"to_status": Status.ON_HOLD, "hold_until": TODAY, "reason": "等预算"},
            {"hold_until"},
        ),
        ({"to_status": Status.LOST}, {"reason"}),
        ({"to_status": Status.LOST, "reason": "长" * 2001}, {"reason"}),
        ({"to_stage": Stage.IDENTIFIED}, {"to_stage"}),
    ],
)
def test_holds_and_losses_have_reasons(
    session: Any, people: People, request_: dict[str, Any], fields: set[str]
) -> None:
    scout = people.scout()
    assert refused_fields(a_lead(scout), scout, **request_) == fields


def test_a_lost_company_is_free_again(session: Any, people: People) -> None:
    first, second = people.scout("beijing"), people.scout("shanghai")
    lead = a_lead(first, company="去而复返软件有限公司")
    lost = MoveRequest(to_status=Status.LOST, reason="落户他市")
    move_lead(lead.public_id, lost, actor_of(first), NOW)
    session.commit()
    claim = session.scalars(sa.select(Claim).where(Claim.lead_id == lead.id)).one()
    assert claim.released_at is not None
    taken = a_lead(second, company="去而复返软件有限公司")
    back = MoveRequest(to_status=Status.ACTIVE, reason="又来谈")
    with pytest.raises(Refusal) as refused:
        move_lead(lead.public_id, back, actor_of(first), NOW)
    assert refused.value.code == "held"
    session.rollback()
    move_lead(taken.public_id, lost, actor_of(second), NOW)
    move_lead(lead.public_id, back, actor_of(first), NOW)
    session.commit()
    open_claims = session.scalars(sa.select(Claim).where(Claim.released_at.is_(None))).all()
    assert [c.lead_id for c in open_claims] == [lead.id]


def test_a_stale_version_says_where_the_lead_is_now(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, need="要场地")
    a_visit(lead, scout)
    stale = lead.version
    with audit.acting(scout.id, Via.WEB):
        move_lead(lead.public_id, MoveRequest(to_stage=Stage.ENGAGED), actor_of(scout), NOW)
        session.commit()
    with pytest.raises(Conflict) as conflict:
        move_lead(
            lead.public_id,
            MoveRequest(to_status=Status.LOST, reason="x", version=stale),
            actor_of(scout),
            NOW,
        )
    assert conflict.value.changed == {"status": (Status.ACTIVE, Status.LOST)}
    assert f"{scout.name}今天" in say(conflict.value.message)
    assert "改过这条线索（阶段：线索 → 接洽）" in say(conflict.value.message)
    edit = LeadEdit(need="别的")
    with pytest.raises(Conflict):
        fill_and_move(
            lead.public_id, Filled(edit), MoveRequest(version=stale), actor_of(scout), NOW
        )


def test_who_may_move(session: Any, people: People) -> None:
    scout, partner = people.scout("beijing"), people.scout("shanghai")
    lead = a_lead(scout)
    request = MoveRequest(to_status=Status.LOST, reason="落户他市")
    with pytest.raises(NotFound):
        move_lead(lead.public_id, request, actor_of(partner), NOW)
    share = CreditShare(
        agreement="a1", lead_id=lead.id, team_id=actor_of(partner).team, basis_points=10_000
    )
    session.add(share)
    session.commit()
    with pytest.raises(Forbidden):
        move_lead(lead.public_id, request, actor_of(partner), NOW)
    auditor = people.make(Role.AUDITOR)
    with pytest.raises(Forbidden):
        move_lead(lead.public_id, request, actor_of(auditor), NOW)
    assert move_lead(lead.public_id, request, actor_of(people.manager()), NOW).seq == 2


def test_a_park_officer_sees_a_lead_from_negotiating_on(session: Any, people: People) -> None:
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    lead = a_lead(people.scout(), more=LeadEdit(place="park:nanhu"))
    request = MoveRequest(to_status=Status.LOST, reason="x")
    with pytest.raises(NotFound):
        move_lead(lead.public_id, request, actor_of(officer), NOW)
    lead.stage = Stage.NEGOTIATING
    session.commit()
    with pytest.raises(Forbidden):
        move_lead(lead.public_id, request, actor_of(officer), NOW)


def test_changes_are_numbered_and_kept(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    hold = MoveRequest(to_status=Status.ON_HOLD, hold_until=date(2027, 1, 4), reason="过年后")
    move_lead(lead.public_id, hold, actor_of(scout), NOW)
    move_lead(lead.public_id, MoveRequest(to_status=Status.ACTIVE), actor_of(scout), NOW)
    session.commit()
    query = sa.select(StageChange).where(StageChange.lead_id == lead.id).order_by(StageChange.seq)
    assert [(c.seq, c.to_status) for c in session.scalars(query)] == [
        (1, Status.ACTIVE),
        (2, Status.ON_HOLD),
        (3, Status.ACTIVE),
    ]
