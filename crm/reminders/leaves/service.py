"""A person's own leave: taken down, ended early, and that taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm import clock
from crm.access import load_actor
from crm.errors import Conflict, Refusal
from crm.messages import Message, msg
from crm.reminders.leaves.queries import ahead, deputy_of, own_ended_leave, own_leave
from crm.reminders.leaves.rules import wrong_deputy, wrong_leave
from crm.reminders.personal.service import hold
from models import db
from models.leave import Leave
from models.user import User

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LeaveInput:
    """What the form says; ``deputy`` is a public id."""

    from_on: date | None
    to_on: date | None
    deputy: str


def take_leave(person_id: int, given: LeaveInput, now: datetime) -> Leave:
    """Take a leave down. Raises Refusal naming each field that is wrong."""
    hold(person_id)
    today = clock.local_date(now)
    deputy = _checked(person_id, given, today)
    leave = Leave(
        person_id=person_id,
        deputy=deputy,
        from_on=given.from_on,
        to_on=given.to_on,
        created_at=now,
    )
    db.session.add(leave)
    db.session.flush()
    return leave


def end_leave(public_id: str, person_id: int, now: datetime) -> tuple[Leave, date]:
    """Back from today on; one that did not begin before today never counted. With it the last day
    that stood there before, for who takes that back.
    """
    hold(person_id)
    today = clock.local_date(now)
    leave = own_leave(public_id, person_id, today)
    last = leave.to_on
    if leave.from_on < today:
        leave.to_on = today - _DAY
    else:
        leave.taken_back_at = now
    db.session.flush()
    return leave, last


def restore_leave(public_id: str, person_id: int, to_on: date | None, now: datetime) -> Leave:
    """Take the end of a leave back: away until ``to_on`` again. NotFound for another's; Conflict
    when it counts already, or when what was taken down since leaves no room for it.
    """
    hold(person_id)
    today = clock.local_date(now)
    leave = own_ended_leave(public_id, person_id, today)
    last = to_on or leave.to_on
    others = [(one.from_on, one.to_on) for one in ahead(person_id, today)]
    # What began before today is no reason against it: it was taken down in time.
    wrong = wrong_leave(max(leave.from_on, today), last, others, today)
    if not wrong and not leave.deputy.active:
        wrong = {"deputy": msg("代理人的账号停用了，请重新登记休假。")}
    if not wrong:
        theirs = [(one.from_on, one.to_on) for one in ahead(leave.deputy_id, today)]
        said = wrong_deputy(leave.deputy.name, max(leave.from_on, today), last, theirs)
        wrong = {"deputy": said} if said else {}
    if wrong:
        raise Conflict(next(iter(wrong.values())))
    leave.to_on, leave.taken_back_at = last, None
    db.session.flush()
    return leave


def _checked(person_id: int, given: LeaveInput, today: date) -> User:
    others = [(one.from_on, one.to_on) for one in ahead(person_id, today)]
    wrong: dict[str, Message] = wrong_leave(given.from_on, given.to_on, others, today)
    actor = load_actor(db.session.get_one(User, person_id), today)
    deputy = deputy_of(actor, given.deputy, today)
    if deputy is None:
        wrong["deputy"] = msg("请选一位同事代您接收提醒。")
    elif given.from_on and given.to_on and not wrong:
        theirs = [(one.from_on, one.to_on) for one in ahead(deputy.id, today)]
        if said := wrong_deputy(deputy.name, given.from_on, given.to_on, theirs):
            wrong["deputy"] = said
    if wrong or deputy is None:
        raise Refusal({name: [said] for name, said in wrong.items()})
    return deputy
