"""The goals of landings as pages and machines read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.audit import history
from crm.errors import NotFound
from crm.reports.landing_goals.rules import wrong_year
from models import db
from models.audit import Change
from models.landing_goal import LandingGoal


@dataclass(frozen=True)
class Edit:
    """What somebody made of a year's goal; None: there is none."""

    at: datetime
    who: str
    year: int
    before: int | None
    after: int | None


def landing_goals() -> Sequence[LandingGoal]:
    """Those that stand, the earliest year first, each with who set it (one statement)."""
    query = sa.select(LandingGoal).where(LandingGoal.landings.is_not(None))
    people = query.options(joinedload(LandingGoal.set_by))
    return db.session.scalars(people.order_by(LandingGoal.year)).all()


def goal_of(year: int) -> LandingGoal | None:
    """The goal of a year as it was set or cleared last; None where it never had one.

    Raises NotFound for a year that no goal is of (one statement).
    """
    if wrong_year(year):
        raise NotFound
    found: LandingGoal | None = db.session.scalar(
        sa.select(LandingGoal).where(LandingGoal.year == year)
    )
    return found


def edits() -> list[Edit]:
    """Who changed which goal, the last change first (one statement)."""
    found = history.edits(Change.subject == LandingGoal.audit_subject)
    return [
        Edit(
            edit.at, edit.who, change.subject_id, _landings(change.before), _landings(change.after)
        )
        for edit in found
        for change in reversed(edit.changes)
        if change.field in ("*", "landings")
    ]


def _landings(value: Any) -> int | None:
    """The number in what the trail says: of the field alone, or of the whole record."""
    found = value.get("landings") if isinstance(value, dict) else value
    return None if found is None else int(found)
