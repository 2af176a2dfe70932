"""Whether reminders are late: what waits since when, and when planning last ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from crm import clock
from crm.reminders.runs import last_planned
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import CalendarDay
from models.enums import MessageState, ReminderState
from models.message import Message
from models.reminder import Reminder

# When a working day is over that nobody has planned for.
ENDS = time(17, 0)
WAITING = (MessageState.QUEUED, MessageState.SENDING)
STUCK = (MessageState.FAILED, MessageState.DEAD, MessageState.UNWRITTEN)


@dataclass(frozen=True)
class Pulse:
    """Mails and reminders by state, how long the oldest unsent mail waits, and planning."""

    mails: dict[MessageState, int]
    reminders: dict[ReminderState, int]
    oldest_unsent: timedelta | None
    last_planned: datetime | None
    late_since: date | None

    @property
    def stuck(self) -> int:
        """Mails that go no further without an administrator."""
        return sum(self.mails[state] for state in STUCK)


def pulse(now: datetime) -> Pulse:
    """Take it, in five short statements."""
    mails = dict.fromkeys(MessageState, 0)
    by_state = sa.select(Message.state, sa.func.count()).group_by(Message.state)
    mails |= {row[0]: row[1] for row in db.session.execute(by_state)}
    reminders = dict.fromkeys(ReminderState, 0)
    found = sa.select(Reminder.state, sa.func.count()).group_by(Reminder.state)
    reminders |= {row[0]: row[1] for row in db.session.execute(found)}
    oldest: datetime | None = db.session.scalar(
        sa.select(sa.func.min(Message.created_at)).where(Message.state.in_(WAITING))
    )
    last = last_planned()
    return Pulse(
        mails,
        reminders,
        max(now - oldest, timedelta()) if oldest else None,
        last,
        late_since(last, now, _calendar(last)) if last else None,
    )


def planning_late(last: datetime, now: datetime) -> date | None:
    """The working day since which nothing was planned, once it is over; None when all is well."""
    return late_since(last, now, _calendar(last))


def late_since(last: datetime, now: datetime, calendar: WorkingCalendar) -> date | None:
    """The first working day after the last planning, when it has passed without one. Pure."""
    missed = calendar.next_working_day(clock.local_date(last))
    ends = datetime.combine(missed, ENDS, tzinfo=clock.ZONE)
    return missed if now >= ends else None


def _calendar(last: datetime) -> WorkingCalendar:
    """The days after a moment; no holiday is longer than a month."""
    first = clock.local_date(last)
    days = sa.select(CalendarDay.day, CalendarDay.working).where(
        CalendarDay.day.between(first, first + timedelta(days=31))
    )
    return WorkingCalendar({row.day: row.working for row in db.session.execute(days)})
