"""A landing counts once a group; whatever of it lands later is an expansion."""

from __future__ import annotations

import sqlalchemy as sa

from models.company import CompanyRelation
from models.enums import Stage, Status
from models.expansion import Expansion
from models.lead import Lead

Condition = sa.ColumnElement[bool]
_WHOLE = 10_000  # basis points
_GROUP = sa.func.coalesce(CompanyRelation.parent_id, Lead.company_id)


def is_expansion() -> Condition:
    """A landed lead whose group has landed before: the same company, its parent or a sister.

    The parent counts that holds more than half; a subsidiary without a share on record is one.
    Which they are is kept (``expanding``).
    """
    return Lead.id.in_(sa.select(Expansion.lead_id))


def counted(of: Condition | None = None, among: Condition | None = None) -> sa.Select[int]:
    """Which they must be, worked out from leads and relations.

    ``of``: which landings it is asked of; ``among``: those and what else of their groups landed.
    """
    place = sa.func.row_number().over(partition_by=_GROUP, order_by=(Lead.landed_on, Lead.id))
    landings = (
        sa.select(Lead.id.label("id"), place.label("place"))
        .select_from(Lead)
        .outerjoin(
            CompanyRelation,
            sa.and_(CompanyRelation.child_id == Lead.company_id, holds_the_child()),
        )
        .where(
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            Lead.stage == Stage.LANDED,
            Lead.landed_on.is_not(None),
            Lead.archived_at.is_(None),
        )
    )
    each = (landings if among is None else landings.where(among)).subquery()
    later = [each.c.place > 1]
    if of is not None:
        later.append(each.c.id.in_(sa.select(Lead.id).where(of)))
    return sa.select(each.c.id).where(*later).distinct()


def holds_the_child() -> Condition:
    """The relation puts the child into the group of its parent."""
    most = sa.func.coalesce(CompanyRelation.share_bp, _WHOLE) > _WHOLE // 2
    return sa.and_(CompanyRelation.to_on.is_(None), most)
