"""What was said to one person, as the application shows it: what is new, and that it was read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import with_expression
from sqlalchemy.sql.base import ExecutableOption

from crm.access import Actor
from crm.access.scopes import Scope
from crm.errors import NotFound
from crm.paging import Page
from crm.reminders.queries import PAGE, ReminderRow, reminders_page
from models import db
from models.company import Company
from models.lead import Lead
from models.reminder import UNREAD, Reminder
from models.target import ListEntry
from models.user import User

# More are counted no further: the count costs the same however much waits.
MOST_COUNTED = 100
IN_PANEL = 8


def with_unread() -> ExecutableOption:
    """Count with a person, in the same statement, what they have not looked at (``unread``)."""
    # In words, not by parameter: SQLite takes a partial index for its own condition only.
    waiting = (
        sa.select(sa.literal(1).label("one"))
        .where(Reminder.person_id == User.id, sa.text(UNREAD))
        .limit(MOST_COUNTED)
        .correlate(User)
        .subquery()
    )
    return with_expression(
        User.unread, sa.select(sa.func.count()).select_from(waiting).scalar_subquery()
    )


def notices_page(
    actor: Actor, cursor: str | None, today: date, limit: int = PAGE
) -> Page[ReminderRow]:
    """The reminders of this person that stand, the newest first."""
    return reminders_page(
        actor, Scope.MINE, None, cursor, today, limit, targets=True, standing=True
    )


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
        .where(Reminder.id == number, Reminder.person_id == actor.id)
    ).first()
    if row is None:
        raise NotFound
    _read(Reminder.id == number, actor, now)
    return row[0], row[1]


def read_all(last: int, actor: Actor, now: datetime) -> int:
    """Everything up to that reminder was read; how many there were. What came since stays new."""
    return _read(Reminder.id <= last, actor, now)


def _read(which: Any, actor: Actor, now: datetime) -> int:
    done = db.session.execute(
        sa.update(Reminder)
        .where(which, Reminder.person_id == actor.id, Reminder.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
