"""A day's mails as rows of the outbox: one a person and way; what never went the next one says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from crm.config import Config
from crm.mail.letter import new_message_id
from crm.reminders.letter import Written
from crm.reminders.undelivered import STUCK, UNWRITTEN
from models import db
from models.base import new_public_id
from models.enums import MessageState, ReminderState, Way
from models.message import DeliveryAttempt, Message
from models.reminder import Reminder
from models.user import User

KIND = "digest"
URGENT = "urgent"
# What a person chooses to get; an invitation or an alarm is none of it.
CHOSEN = frozenset({KIND, URGENT})
# What never went and goes no more when the next one is written.
_OVERTAKEN = (*STUCK, MessageState.QUEUED, MessageState.UNWRITTEN)


def have_todays(people: Collection[int], today: date) -> set[int]:
    """Who of them had a message of the day (one statement)."""
    query = sa.select(Message.recipient_id).where(Message.recipient_id.in_(people), todays(today))
    return {person for person in db.session.scalars(query) if person is not None}


def period_of(day: date, way: Way) -> str:
    """The period of a day's message: the day first, so that earlier days sort before later ones."""
    return day.isoformat() if way is Way.MAIL else f"{day.isoformat()} {way.value}"


def todays(today: date) -> sa.ColumnElement[bool]:
    """The day's messages; one that could not be written is none."""
    return sa.and_(
        Message.kind == KIND,
        Message.period.in_([period_of(today, way) for way in Way]),
        Message.state != MessageState.UNWRITTEN,
    )


def overtaken(today: date) -> sa.ColumnElement[bool]:
    """Mails of earlier days that never went; what a server may have taken is sent to its end."""
    return sa.and_(
        Message.kind.in_(sorted(CHOSEN)),
        Message.state.in_(_OVERTAKEN),
        Message.uncertain.is_(False),
        sa.or_(Message.period < today.isoformat(), Message.state == MessageState.UNWRITTEN),
    )


def take_back(people: Collection[int], today: date) -> dict[int, dict[int, date]]:
    """Set aside what was overtaken, and let its reminders wait again; ids and days by person."""
    taken = db.session.execute(
        sa.update(Message)
        .where(Message.recipient_id.in_(people), overtaken(today))
        .values(state=MessageState.MERGED, merged_into_id=None)
        .returning(Message.id, Message.recipient_id, Message.period)
        .execution_options(synchronize_session=False)
    ).all()
    if taken:
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.message_id.in_([row.id for row in taken]),
                Reminder.state == ReminderState.QUEUED,
            )
            .values(
                state=ReminderState.PLANNED, message_id=None, deputy_id=None, deputy_read_at=None
            )
            .execution_options(synchronize_session=False)
        )
    found: dict[int, dict[int, date]] = {person: {} for person in people}
    for row in taken:
        found[row.recipient_id][row.id] = date.fromisoformat(row.period[:10])
    return found


def merge(overtaken: set[int], message_id: int) -> None:
    """Say of mails that were set aside which one speaks for them now."""
    if overtaken:
        db.session.execute(
            sa.update(Message)
            .where(Message.id.in_(overtaken))
            .values(merged_into_id=message_id)
            .execution_options(synchronize_session=False)
        )


def insert(person: User, written: Written, at: datetime, way: Way = Way.MAIL) -> int | None:
    """Write the mail unless the person has one of that day; its id, or None."""
    return _put(
        person,
        at,
        way,
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        state=MessageState.QUEUED,
    )


def note_unwritten(person_id: int, at: datetime, error: Exception) -> None:
    """Keep in the outbox that a mail could not be written, and why."""
    person = db.session.get_one(User, person_id)
    subject = f"{type(error).__name__}: {error}".partition("\n")[0][:255]
    message_id = _put(
        *(person, at, Way.MAIL),
        subject=subject,
        text_body="",
        html_body="",
        state=MessageState.UNWRITTEN,
    )
    if message_id is not None:
        now = clock.now()
        number = db.session.execute(
            sa.update(Message)
            .where(Message.id == message_id)
            .values(fence=Message.fence + 1)
            .returning(Message.fence)
            .execution_options(synchronize_session=False)
        ).scalar_one()
        db.session.connection().execute(
            sa.insert(DeliveryAttempt).values(
                message_id=message_id,
                number=number,
                worker="",
                started_at=now,
                ended_at=now,
                outcome=UNWRITTEN,
                reply=repr(error),
            )
        )
    db.session.commit()


def address_of(person: User, way: Way) -> str:
    """What the outbox shows of where it goes; a robot's address is a secret and read when it is
    sent to.
    """
    return person.email if way is Way.MAIL else way.value


def _put(person: User, at: datetime, way: Way, **content: Any) -> int | None:
    """The day's row of a person, new or in place of one that could not be written; its id."""
    config: Config = current_app.extensions["crm.config"]
    connection = db.session.connection()
    values = {
        "public_id": new_public_id(),
        "message_id": new_message_id(config.mail_from),
        "kind": KIND,
        "recipient_id": person.id,
        "period": period_of(clock.local_date(at), way),
        "attempts": 0,
        "fence": 0,
        "way": way,
        "uncertain": False,
        "to_address": address_of(person, way),
        # A digest of a day ahead (--at) is there to be sent now.
        "due_at": min(at, clock.now()),
        "created_at": at,
        **content,
    }
    return connection.execute(_putting(connection.dialect.name), values).scalar()


@lru_cache
def _putting(engine: str) -> Any:
    """The statement that does it, made once: its values are parameters."""
    insert: Any = postgresql.insert if engine == "postgresql" else sqlite.insert
    statement = insert(Message)
    never_written = sa.and_(
        Message.text_body == "", Message.state.in_((MessageState.UNWRITTEN, MessageState.MERGED))
    )
    anew = ("to_address", "due_at", "created_at", "subject", "text_body", "html_body", "state")
    return statement.on_conflict_do_update(
        index_elements=["kind", "recipient_id", "period"],
        set_={name: statement.excluded[name] for name in anew},
        where=never_written,
    ).returning(Message.id)
