"""The state of a list entry (exclusive, the highest wins), as people and as SQL have it.

State and coverage are two figures: a company with an engaged lead and no touch for ninety days is
engaged and not covered. A lost lead counts no more; a lead on hold keeps its state.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm.access import present
from crm.companies.finding import looked_up
from crm.leads.stages import stage_name
from crm.messages import Value, msg
from models.company import Company, CompanyRelation, RelationKind
from models.enums import Stage, Status
from models.lead import Lead, LeadEntity
from models.target import ListEntry

COVERED_DAYS = 90
HALF_BP = 5_000


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
                return msg("已分派")
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
    """The state as a number; the query joins Company to the entry from outside.

    A landing counts for the listed company and for a parent that holds more than half. Assigned is
    what has a lead, and what a team was given.
    """
    # One look at the leads of a company: an identified one says the least, and a touch says more.
    known = sa.case((covered(now), int(EntryState.TOUCHED)), else_=int(EntryState.ASSIGNED))
    number = sa.case(
        (sa.and_(Lead.stage == Stage.LANDED, held_by_others()), int(EntryState.NEGOTIATING)),
        (Lead.stage == Stage.LANDED, int(EntryState.LANDED)),
        (Lead.stage == Stage.IDENTIFIED, known),
        (Lead.stage == Stage.ENGAGED, int(EntryState.ENGAGED)),
        else_=int(EntryState.NEGOTIATING),
    )
    highest = (
        sa.select(sa.func.max(number))
        .where(Lead.company_id == ListEntry.company_id, Lead.status != Status.LOST, present())
        .correlate(ListEntry, Company)
        .scalar_subquery()
    )
    without = sa.case(
        (covered(now), int(EntryState.TOUCHED)),
        (ListEntry.team_id.is_not(None), int(EntryState.ASSIGNED)),
        else_=int(EntryState.UNTOUCHED),
    )
    return sa.case(
        (_subsidiary_landed(), int(EntryState.LANDED)),
        else_=sa.func.coalesce(highest, without),
    )


def held_by_others() -> sa.ColumnElement[bool]:
    """Whether the lead's investor is known to hold half or less of the local company.

    Whoever recorded no share recorded a subsidiary: it counts for its investor.
    """
    return (
        sa.select(LeadEntity.lead_id)
        .join(CompanyRelation, CompanyRelation.child_id == LeadEntity.company_id)
        .where(
            LeadEntity.lead_id == Lead.id,
            CompanyRelation.parent_id == Lead.company_id,
            CompanyRelation.kind == RelationKind.SUBSIDIARY,
            CompanyRelation.to_on.is_(None),
            CompanyRelation.share_bp <= HALF_BP,
        )
        .correlate(Lead)
        .exists()
    )


def _subsidiary_landed() -> sa.ColumnElement[bool]:
    """Whether a company landed here of which the entry's company holds more than half."""
    return looked_up(
        sa.select(Lead.id)
        .join(CompanyRelation, CompanyRelation.child_id == Lead.company_id)
        .where(
            CompanyRelation.parent_id == ListEntry.company_id,
            CompanyRelation.kind == RelationKind.SUBSIDIARY,
            CompanyRelation.to_on.is_(None),
            CompanyRelation.share_bp > HALF_BP,
            Lead.stage == Stage.LANDED,
            Lead.status != Status.LOST,
            present(),
            sa.not_(held_by_others()),
        )
        .correlate(ListEntry)
    )
