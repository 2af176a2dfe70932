"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.spans import Span
from models.company import CompanyRelation
from models.enums import Stage, Status
from models.lead import Lead

_WHOLE = 10_000  # basis points


def is_expansion(landed: Span | None = None) -> sa.ColumnElement[bool]:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one. A
    company that somebody holds counts with its parent alone. ``landed``: only these days matter.
    """
    # Asked landing by landing and by keys: a report of a quarter reads the landings of a quarter.
    one, earlier = aliased(Lead), aliased(Lead)
    before = sa.or_(
        earlier.landed_on < one.landed_on,
        sa.and_(earlier.landed_on == one.landed_on, earlier.id < one.id),
    )
    mine, theirs = one.company_id, earlier.company_id
    found = sa.select(earlier.id).where(*_landed(earlier), before, earlier.status != Status.LOST)
    found = found.correlate(one)
    same = found.where(theirs == mine)
    sister = found.where(theirs.in_(_held_by_any(_parents(mine))))
    parent = found.where(theirs.in_(_parents(mine)), ~_parents(theirs).exists())
    child = found.where(theirs.in_(_held_by(mine)))
    held = _parents(mine).exists()
    of_group = sa.or_(
        same.exists(),
        sa.and_(held, sa.or_(sister.exists(), parent.exists())),
        sa.and_(~held, child.exists()),
    )
    # Found once a statement, however many columns of a board ask for it.
    open_ = one.status.in_((Status.ACTIVE, Status.ON_HOLD))
    expansions = sa.select(one.id).where(open_, *_landed(one), *_in(one, landed), of_group).cte()
    return Lead.id.in_(sa.select(expansions.c.id))


def _in(lead: Any, landed: Span | None) -> list[sa.ColumnElement[bool]]:
    first = [lead.landed_on >= landed.first] if landed and landed.first else []
    last = [lead.landed_on <= landed.last] if landed and landed.last else []
    return [*first, *last]


def _landed(lead: Any) -> list[sa.ColumnElement[bool]]:
    return [lead.landed_on.is_not(None), lead.stage == Stage.LANDED]


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
