"""The form of a move on the way to registered and landed: all of it, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.errors import Conflict, Refusal
from crm.landing.filling import Filled, fill_and_move
from crm.landing.rules import Arrival, Registration, Space
from crm.leads.facts import facts_of
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from models.company import Company
from models.enums import Stage
from models.lead import EntityPhase, Lead, LeadEntity
from models.premises import Premises
from models.stage_change import StageChange
from tests.landing.making import ARRIVAL, SPACE, a_registration, a_signed_lead
from tests.leads.making import NOW, TODAY, actor_of
from tests.people import People

REGISTRATION = frozenset(
    {"local_company", "credit_code", "registered_capital_cny", "registered_on"}
)
ARRIVED = frozenset({"premises", "employees", "landed_on"})
REGISTERED = MoveRequest(to_stage=Stage.REGISTERED)
LANDED = MoveRequest(to_stage=Stage.LANDED)


def whole(**more: Any) -> Filled:
    filled = Filled(
        registration=a_registration(), space=SPACE, arrival=ARRIVAL, fields=REGISTRATION | ARRIVED
    )
    return replace(filled, **more)


def refused(lead: Lead, user: Any, filled: Filled, request: MoveRequest) -> set[str]:
    with pytest.raises(Refusal) as refusal:
        fill_and_move(lead.public_id, filled, request, actor_of(user), NOW)
    return set(refusal.value.errors)


def test_step_by_step_to_the_end(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    assert refused(lead, scout, Filled(), REGISTERED) == REGISTRATION
    first = Filled(registration=a_registration(), fields=REGISTRATION)
    change = fill_and_move(lead.public_id, first, REGISTERED, actor_of(scout), NOW)
    session.commit()
    assert change.facts["registered_capital_cny"] == 50_000_000
    assert lead.stalls_on == TODAY + timedelta(days=181)
    assert refused(lead, scout, Filled(), LANDED) == ARRIVED
    second = Filled(space=SPACE, arrival=ARRIVAL, fields=ARRIVED)
    fill_and_move(lead.public_id, second, LANDED, actor_of(scout), NOW)
    session.commit()
    assert (lead.stage, lead.stalls_on, lead.landed_on) == (Stage.LANDED, None, TODAY)
    assert session.scalars(sa.select(LeadEntity.phase)).one() is EntityPhase.LANDED


def test_both_stages_in_one_go(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    change = fill_and_move(lead.public_id, whole(), LANDED, actor_of(scout), NOW)
    session.commit()
    assert (change.from_stage, change.to_stage) == (Stage.COMMITTED, Stage.LANDED)
    assert session.scalars(sa.select(Premises.company_id)).one()


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    filled = whole(
        registration=a_registration(credit_code="911100008021004331"),
        space=replace(SPACE, area_m2=0),
        arrival=None,
        fields=REGISTRATION | {"premises"},
    )
    companies = session.scalar(sa.select(sa.func.count()).select_from(Company))
    wrong = refused(lead, scout, filled, LANDED)
    # What was typed wrongly, and what was not filled in at all; nothing is said to be missing
    # that only waits for the company.
    assert wrong == {"credit_code", "area_m2", "employees", "landed_on"}
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Company)) == companies
    assert session.scalars(sa.select(Premises)).all() == []
    assert lead.registered_on is None
    assert lead.stage is Stage.COMMITTED


@pytest.mark.parametrize(
    ("filled", "fields"),
    [
        (Filled(registration=Registration(registered_capital_cny=1)), {"local_company"}),
        (Filled(space=Space(), fields=frozenset()), {"premises", "area_m2", "lease_start"}),
        (Filled(arrival=Arrival(employees=-1), fields=frozenset({"employees"})), {"employees"}),
    ],
)
def test_half_filled_parts_name_what_they_want(
    session: Any, people: People, filled: Filled, fields: set[str]
) -> None:
    scout = people.scout()
    assert refused(a_signed_lead(scout), scout, filled, LANDED) >= fields


def test_a_landing_before_the_registration_of_the_same_form_is_refused(
    session: Any, people: People
) -> None:
    scout = people.scout()
    early = replace(ARRIVAL, landed_on=TODAY - timedelta(days=30))
    lead = a_signed_lead(scout)
    assert refused(lead, scout, whole(arrival=early), LANDED) == {"landed_on"}


def test_a_stale_form_saves_nothing(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    stale = replace(REGISTERED, version=lead.version - 1)
    with pytest.raises(Conflict):
        fill_and_move(lead.public_id, whole(), stale, actor_of(scout), NOW)
    assert session.scalars(sa.select(LeadEntity)).all() == []


def test_going_back_keeps_the_records_and_starts_the_clock_anew(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    fill_and_move(lead.public_id, whole(), LANDED, actor_of(scout), NOW)
    session.commit()
    assert back(lead, scout, Stage.REGISTERED, 3) == TODAY + timedelta(days=3 + 181)
    assert session.scalars(sa.select(LeadEntity.phase)).one() is EntityPhase.REGISTERED
    assert back(lead, scout, Stage.COMMITTED, 5) == TODAY + timedelta(days=5 + 121)
    facts = facts_of(lead)
    assert (facts.credit_code_holds, facts.has_premises, facts.employees) == (True, True, 12)
    # All is on file: forward again asks nothing.
    again = move_lead(lead.public_id, LANDED, actor_of(scout), NOW + timedelta(days=6))
    session.commit()
    assert again.to_stage is Stage.LANDED
    assert lead.stalls_on is None


def back(lead: Lead, user: Any, stage: Stage, day: int) -> Any:
    """Return to a stage without and with a reason; when it stalls then."""
    moment = NOW + timedelta(days=day)
    with pytest.raises(Refusal) as refused:
        move_lead(lead.public_id, MoveRequest(to_stage=stage), actor_of(user), moment)
    assert set(refused.value.errors) == {"reason"}
    request = MoveRequest(to_stage=stage, reason="迁址重办")
    change = move_lead(lead.public_id, request, actor_of(user), moment)
    assert isinstance(change, StageChange)
    assert lead.stage_since == TODAY + timedelta(days=day)
    return lead.stalls_on
