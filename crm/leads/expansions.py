"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models.company import CompanyRelation
from models.enums import Stage, Status
from models.lead import Lead

_WHOLE = 10_000  # basis points


def is_expansion() -> sa.ColumnElement[bool]:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one. A
    company that somebody holds counts with its parent alone.
    """
    # Asked lead by lead and by keys: a report of a quarter reads the landings of a quarter.
    earlier = aliased(Lead)
    before = sa.or_(
        earlier.landed_on < Lead.landed_on,
        sa.and_(earlier.landed_on == Lead.landed_on, earlier.id < Lead.id),
    )
    mine, theirs = Lead.company_id, earlier.company_id
    found = sa.select(earlier.id).where(*_landed(earlier), before)
    same = found.where(theirs == mine)
    sister = found.where(theirs.in_(_held_by_any(_parents(mine))))
    parent = found.where(theirs.in_(_parents(mine)), ~_parents(theirs).exists())
    child = found.where(theirs.in_(_held_by(mine)), ~_parents(mine).exists())
    ways = [way.correlate(Lead).exists() for way in (same, sister, parent, child)]
    return sa.and_(*_landed(Lead), sa.or_(*ways))


def _landed(lead: Any) -> list[sa.ColumnElement[bool]]:
    return [lead.landed_on.is_not(None), lead.stage == Stage.LANDED, lead.status != Status.LOST]


def _parents(company_id: Any) -> sa.Select[int]:
    """Who holds a company."""
    relation = aliased(CompanyRelation)
    wanted = (relation.child_id == company_id, *_holds(relation))
    return sa.select(relation.parent_id).where(*wanted).correlate_except(relation)


def _held_by(company_id: Any) -> sa.Select[int]:
    """Whom a company holds."""
    relation = aliased(CompanyRelation)
    wanted = (relation.parent_id == company_id, *_holds(relation))
    return sa.select(relation.child_id).where(*wanted).correlate_except(relation)


def _held_by_any(parents: sa.Select[int]) -> sa.Select[int]:
    relation = aliased(CompanyRelation)
    wanted = (relation.parent_id.in_(parents), *_holds(relation))
    return sa.select(relation.child_id).where(*wanted).correlate_except(relation)


def _holds(relation: Any) -> list[sa.ColumnElement[bool]]:
    share = sa.func.coalesce(relation.share_bp, _WHOLE)
    return [relation.to_on.is_(None), share > _WHOLE // 2]
