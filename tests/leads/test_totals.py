"""Whatever happens to leads, the summary equals a recount and the newest version the lead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.versions import VERSIONED, plain_version
from crm.companies.service import create_company
from crm.errors import Conflict, CrmError, Refusal
from crm.leads import in_chain, months
from crm.leads.archiving import archive_lead
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from crm.leads.service import create_lead
from crm.leads.totals import counted
from models import db, engine
from models.audit import LeadVersion
from models.company import Company
from models.enums import Stage, Status
from models.lead import Lead, LeadMonth, LeadTotal, Result
from tests.leads.making import CHANNEL, NOW, PLANS, SEGMENT, TODAY, a_lead, a_visit, actor_of
from tests.people import People

LATER = TODAY + timedelta(days=30)
STEPS = {
    "engage": MoveRequest(to_stage=Stage.ENGAGED),
    "negotiate": MoveRequest(to_stage=Stage.NEGOTIATING),
    "return": MoveRequest(to_stage=Stage.IDENTIFIED, reason="退"),
    "hold": MoveRequest(to_status=Status.ON_HOLD, hold_until=LATER, reason="等"),
    "lose": MoveRequest(to_status=Status.LOST, reason="没了"),
    "wake": MoveRequest(to_status=Status.ACTIVE, reason="又来"),
}
HISTORY = st.lists(
    st.one_of(
        st.sampled_from([*STEPS, "hand over", "elsewhere in the chain"]), st.integers(1, 10**9)
    ),
    max_size=12,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORY)
def test_the_summary_is_a_recount(session: Any, people: People, history: list[Any]) -> None:
    scout, taker, manager = people.scout(), people.scout("chengdu"), people.manager()
    lead = a_lead(scout, more=PLANS, need="要场地")
    a_visit(lead, scout)
    for step in history:
        edit = LeadEdit(owner=taker.public_id, team="chengdu")
        try:
            if isinstance(step, int):
                edit = LeadEdit(planned_investment_cny=step)
                lead.signed_investment_cny = step // 2
            if step == "elsewhere in the chain":
                edit = LeadEdit(segment="APP")
            if step not in STEPS:
                edit_lead(lead.public_id, edit, actor_of(manager), NOW)
            else:
                move_lead(lead.public_id, STEPS[step], actor_of(manager), NOW)
            session.commit()
        except CrmError:
            session.rollback()
        newest = session.scalars(
            sa.select(LeadVersion).where(
                LeadVersion.lead_id == lead.id, LeadVersion.known_to.is_(None)
            )
        ).one()
        for name in VERSIONED:
            assert getattr(newest, name) == plain_version(getattr(lead, name)), name
    kept = sa.select(
        LeadTotal.team_id,
        LeadTotal.owner_id,
        LeadTotal.stage,
        LeadTotal.status,
        LeadTotal.n,
        LeadTotal.investment_cny,
        LeadTotal.signed_cny,
    ).where(LeadTotal.n != 0)
    assert set(map(tuple, session.execute(kept))) == set(map(tuple, session.execute(counted())))
    assert not in_chain.wrong(session)
    _months(session)


def _months(session: Any) -> dict[tuple[Result, date], tuple[int, int]]:
    """What is kept of each month, which is a recount."""
    rows = sa.select(*LeadMonth.__table__.columns).where(LeadMonth.n != 0)
    kept = {tuple(row) for row in session.execute(rows)}
    assert kept == {tuple(row.values()) for row in months.counted(session)}
    return {(row[0], row[1]): row[4:] for row in kept}


def test_results_of_a_month_are_a_recount(session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("chengdu")
    lead, autumn, winter = a_lead(scout), date(2026, 9, 1), date(2026, 11, 1)
    created = {(Result.CREATED, winter): (1, 0)}
    assert _months(session) == created
    lead.stage, lead.signed_on = Stage.COMMITTED, date(2026, 9, 30)
    lead.signed_investment_cny = 7
    session.commit()
    signed = {(Result.SIGNED, autumn): (1, 7)}
    assert _months(session) == {(Result.CREATED, winter): (1, 7)} | signed
    lead.stage, lead.landed_on, lead.signed_investment_cny = Stage.LANDED, TODAY, 8
    lead.owner_id, lead.team_id = other.id, a_lead(other).team_id
    session.commit()
    assert _months(session)[Result.SIGNED, autumn] == (1, 8)
    assert _months(session)[Result.LANDED, winter] == (1, 8)
    lead.status = Status.LOST
    session.commit()
    assert {result for result, _month in _months(session)} == {Result.CREATED}
    lead.status, lead.stage = Status.ACTIVE, Stage.REGISTERED
    session.commit()
    assert {result for result, _month in _months(session)} == {Result.CREATED, Result.SIGNED}
    archive_lead(lead.public_id, "重复", actor_of(people.manager()), NOW)
    session.commit()
    assert _months(session) == created
    months.rebuild(session)
    assert _months(session) == created


def together(app: Flask, work: Callable[[], Any], times: int = 2) -> list[Any]:
    """Run the same work in real threads that start at one moment; what each came to."""
    start, found = threading.Barrier(times), []

    def run() -> None:
        engine.set_writing(True)
        with app.app_context():
            start.wait()
            try:
                found.append(work())
                db.session.commit()
            except CrmError as refused:
                db.session.rollback()
                found.append(refused)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("round_", range(3))
def test_two_who_register_one_company_at_once(
    app: Flask, session: Any, people: People, round_: int
) -> None:
    actor = actor_of(people.scout(name="吴佳"))
    company = create_company("同时登记软件有限公司", now=NOW).public_id
    session.commit()
    new = NewLead(company, SEGMENT, CHANNEL)
    found = together(app, lambda: create_lead(new, actor, NOW).id)
    refused = [f for f in found if isinstance(f, Refusal)]
    assert len(refused) == 1
    assert refused[0].code == "held"
    assert str(refused[0].errors["company"][0]).startswith("您 ")
    assert session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 1


@pytest.mark.parametrize("round_", range(3))
def test_two_who_write_down_one_company_at_once(
    app: Flask, session: Any, people: People, round_: int
) -> None:
    actor = actor_of(people.scout(name="吴佳"))
    session.commit()
    new = NewLead("没有人登记过的软件有限公司", SEGMENT, CHANNEL)
    found = together(app, lambda: create_lead(new, actor, NOW).id)
    assert [f.code for f in found if isinstance(f, Refusal)] == ["held"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 1
    assert session.scalar(sa.select(sa.func.count()).where(Company.name == new.company)) == 1


def test_two_who_move_one_lead_at_once(app: Flask, session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    actor, public_id = actor_of(scout), lead.public_id
    request = MoveRequest(to_status=Status.LOST, reason="没了", version=lead.version)
    session.commit()
    found = together(app, lambda: move_lead(public_id, request, actor, NOW).seq)
    assert sorted(type(f) is Conflict for f in found) == [False, True]
    assert 2 in found
