"""A day's mails as rows of the outbox: one a person and way; what never went the next one says."""

from __future__ import annotations

from datetime import date, datetime
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


def has_todays(person_id: int, today: date) -> bool:
    """Whether this person had a message of the day (one statement)."""
    query = sa.select(Message.id).where(Message.recipient_id == person_id, todays(today))
    return db.session.scalar(query.limit(1)) is not None


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


def take_back(person_id: int, today: date) -> dict[int, date]:
    """Set aside what was overtaken, and let its reminders wait again; ids and days."""
    taken = db.session.execute(
        sa.update(Message)
        .where(Message.recipient_id == person_id, overtaken(today))
        .values(state=MessageState.MERGED, merged_into_id=None)
        .returning(Message.id, Message.period)
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
    return {row.id: date.fromisoformat(row.period[:10]) for row in taken}


def merge(overtaken: set[int], message_id: int) -> None:
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
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # A digest of a day ahead (--at) is there to be sent now.
    values = {
        "to_address": address_of(person, way),
        "due_at": min(at, clock.now()),
        "created_at": at,
    }
    statement = insert(Message).values(
        public_id=new_public_id(),
        message_id=new_message_id(config.mail_from),
        kind=KIND,
        recipient_id=person.id,
        period=period_of(clock.local_date(at), way),
        attempts=0,
        fence=0,
        way=way,
        uncertain=False,
        **values,
        **content,
    )
    never_written = sa.and_(
        Message.text_body == "", Message.state.in_((MessageState.UNWRITTEN, MessageState.MERGED))
    )
    return connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "recipient_id", "period"],
            set_={**values, **content},
            where=never_written,
        ).returning(Message.id)
    ).scalar()
