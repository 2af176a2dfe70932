"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from crm.access import present
from models import db
from models.company import CompanyRelation
from models.enums import Stage, Status
from models.lead import Lead

_WHOLE = 10_000  # basis points
_GROUP = sa.func.coalesce(CompanyRelation.parent_id, Lead.company_id)


def is_expansion(asked: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[bool]:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one.
    ``asked``: which landings it is asked of, where that is said beside it; what their groups
    landed is put in order then, and no other group's.
    """
    # PostgreSQL numbers all landings as quickly as it would find those groups, and where it
    # guesses their number wrong it compares each landing with each group.
    narrow = asked is not None and db.session.connection().dialect.name == "sqlite"
    found = _numbered(asked) if narrow else _expansions()
    return Lead.id.in_(sa.select(found.c.id))


@cache
def _expansions() -> sa.CTE:
    """Of all landings; the same object each time, so that a statement has it once."""
    return _numbered(None)


def _numbered(asked: sa.ColumnElement[bool] | None) -> sa.CTE:
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
        .outerjoin(
            CompanyRelation,
            sa.and_(
                CompanyRelation.child_id == Lead.company_id,
                CompanyRelation.to_on.is_(None),
                sa.func.coalesce(CompanyRelation.share_bp, _WHOLE) > _WHOLE // 2,
            ),
        )
        .where(
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            Lead.stage == Stage.LANDED,
            Lead.landed_on.is_not(None),
            present(),
        )
        .correlate(None)
    )
