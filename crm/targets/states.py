"""The state of a list entry (exclusive, the highest wins), as people and as SQL have it.

State and coverage are two figures: a company with an engaged lead and no touch for ninety days is
engaged and not covered. A lost lead counts no more; a lead on hold keeps its state.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm.leads.stages import stage_name
from crm.messages import Value, msg
from models.company import Company
from models.enums import Stage, Status
from models.lead import Lead
from models.target import ListEntry

COVERED_DAYS = 90


class EntryState(enum.IntEnum):
    """How far a list entry got, in order."""

    UNTOUCHED = 0
    ASSIGNED = 1
    TOUCHED = 2
    ENGAGED = 3
    NEGOTIATING = 4
    LANDED = 5

    @property
    def code(self) -> str:
        """As URLs and figures name it."""
        return self.name.lower()

    @property
    def words(self) -> Value:
        """As people say it; stages are called what the data calls them."""
        match self:
            case EntryState.UNTOUCHED:
                return msg("未触达")
            case EntryState.ASSIGNED:
                return msg("已有人跟")
            case EntryState.TOUCHED:
                return msg("已接触")
            case _:
                return stage_name(Stage(self.code))


def state_of(code: str) -> EntryState | None:
    """The state of that code, if there is one."""
    return next((state for state in EntryState if state.code == code), None)


def covered(now: datetime) -> sa.ColumnElement[bool]:
    """Whether the entry's company had a touch in the last ninety days.

    A touch of a recorded parent or subsidiary stands in ``last_touch_at``, too.
    """
    since = now - timedelta(days=COVERED_DAYS)
    return sa.and_(Company.last_touch_at.is_not(None), Company.last_touch_at >= since)


def state_column(now: datetime) -> sa.ColumnElement[int]:
    """The state as a number; the query joins Company to the entry from outside."""
    stages = {
        Stage.IDENTIFIED: EntryState.ASSIGNED,
        Stage.ENGAGED: EntryState.ENGAGED,
        Stage.NEGOTIATING: EntryState.NEGOTIATING,
        Stage.COMMITTED: EntryState.NEGOTIATING,
        Stage.REGISTERED: EntryState.NEGOTIATING,
        Stage.LANDED: EntryState.LANDED,
    }
    number = sa.case(*((Lead.stage == stage, int(state)) for stage, state in stages.items()))
    highest = sa.func.coalesce(
        sa.select(sa.func.max(number))
        .where(Lead.company_id == ListEntry.company_id, Lead.status != Status.LOST)
        .correlate(ListEntry)
        .scalar_subquery(),
        0,
    )
    return sa.case(
        (highest >= int(EntryState.ENGAGED), highest),
        (covered(now), int(EntryState.TOUCHED)),
        else_=highest,
    )
