"""What was said to one person, as the application shows it: what is new, and that it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import with_expression
from sqlalchemy.sql.base import ExecutableOption

from crm import clock
from crm.access import Actor
from crm.access.scopes import Scope
from crm.errors import NotFound
from crm.paging import Page
from crm.reminders import gathered
from crm.reminders.queries import PAGE, ReminderRow, reminders_page
from models import db
from models.company import Company
from models.lead import Lead
from models.reminder import UNREAD, UNREAD_INSTEAD, Reminder
from models.target import ListEntry
from models.user import User

# More are counted no further: the count costs the same however much waits.
MOST_COUNTED = 100
IN_PANEL = 8


def with_unread() -> ExecutableOption:
    """Count with a person, in the same statement, what they have not looked at (``unread``)."""
    # In words, not by parameter: SQLite takes a partial index for its own condition only.
    one = sa.select(sa.literal(1).label("one"))
    waiting = (
        sa.union_all(
            one.where(Reminder.person_id == User.id, sa.text(UNREAD)).correlate(User),
            one.where(Reminder.deputy_id == User.id, sa.text(UNREAD_INSTEAD)).correlate(User),
        )
        .limit(MOST_COUNTED)
        .subquery()
    )
    return with_expression(
        User.unread, sa.select(sa.func.count()).select_from(waiting).scalar_subquery()
    )


def notices_page(
    actor: Actor, cursor: str | None, today: date, limit: int = PAGE
) -> Page[ReminderRow]:
    """The reminders of this person that stand, the newest first; those heard for others, too."""
    return reminders_page(
        actor, Scope.MINE, None, cursor, today, limit, targets=True, standing=True, told=True
    )


@dataclass(frozen=True)
class TargetsTold:
    """What one row of targets is of: its day, the reminders, and how many they are."""

    day: date
    instead_of: str
    page: Page[Reminder]
    total: int


def targets_told(number: int, actor: Actor, cursor: str | None) -> TargetsTold:
    """The reminders that stand in one row with that one. Raises NotFound for another's."""
    one, which = gathered.row_of(number, actor)
    page, total = gathered.targets_page(which, cursor, PAGE)
    instead_of = one.person.name if one.person_id != actor.id else ""
    return TargetsTold(clock.local_date(one.planned_at), instead_of, page, total)


def open_targets(number: int, actor: Actor, now: datetime) -> None:
    """A row of targets was opened: all its reminders are read. Raises NotFound for another's."""
    _one, which = gathered.row_of(number, actor)
    _read(sa.and_(*which), actor, now)


def open_notice(number: int, actor: Actor, now: datetime) -> tuple[str | None, str | None]:
    """A reminder was opened: the public id of its lead, or of its company where it has none.

    Raises NotFound for another's.
    """
    row = db.session.execute(
        sa.select(Lead.public_id, Company.public_id)
        .select_from(Reminder)
        .outerjoin(Lead, Lead.id == Reminder.lead_id)
        .outerjoin(ListEntry, ListEntry.id == Reminder.entry_id)
        .outerjoin(Company, Company.id == ListEntry.company_id)
        .where(
            Reminder.id == number,
            sa.or_(Reminder.person_id == actor.id, Reminder.deputy_id == actor.id),
        )
    ).first()
    if row is None:
        raise NotFound
    _read(Reminder.id == number, actor, now)
    return row[0], row[1]


def read_all(last: int, actor: Actor, now: datetime) -> int:
    """Everything up to that reminder was read; how many there were. What came since stays new."""
    return _read(Reminder.id <= last, actor, now)


def _read(which: Any, actor: Actor, now: datetime) -> int:
    """A deputy has read it for themselves: whoever they stand in for has not."""
    done = 0
    for whose, read in (
        (Reminder.person_id, Reminder.read_at),
        (Reminder.deputy_id, Reminder.deputy_read_at),
    ):
        result = db.session.execute(
            sa.update(Reminder)
            .where(which, whose == actor.id, read.is_(None))
            .values({read: now})
            .execution_options(synchronize_session=False)
        )
        done += int(result.rowcount)  # type: ignore[attr-defined]
    return done
