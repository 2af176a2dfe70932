"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from crm.access import present
from models.company import CompanyRelation
from models.enums import Stage, Status
from models.lead import Lead

_WHOLE = 10_000  # basis points


def is_expansion() -> sa.ColumnElement[bool]:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one.
    """
    return Lead.id.in_(sa.select(_expansions().c.id))


@cache
def _expansions() -> sa.CTE:
    """Found once a statement, however many parts of it ask."""
    each = (
        sa.select(
            Lead.id.label("id"),
            sa.func.row_number()
            .over(
                partition_by=sa.func.coalesce(CompanyRelation.parent_id, Lead.company_id),
                order_by=(Lead.landed_on, Lead.id),
            )
            .label("place"),
        )
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
        .subquery()
    )
    # PostgreSQL would number all landings again for each lead.
    found = sa.select(each.c.id).where(each.c.place > 1).cte()
    return found.prefix_with("MATERIALIZED", dialect="postgresql")
