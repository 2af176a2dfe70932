"""What the pages of reminders and of the outbox read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.access.conditions import in_scope, visible_leads, visible_offers
from crm.access.scopes import Scope
from crm.errors import NotFound
from crm.messages import Message as Sentence
from crm.messages import Name
from crm.packing import unpack
from crm.paging import Key, Page, after, decode, encode, lost, order_by, row_key
from crm.reminders import gathered
from crm.reminders.rules import OFFERED
from crm.reminders.store import names_of
from models import db
from models.enums import MessageState, ReminderState
from models.lead import Lead
from models.message import DeliveryAttempt, Message
from models.reminder import Reminder
from models.reminder_rule import ReminderRule
from models.snooze import Snooze
from models.target import ListEntry

PAGE = 50
_NEWEST = (Key(Reminder.__table__.c.id, descending=True),)
_LATEST = (Key(Message.__table__.c.id, descending=True),)


@dataclass(frozen=True)
class ReminderRow:
    """A reminder as it was found, and what became of its mail."""

    reminder: Reminder
    rule: Name
    tone: str
    headline: Sentence
    reason: Sentence
    mail_state: MessageState | None
    sent_at: datetime | None
    snoozed_until: date | None
    """The day to which whom it reminds has set it aside, while that lies ahead."""
    instead_of: str = ""
    """Who was on leave, where the reader was told in their place."""
    new: bool = False
    """Whether the reader has not opened it."""
    together: int = 1
    """Of how many reminders of one rule and day this row is; its record is the last of them."""


@dataclass(frozen=True)
class MessageRow:
    """A mail, and what the server said last."""

    message: Message
    last: DeliveryAttempt | None


def reminders_page(
    actor: Actor,
    scope: Scope,
    state: ReminderState | None,
    cursor: str | None,
    today: date,
    limit: int = PAGE,
    *,
    targets: bool = False,
    standing: bool = False,
    told: bool = False,
) -> Page[ReminderRow]:
    """The reminders about leads the actor may read, the newest first.

    With ``targets`` also the actor's own about entries of target lists, which have no lead; with
    ``standing`` none that was called off; with ``told`` as it was told to the actor: also what
    they heard in place of a colleague on leave, and the targets of one rule and day as one row.
    """
    query = (
        sa.select(Reminder, Message.state, Message.sent_at, _snoozed_until(today))
        .outerjoin(Lead, Lead.id == Reminder.lead_id)
        .outerjoin(Message, Message.id == Reminder.message_id)
        .where(_readable(actor, scope, targets=targets, told=told))
        .options(
            joinedload(Reminder.lead).joinedload(Lead.company),
            joinedload(Reminder.entry).joinedload(ListEntry.company),
            joinedload(Reminder.person),
        )
    )
    if state is not None:
        query = query.where(Reminder.state == state)
    if standing:
        query = query.where(Reminder.state != ReminderState.CANCELLED)
    rows = _told_page(query, actor, cursor, limit) if told else _page(query, _NEWEST, cursor, limit)
    names = names_of(row[0].rule for row in rows.items)
    found = [_reminder_row(names, actor, *row) for row in rows.items]
    return Page(found, rows.next, rows.lost)


def _readable(actor: Actor, scope: Scope, *, targets: bool, told: bool) -> sa.ColumnElement[bool]:
    """The reminders of that scope, of a query that joins their leads outside."""
    mine = Reminder.person_id == actor.id
    whose = gathered.told(actor) if told else mine
    offered = sa.select(ReminderRule.code).where(ReminderRule.kind.in_(OFFERED))
    of_leads = sa.and_(
        visible_leads(actor),
        whose if scope is Scope.MINE else in_scope(actor, scope),
        sa.or_(mine, Reminder.rule.not_in(offered), visible_offers(actor)),
    )
    if not targets or scope is not Scope.MINE:
        return of_leads
    return sa.or_(of_leads, sa.and_(Reminder.entry_id.is_not(None), whose))


def _told_page(
    query: sa.Select[*tuple[Any, ...]], actor: Actor, cursor: str | None, limit: int
) -> Page[sa.Row[*tuple[Any, ...]]]:
    """A page with the targets of one rule and day as one row.

    Gathering reads all that somebody ever heard of targets: only for a page that shows some, or is
    followed by one.
    """
    rows = _page(query, _NEWEST, cursor, limit + 1)
    if not any(row[0].entry_id for row in rows.items):
        rest = rows.items[limit:]
        more = encode([rows.items[limit - 1][0].id]) if rest else None
        return Page(rows.items[:limit], more, rows.lost)
    heads = gathered.heads(actor)
    query = query.outerjoin(heads, heads.c.last == Reminder.id)
    query = query.where(sa.or_(Reminder.lead_id.is_not(None), heads.c.last.is_not(None)))
    query = query.add_columns(heads.c.together, heads.c.unread)
    return _page(query, _NEWEST, cursor, limit)


def _snoozed_until(today: date) -> sa.ScalarSelect[date]:
    return (
        sa.select(sa.func.max(Snooze.until))
        .where(
            Snooze.lead_id == Reminder.lead_id,
            Snooze.person_id == Reminder.person_id,
            Snooze.occurrence == Reminder.occurrence,
            Snooze.taken_back_at.is_(None),
            Snooze.until > today,
        )
        .scalar_subquery()
    )


def messages_page(state: MessageState | None, cursor: str | None) -> Page[MessageRow]:
    """The outbox, the latest first."""
    query = sa.select(Message).options(joinedload(Message.recipient), joinedload(Message.contact))
    if state is not None:
        query = query.where(Message.state == state)
    rows = _page(query, _LATEST, cursor)
    messages = [row[0] for row in rows.items]
    last = _last_attempts([message.id for message in messages])
    return Page([MessageRow(m, last.get(m.id)) for m in messages], rows.next, rows.lost)


def message_or_404(public_id: str, *, hold: bool = False) -> Message:
    """One mail by its public id; ``hold``: nobody else changes it meanwhile. Raises NotFound."""
    query = (
        sa.select(Message)
        .where(Message.public_id == public_id)
        .options(
            joinedload(Message.recipient),
            joinedload(Message.contact),
            joinedload(Message.merged_into),
        )
    )
    if hold:
        query = query.with_for_update(of=Message).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def attempts_of(message: Message) -> Sequence[DeliveryAttempt]:
    """Every try at sending a mail, the first first."""
    return db.session.scalars(
        sa.select(DeliveryAttempt)
        .where(DeliveryAttempt.message_id == message.id)
        .order_by(DeliveryAttempt.number)
    ).all()


def _page(
    query: sa.Select[*tuple[Any, ...]], keys: Sequence[Key], cursor: str | None, limit: int = PAGE
) -> Page[sa.Row[*tuple[Any, ...]]]:
    """A page of records, each row's first column being the record whose id is the key."""
    start = decode(cursor, [row_key])
    if start is not None:
        query = query.where(after(keys, start))
    rows = db.session.execute(query.order_by(*order_by(keys)).limit(limit + 1)).all()
    shown = rows[:limit]
    more = encode([shown[-1][0].id]) if len(rows) > limit else None
    return Page(shown, more, lost(cursor, start))


def _reminder_row(
    names: dict[str, Name],
    actor: Actor,
    reminder: Reminder,
    mail_state: MessageState | None,
    sent_at: datetime | None,
    snoozed_until: date | None,
    together: int | None = None,
    unread: int | None = None,
) -> ReminderRow:
    kept = reminder.reason
    heard_instead = reminder.deputy_id == actor.id
    unopened = (reminder.deputy_read_at if heard_instead else reminder.read_at) is None
    return ReminderRow(
        reminder=reminder,
        rule=names.get(reminder.rule, Name(reminder.rule, reminder.rule)),
        tone=kept["tone"],
        headline=unpack(kept["headline"]),
        reason=unpack(kept["reason"]),
        mail_state=mail_state,
        sent_at=sent_at,
        snoozed_until=snoozed_until,
        instead_of=reminder.person.name if heard_instead else "",
        new=unopened if unread is None else unread > 0,
        together=together or 1,
    )


def _last_attempts(message_ids: list[int]) -> dict[int, DeliveryAttempt]:
    rows = db.session.scalars(
        sa.select(DeliveryAttempt)
        .where(DeliveryAttempt.message_id.in_(message_ids))
        .order_by(DeliveryAttempt.number)
    )
    return {attempt.message_id: attempt for attempt in rows}
