"""What became of the leads of past quarters: counted by hand, and as the statement counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.clock import ZONE
from crm.jobs.worker import Worker
from crm.reminders import runs
from crm.reports.forecast.observing import observed
from crm.reports.forecast.rules import AHEAD, ON_THEIR_WAY, Quarter, quarter_of
from crm.reports.forecast.service import observe
from models.enums import Stage, Status
from models.landing_rate import LandingRate
from models.lead import Lead
from models.message import JobRun
from models.stage_change import StageChange
from tests.leads.making import NOW, a_lead, some_leads
from tests.people import People

AS_OF = date(2031, 2, 10)
FIRST, LAST = date(2026, 11, 26), date(2031, 2, 9)
STANDS = (Status.ACTIVE, Status.ON_HOLD)
# Each engine is told random stories of its own.
STORIES = {"sqlite": 1, "postgresql": 2}


def _change(session: Any, lead: Lead, seq: int, at: datetime, to: tuple[Stage, Status]) -> None:
    session.add(
        StageChange(
            lead_id=lead.id,
            seq=seq,
            to_stage=to[0],
            to_status=to[1],
            facts={},
            occurred_at=at,
            recorded_at=at,
        )
    )


def _story(session: Any, lead: Lead, chance: Random) -> None:
    """Moves at any time and in any order, some on the very moment at which a quarter starts."""
    days = (LAST - FIRST).days
    for seq in range(2, 2 + chance.randint(0, 6)):
        day = FIRST + timedelta(days=chance.randint(0, days))
        at = datetime.combine(day, time(chance.randint(0, 23), 30), ZONE)
        if chance.random() < 0.2:
            at = datetime.combine(quarter_of(day).first, time(), ZONE)
        to = chance.choice(list(Stage)), chance.choice((*STANDS, Status.ACTIVE, Status.LOST))
        _change(session, lead, seq, max(at, NOW), to)
    lead.stage = chance.choice((Stage.NEGOTIATING, Stage.LANDED, Stage.LANDED))
    lead.status = chance.choice((Status.ACTIVE, Status.ACTIVE, Status.LOST))
    if chance.random() < 0.9:
        lead.landed_on = FIRST + timedelta(days=chance.randint(0, days + 300))
    if chance.random() < 0.1:
        lead.archived_at = NOW


def _counted(session: Any, as_of: date) -> dict[tuple[Stage, int], tuple[int, int]]:
    """One lead and one quarter after another."""
    changes: dict[int, list[StageChange]] = {}
    order = sa.select(StageChange).order_by(StageChange.occurred_at, StageChange.seq)
    for change in session.scalars(order):
        changes.setdefault(change.lead_id, []).append(change)
    found: Counter[tuple[Stage, int, str]] = Counter()
    for lead in session.scalars(sa.select(Lead).where(Lead.archived_at.is_(None))):
        came = lead.landed_on if _landed(lead) else None
        for ahead in AHEAD:
            for landing in _last_eight(as_of):
                start = landing
                for _ in range(ahead):
                    start = start.before
                at = datetime.combine(start.first, time(), ZONE)
                stood = [one for one in changes[lead.id] if one.occurred_at <= at]
                if not stood or stood[-1].to_stage is Stage.LANDED:
                    continue
                if stood[-1].to_status not in STANDS or (came and came < start.first):
                    continue
                found[stood[-1].to_stage, ahead, "standing"] += 1
                if came and quarter_of(came) == landing:
                    found[stood[-1].to_stage, ahead, "landed"] += 1
    return {
        (stage, ahead): (found[stage, ahead, "standing"], found[stage, ahead, "landed"])
        for stage in ON_THEIR_WAY
        for ahead in AHEAD
    }


def _landed(lead: Lead) -> bool:
    return lead.stage is Stage.LANDED and lead.status is not Status.LOST


def _last_eight(as_of: date) -> Iterator[Quarter]:
    quarter = quarter_of(as_of)
    for _ in range(8):
        quarter = quarter.before
        yield quarter


def test_it_counts_what_is_counted_by_hand(session: Any, people: People, engine_kind: str) -> None:
    chance = Random(STORIES[engine_kind])
    for lead in some_leads(people.scout(), 60):
        _story(session, lead, chance)
    session.commit()
    found = {
        (stage, ahead): tuple(one)
        for stage, by_ahead in observed(AS_OF).items()
        for ahead, one in by_ahead.items()
    }
    assert found == _counted(session, AS_OF)
    assert sum(landed for _n, landed in found.values()) > 10


def _one(session: Any, people: People, *, landed_on: date | None) -> Lead:
    """A lead that was signed in May 2027."""
    lead = a_lead(people.scout())
    at = datetime(2027, 5, 3, 12, tzinfo=ZONE)
    _change(session, lead, 2, at, (Stage.COMMITTED, Status.ACTIVE))
    if landed_on:
        lead.stage, lead.landed_on = Stage.LANDED, landed_on
    session.commit()
    return lead


def _shares(as_of: date, stage: Stage) -> Sequence[tuple[int, int]]:
    return [tuple(one) for one in observed(as_of)[stage].values()]  # type: ignore[misc]


def test_a_lead_that_waits_is_seen_at_each_start_and_lands_once(
    session: Any, people: People
) -> None:
    _one(session, people, landed_on=date(2027, 12, 31))
    # It stood at the starts of the third and the fourth quarter, and landed in the fourth.
    assert _shares(date(2028, 1, 1), Stage.COMMITTED)[:3] == [(2, 1), (1, 1), (0, 0)]
    # A day before, the fourth quarter is not over: nobody knows yet what it brings.
    assert _shares(date(2027, 12, 31), Stage.COMMITTED)[:2] == [(1, 0), (0, 0)]


def test_what_landed_before_it_was_entered_did_not_stand(session: Any, people: People) -> None:
    _one(session, people, landed_on=date(2027, 9, 30))
    assert _shares(date(2028, 1, 1), Stage.COMMITTED)[:2] == [(1, 1), (1, 0)]


def test_a_day_has_one_set_and_keeps_those_before(session: Any, people: People) -> None:
    _one(session, people, landed_on=None)
    for day in (date(2027, 7, 2), date(2027, 10, 2), date(2027, 10, 2)):
        observe(day)
        session.commit()
    rows = session.execute(
        sa.select(LandingRate.as_of, sa.func.count(), sa.func.sum(LandingRate.standing))
        .group_by(LandingRate.as_of)
        .order_by(LandingRate.as_of)
    ).all()
    sets = len(ON_THEIR_WAY) * len(AHEAD)
    assert [row[:2] for row in rows] == [(date(2027, 7, 2), sets), (date(2027, 10, 2), sets)]
    assert rows[0][2] < rows[1][2]


def test_a_worker_observes_once_a_day(app: Flask, session: Any, people: People) -> None:
    _one(session, people, landed_on=date(2027, 9, 30))
    worker = Worker(app)
    for day in (4, 4, 5):
        with time_machine.travel(datetime(2028, 1, day, 1, tzinfo=ZONE), tick=False):
            worker._observe()
    kept = sa.select(JobRun).where(JobRun.name == runs.OBSERVE).order_by(JobRun.id)
    done = session.scalars(kept).all()
    assert [run.period for run in done] == ["2028-01-04", "2028-01-05"]
    assert all(run.error is None and run.result["rates"] == 40 for run in done)
    days = session.scalars(sa.select(LandingRate.as_of).distinct().order_by(LandingRate.as_of))
    assert list(days) == [date(2028, 1, 4), date(2028, 1, 5)]
