"""What became of the leads that stood in each stage at the starts of past quarters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from crm.clock import ZONE
from crm.reports.forecast.rules import (
    AHEAD,
    OBSERVED_QUARTERS,
    ON_THEIR_WAY,
    Observed,
    Quarter,
    Rates,
    quarter_of,
)
from models import db
from models.enums import Stage, Status
from models.lead import Lead
from models.stage_change import StageChange

_STANDING = (Status.ACTIVE, Status.ON_HOLD)


def observed(as_of: date) -> Rates:
    """Of each stage and each number of quarters ahead: how many leads stood there at the starts,
    and how many of them landed in that quarter (one statement).

    The quarters of landing are the last complete ones before ``as_of``. A lead counts at each
    start at which it stood there; by when its stage changes happened, and by its landing date.
    """
    quarters = _quarters(as_of)
    stood: Counter[tuple[Stage, int]] = Counter()
    landed: Counter[tuple[Stage, int, int]] = Counter()
    for stage, since, until, landing, n in db.session.execute(_stays(quarters)):
        for start in range(since, until):
            # What a later entry says had landed by then did not stand there any more.
            if landing is not None and landing < start:
                continue
            stood[stage, start] += n
            if landing is not None:
                landed[stage, start, landing] += n
    last = range(len(quarters) - OBSERVED_QUARTERS, len(quarters))
    return {
        stage: {
            ahead: Observed(
                sum(stood[stage, quarter - ahead] for quarter in last),
                sum(landed[stage, quarter - ahead, quarter] for quarter in last),
            )
            for ahead in AHEAD
        }
        for stage in ON_THEIR_WAY
    }


def _quarters(as_of: date) -> Sequence[Quarter]:
    """The complete ones that are looked at, the first one first."""
    n = OBSERVED_QUARTERS + len(AHEAD) - 1
    last = quarter_of(as_of).before
    back = accumulate(range(n - 1), lambda quarter, _: quarter.before, initial=last)
    return list(back)[::-1]


def _stays(quarters: Sequence[Quarter]) -> sa.Select[*tuple[Any, ...]]:
    """How many leads stood in a stage at the starts from one to before another, by the quarter in
    which they landed: starts and quarters by their place, the quarter before the first is -1."""
    starts = [datetime.combine(quarter.first, time(), ZONE) for quarter in quarters]
    moment = StageChange.occurred_at
    # By when it happened, so that no two stays of a lead share a moment.
    until = sa.func.lead(moment, type_=moment.type).over(
        partition_by=StageChange.lead_id, order_by=(moment, StageChange.seq)
    )
    stay = sa.select(
        StageChange.lead_id,
        StageChange.to_stage.label("stage"),
        StageChange.to_status.label("status"),
        moment.label("since"),
        until.label("until"),
    ).subquery("stay")
    ended = _started_before(stay.c.until, starts)
    rows = (
        sa.select(
            stay.c.stage,
            _started_before(stay.c.since, starts).label("first"),
            sa.case((stay.c.until.is_(None), len(starts)), else_=ended).label("end"),
            _landing(quarters).label("landing"),
        )
        .join(Lead, Lead.id == stay.c.lead_id)
        .where(
            Lead.archived_at.is_(None),
            stay.c.stage != Stage.LANDED,
            stay.c.status.in_(_STANDING),
        )
        .subquery("rows")
    )
    columns = (rows.c.stage, rows.c.first, rows.c.end, rows.c.landing)
    return sa.select(*columns, sa.func.count()).where(rows.c.first < rows.c.end).group_by(*columns)


def _started_before(moment: Any, starts: Sequence[datetime]) -> sa.ColumnElement[int]:
    """How many of the quarters had started before a moment."""
    return sa.case(
        *((moment > start, n) for n, start in reversed(list(enumerate(starts, 1)))), else_=0
    )


def _landing(quarters: Sequence[Quarter]) -> sa.ColumnElement[Any]:
    """In which of the quarters a lead landed that stands there still; null for none or later."""
    day = Lead.landed_on
    stays_landed = sa.and_(Lead.stage == Stage.LANDED, Lead.status != Status.LOST)
    later = quarters[-1].next.first
    return sa.case(
        (sa.or_(sa.not_(stays_landed), day.is_(None), day >= later), None),
        *((day >= one.first, n) for n, one in reversed(list(enumerate(quarters)))),
        else_=-1,
    )
