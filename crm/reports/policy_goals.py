"""The goals of the policy, as the city's data has them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from models import db
from models.figure import Goal


def goals(scope: str | None = None) -> Sequence[Goal]:
    """All goals, or those of one scope (the city, a district, a park), in the policy's order."""
    query = sa.select(Goal).order_by(Goal.id)
    if scope is not None:
        query = query.where(Goal.scope == scope)
    return db.session.scalars(query).all()
