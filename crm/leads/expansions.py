"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import present
from models import db
from models.company import Company, CompanyRelation
from models.enums import Stage, Status
from models.lead import Lead

Condition = sa.ColumnElement[bool]
_WHOLE = 10_000  # basis points
_GROUP = sa.func.coalesce(CompanyRelation.parent_id, Lead.company_id)


def is_expansion(asked: Condition | None = None, *, by_row: bool = False) -> Condition:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one.
    ``asked``: which landings it is asked of, where that is said beside it; what their groups
    landed is put in order then, and no other group's. ``by_row``: it is asked of each lead for
    itself, of which there are few.
    """
    # PostgreSQL numbers all landings as quickly as it would find those groups, and where it
    # guesses their number wrong it compares each landing with each group.
    if db.session.connection().dialect.name != "sqlite":
        found = _expansions()
    elif by_row and asked is None:
        return sa.and_(*_landed(Lead), _landed_before())
    else:
        found = _expansions() if asked is None else _numbered(asked)
    return Lead.id.in_(sa.select(found.c.id))


@cache
def _expansions() -> sa.CTE:
    """Of all landings; the same object each time, so that a statement has it once."""
    return _numbered(None)


def _numbered(asked: Condition | None) -> sa.CTE:
    place = sa.func.row_number().over(partition_by=_GROUP, order_by=(Lead.landed_on, Lead.id))
    landings = _landings(Lead.id.label("id"), place.label("place"))
    if asked is not None:
        landings = landings.where(_GROUP.in_(_landings(_GROUP).where(asked)))
    each = landings.correlate(None).subquery()
    # PostgreSQL would number all landings again for each lead.
    found = sa.select(each.c.id).where(each.c.place > 1).cte()
    return found.prefix_with("MATERIALIZED", dialect="postgresql")


def _landings(*columns: Any) -> sa.Select[Any]:
    """All landings, each with the company whose group it is in."""
    return (
        sa.select(*columns)
        .select_from(Lead)
        .outerjoin(CompanyRelation, sa.and_(*_is_below(CompanyRelation, Lead.company_id)))
        .where(*_landed(Lead), present())
        .correlate(None)
    )


def _landed(lead: Any) -> list[Condition]:
    return [
        lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
        lead.stage == Stage.LANDED,
        lead.landed_on.is_not(None),
    ]


def _is_below(relation: Any, company: Any) -> list[Condition]:
    """The relation puts the company into the group of another."""
    most = sa.func.coalesce(relation.share_bp, _WHOLE) > _WHOLE // 2
    return [relation.child_id == company, relation.to_on.is_(None), most]


def _landed_before() -> Condition:
    """An earlier landing is in the group of the lead; it is looked for at the group's companies."""
    earlier = aliased(Lead)
    theirs, own, held = (aliased(CompanyRelation) for _ in range(3))
    group = (
        sa.select(sa.func.coalesce(own.parent_id, Company.id))
        .select_from(Company)
        .outerjoin(own, sa.and_(*_is_below(own, Company.id)))
        .where(Company.id == Lead.company_id)
        .correlate(Lead)
    )
    companies = sa.select(held.child_id).where(held.parent_id.in_(group)).correlate(Lead)
    same_day = sa.and_(earlier.landed_on == Lead.landed_on, earlier.id < Lead.id)
    return (
        sa.select(earlier.id)
        .outerjoin(theirs, sa.and_(*_is_below(theirs, earlier.company_id)))
        .where(
            *_landed(earlier),
            present(Lead, earlier.id),
            sa.or_(earlier.landed_on < Lead.landed_on, same_day),
            earlier.company_id.in_(companies.union(group)),
            sa.func.coalesce(theirs.parent_id, earlier.company_id).in_(group),
        )
        .correlate(Lead)
        .exists()
    )
