"""Whatever happens to a lead, its row, its moves, its versions and its clock tell one story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import clock
from crm.audit.versions import VERSIONED, plain_version
from crm.errors import Refusal
from crm.landing.filling import Filled, fill_and_move
from crm.leads.moves import clock_of, move_lead
from crm.leads.rules import MoveRequest
from crm.leads.stages import position, stage_info
from crm.leads.stays import Step, days_by_stage
from models.audit import LeadVersion
from models.enums import Stage, Status
from models.lead import Claim, EntityPhase, Lead, LeadEntity
from models.stage_change import StageChange
from tests.landing.making import ARRIVAL, SPACE, a_registration, a_signed_lead
from tests.leads.making import NOW, actor_of
from tests.people import People


@dataclass(frozen=True)
class Asked:
    """One thing somebody tries, so many days after the last."""

    days: int
    stage: Stage | None
    status: Status | None
    reason: str

    def request(self, today: date) -> MoveRequest:
        until = today + timedelta(days=30) if self.status is Status.ON_HOLD else None
        return MoveRequest(self.stage, self.status, until, self.reason)


asked = st.builds(
    Asked,
    days=st.integers(0, 200),
    stage=st.sampled_from([None, *Stage]),
    status=st.sampled_from([None, None, *Status]),
    reason=st.sampled_from(["", "重新谈", "重新谈"]),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(asked, min_size=1, max_size=14))
def test_a_history_of_moves_tells_one_story(
    session: Any, people: People, history: list[Asked]
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    registration = a_registration(f"嘉兴历史{lead.id}软件有限公司", before_signing=True)
    filled = Filled(registration=registration, space=SPACE, arrival=ARRIVAL)
    fill_and_move(lead.public_id, filled, MoveRequest(to_stage=Stage.LANDED), actor_of(scout), NOW)
    session.commit()
    moment = NOW
    for one in history:
        moment += timedelta(days=one.days)
        _try(session, lead, scout, one, moment)
        _holds_together(session, lead, clock.local_date(moment))


def _try(session: Any, lead: Lead, user: Any, one: Asked, moment: datetime) -> None:
    """A move that the rules refuse leaves no trace."""
    before = (lead.stage, lead.status, lead.version)
    try:
        move_lead(lead.public_id, one.request(clock.local_date(moment)), actor_of(user), moment)
        session.commit()
    except Refusal:
        session.rollback()
        assert (lead.stage, lead.status, lead.version) == before


def _holds_together(session: Any, lead: Lead, today: date) -> None:
    moves = session.scalars(
        sa.select(StageChange).where(StageChange.lead_id == lead.id).order_by(StageChange.seq)
    ).all()
    assert [m.seq for m in moves] == list(range(1, len(moves) + 1))
    for former, move in pairwise(moves):
        assert (move.from_stage, move.from_status) == (former.to_stage, former.to_status)
        backward = position(move.to_stage) < position(former.to_stage)
        left = move.to_status is not Status.ACTIVE or move.from_status is Status.LOST
        assert move.reason or not (backward or left)
    assert (lead.stage, lead.status) == (moves[-1].to_stage, moves[-1].to_status)
    _clock_follows(lead, moves, today)
    _versions_follow(session, lead)
    entity = session.scalars(sa.select(LeadEntity).where(LeadEntity.lead_id == lead.id)).one()
    assert (entity.phase is EntityPhase.LANDED) == (lead.stage is Stage.LANDED)
    held = session.scalars(
        sa.select(Claim).where(Claim.lead_id == lead.id, Claim.released_at.is_(None))
    ).all()
    assert len(held) == (lead.status is not Status.LOST)


def _clock_follows(lead: Lead, moves: list[StageChange], today: date) -> None:
    """The clock counts the days of the present stay on which the lead was not held."""
    start = max(
        n
        for n, m in enumerate(moves)
        if m.from_stage is not m.to_stage
        or (m.from_status is Status.LOST and m.to_status is not Status.LOST)
    )
    steps = [Step(clock.local_date(m.occurred_at), m.to_stage, m.to_status) for m in moves[start:]]
    if lead.status is not Status.LOST:
        held = sum(
            ((steps[n + 1].on if n + 1 < len(steps) else today) - step.on).days
            for n, step in enumerate(steps)
            if step.status is Status.ON_HOLD
        )
        assert clock_of(lead).days(today) == (today - steps[0].on).days - held
        assert clock_of(lead).days(today) == days_by_stage(steps, today).get(lead.stage, 0)
    limit = stage_info(lead.stage).stalled_after
    may_stall = lead.status is Status.ACTIVE and limit is not None
    assert (lead.stalls_on is not None) == may_stall
    assert (lead.hold_until is not None) == (lead.status is Status.ON_HOLD)


def _versions_follow(session: Any, lead: Lead) -> None:
    """Versions follow one another without a gap, and the open one is the lead's row."""
    versions = session.scalars(
        sa.select(LeadVersion).where(LeadVersion.lead_id == lead.id).order_by(LeadVersion.seq)
    ).all()
    assert [v.seq for v in versions] == list(range(1, len(versions) + 1))
    for former, version in pairwise(versions):
        assert former.known_to == version.known_from
    assert versions[-1].known_to is None
    for name in VERSIONED:
        assert plain_version(getattr(lead, name)) == getattr(versions[-1], name), name
