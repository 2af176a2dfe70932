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
from models.audit import LeadVersion
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
    return _shares(*_counted(_stays(quarters, Lead, Lead.archived_at.is_(None))), len(quarters))


def known_at_start(quarter: Quarter) -> tuple[Rates, dict[Stage, int]]:
    """The same as it was known when the quarter began, and how many leads stood in each stage then
    (one statement): what was entered later, and what became of them, is not looked at.
    """
    moment = datetime.combine(quarter.first, time(), ZONE)
    quarters = _quarters(quarter.first)
    # What lay in the trash, or was not there yet, has no version that stood then.
    stood_then = sa.and_(
        LeadVersion.known_from <= moment,
        sa.or_(LeadVersion.known_to.is_(None), LeadVersion.known_to > moment),
    )
    stays = _stays([*quarters, quarter], LeadVersion, stood_then, StageChange.recorded_at <= moment)
    stood, landed = _counted(stays)
    standing = {stage: stood[stage, len(quarters)] for stage in ON_THEIR_WAY}
    return _shares(stood, landed, len(quarters)), standing


Stood = Counter[tuple[Stage, int]]
"""How many stood in a stage at a start, the starts by their place."""
Landed = Counter[tuple[Stage, int, int]]
"""How many of them landed in which quarter."""


def _counted(stays: sa.Select[*tuple[Any, ...]]) -> tuple[Stood, Landed]:
    stood, landed = Stood(), Landed()
    for stage, since, until, landing, n in db.session.execute(stays):
        for start in range(since, until):
            # What a later entry says had landed by then did not stand there any more.
            if landing is not None and landing < start:
                continue
            stood[stage, start] += n
            if landing is not None:
                landed[stage, start, landing] += n
    return stood, landed


def _shares(stood: Stood, landed: Landed, quarters: int) -> Rates:
    """Of the last of so many quarters."""
    last = range(quarters - OBSERVED_QUARTERS, quarters)
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


def _stays(
    quarters: Sequence[Quarter],
    leads: type[Lead | LeadVersion],
    *these: sa.ColumnElement[bool],
) -> sa.Select[*tuple[Any, ...]]:
    """How many leads stood in a stage at the starts from one to before another, by the quarter in
    which they landed: starts and quarters by their place, the quarter before the first is -1.

    ``leads`` say whether and when they landed; ``these``: which of them, then which stage changes
    are known.
    """
    which, *known = these
    starts = [datetime.combine(quarter.first, time(), ZONE) for quarter in quarters]
    moment = StageChange.occurred_at
    # By when it happened, so that no two stays of a lead share a moment.
    until = sa.func.lead(moment, type_=moment.type).over(
        partition_by=StageChange.lead_id, order_by=(moment, StageChange.seq)
    )
    stays = sa.select(
        StageChange.lead_id,
        StageChange.to_stage.label("stage"),
        StageChange.to_status.label("status"),
        moment.label("since"),
        until.label("until"),
    )
    stay = stays.where(*known).subquery("stay")
    ended = _started_before(stay.c.until, starts)
    rows = (
        sa.select(
            stay.c.stage,
            _started_before(stay.c.since, starts).label("first"),
            sa.case((stay.c.until.is_(None), len(starts)), else_=ended).label("end"),
            _landing(quarters, leads).label("landing"),
        )
        .join(leads, (Lead.id if leads is Lead else LeadVersion.lead_id) == stay.c.lead_id)
        .where(
            which,
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


def _landing(quarters: Sequence[Quarter], leads: type[Lead | LeadVersion]) -> sa.ColumnElement[Any]:
    """In which of the quarters a lead landed that stands there still; null for none or later."""
    day = leads.landed_on
    stays_landed = sa.and_(leads.stage == Stage.LANDED, leads.status != Status.LOST)
    later = quarters[-1].next.first
    return sa.case(
        (sa.or_(sa.not_(stays_landed), day.is_(None), day >= later), None),
        *((day >= one.first, n) for n, one in reversed(list(enumerate(quarters)))),
        else_=-1,
    )
