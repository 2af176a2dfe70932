"""What a person does straight from a mail, without signing in: a link for one thing, once.

A link names the person, the matter and the purpose. Looking at it changes nothing; acting on it
does what the same person could do on the pages, and is in the trail as theirs.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from crm.access import Actor, load_actor
from crm.access.policy import RIGHTS, Right
from crm.errors import Conflict, CrmError, NotFound
from crm.leads import next_steps, to_do
from crm.leads.moves import locked_lead
from crm.mail import seals
from crm.messages import Message, msg
from crm.reminders import snoozing
from crm.reminders.facts import AgendaItem
from crm.reminders.later import may_wait, moves
from crm.reminders.rulebook import To
from models import db
from models.company import Company
from models.enums import RuleKind, TaskKind, TaskState
from models.lead import Lead
from models.mail_link import UsedLink
from models.task import Task
from models.user import User

VALID = timedelta(days=7)
UNDO = timedelta(minutes=10)


class Purpose(enum.StrEnum):
    """What a link is for; nothing else can be done with it."""

    DONE = "done"
    LATER = "later"


_WORD = re.compile(rf"(/by-mail/(?:{'|'.join(Purpose)})/)[\w.-]+")


def masked(body: str) -> str:
    """A mail as others than its reader may see it: its links that act lead nowhere."""
    return _WORD.sub(r"\1…", body)


class LinkEnded(CrmError):
    """The link can not be used (any more): the sentence says why (410), under a calm ``title``."""

    code = "link_ended"
    status = 410

    def __init__(self, message: Message, title: Message | None = None) -> None:
        super().__init__(message)
        self.title = title or msg("这个链接不能用了")


class LinkChanged(LinkEnded):
    """It is not one of ours."""

    def __init__(self) -> None:
        super().__init__(msg("这个链接不完整或被改过。请从邮件里重新点开。"), msg("链接不完整"))


@dataclass(frozen=True)
class Offered:
    """What a mail says of an item, for a person who may act on it; empty where they may not."""

    done: str = ""
    later: str = ""
    what: str = ""
    """What is done, where that is not what the item says first."""


@dataclass(frozen=True)
class Matter:
    """What a link is about, as far as the mail said it; ``text`` of what is to be done."""

    person: User
    company: str
    text: str = ""


@dataclass(frozen=True)
class Carried:
    """What was done, and the word that takes it back."""

    said: Message
    undo: str
    lead: str


def words_for(item: AgendaItem, person: User, today: date) -> Offered:
    """The words of the links by which this person may act on an item of their mail."""
    if Right.WRITE_LEADS not in RIGHTS[person.role]:
        return Offered()
    until = datetime.combine(today + VALID, time.min, clock.ZONE)
    lead = item.lead
    task = _to_do(item, person.id)
    done = seals.seal(Purpose.DONE, person.id, until, [task.id, _stamp(task.text)]) if task else ""
    # A task on somebody else's lead may be theirs to put off or not: the page knows.
    beside = item.first.to is To.ASKED and lead.owner_id != person.id
    waits = may_wait(item, today) and not beside
    later = seals.seal(Purpose.LATER, person.id, until, [lead.lead_id]) if waits else ""
    return Offered(done, later, task.text if task and not task.first else "")


class _ToDo(NamedTuple):
    """A task: its key, its words, and whether it is what the item says first."""

    id: int
    text: str
    first: bool


def _to_do(item: AgendaItem, person: int) -> _ToDo | None:
    """The task that is due and that this person may say is done."""
    for due in item.dues:
        step, first = item.lead.next_step, due is item.first
        if step and moves(due) and item.lead.owner_id == person:
            return _ToDo(step.id, step.text, first)
        if due.kind is RuleKind.TASK:
            for task in item.lead.tasks:
                ours = task.kind is TaskKind.TASK and task.assignee_id == person
                if ours and due.cause.startswith(f"task {task.id} "):
                    return _ToDo(task.id, task.text, first)
    return None


def look(purpose: Purpose, word: str, now: datetime) -> Matter:
    """What a link is about; changes nothing. Raises LinkEnded."""
    sealed, person, _actor = _opened(purpose, word, now)
    if db.session.get(UsedLink, seals.digest(purpose, word)) is not None:
        raise _used()
    if purpose is Purpose.DONE:
        task, company = _task(*sealed.values)
        return Matter(person, company, task.text)
    return Matter(person, _company(Lead.id == sealed.values[0]))


def whose(purpose: str, word: str, now: datetime) -> int:
    """The key of the person a link names. Raises LinkEnded."""
    return _opened(purpose, word, now)[1].id


def done(word: str, now: datetime) -> Carried:
    """What the mail reminded of is done. Raises LinkEnded, and what the services raise."""
    sealed, person, actor = _opened(Purpose.DONE, word, now)
    _use(Purpose.DONE, word, person, now)
    task, _company_name = _task(*sealed.values)
    if task.kind is TaskKind.NEXT_STEP:
        lead, _step = next_steps.locked_step(task.public_id, actor)
        next_steps.finish_next_step(lead, now=now)
    else:
        lead = to_do.finish(task.public_id, actor, now=now).lead
    undo = seals.seal(f"undo {Purpose.DONE}", person.id, now + UNDO, [task.id])
    return Carried(msg("已办好。"), undo, lead.public_id)


def later(word: str, until: date | None, now: datetime, *, reason: str = "") -> Carried:
    """Put the lead off until that day.

    Raises LinkEnded, NotFound for a lead that is gone, Refusal for a wrong day, Conflict.
    """
    sealed, person, actor = _opened(Purpose.LATER, word, now)
    _use(Purpose.LATER, word, person, now)
    lead_id = db.session.scalar(sa.select(Lead.public_id).where(Lead.id == sealed.values[0]))
    if lead_id is None:
        raise NotFound
    made = snoozing.put_off(lead_id, until, actor, now, reason=reason)
    values = [lead_id, made.until.isoformat(), made.snoozes, made.step, made.before]
    undo = seals.seal(f"undo {Purpose.LATER}", person.id, now + UNDO, values)
    return Carried(msg("放到 %(day)s 再提醒。", day=made.until), undo, lead_id)


def take_back(purpose: Purpose, word: str, now: datetime) -> None:
    """Undo what a link did, once. Raises LinkEnded, and Conflict when it went on since."""
    sealed, person, actor = _opened(f"undo {purpose}", word, now)
    _use(f"undo {purpose}", word, person, now)
    if purpose is Purpose.LATER:
        lead_id, until, snoozes, step, before = sealed.values
        made = snoozing.PutOff(date.fromisoformat(until), snoozes, step, before)
        snoozing.take_back(lead_id, actor, now, made=made)
        return
    task = db.session.get_one(Task, sealed.values[0])
    if task.kind is not TaskKind.NEXT_STEP:
        to_do.reopen(task.public_id, actor, now=now)
        return
    public_id = db.session.scalar(sa.select(Lead.public_id).where(Lead.id == task.lead_id))
    lead = locked_lead(str(public_id), actor)
    if next_steps.open_next_step(lead) is not None:
        raise Conflict(msg("之后又改过下一步，不能撤销了。请看最新情况。"))
    next_steps.bring_back(lead, task.id, now=now)


def forget_used(now: datetime) -> int:
    """Links that would be refused by their age alone need not be remembered. Commits."""
    gone = db.session.execute(
        sa.delete(UsedLink)
        .where(UsedLink.used_at < now - VALID - timedelta(days=1))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _opened(purpose: str, word: str, now: datetime) -> tuple[seals.Sealed, User, Actor]:
    try:
        sealed = seals.unseal(purpose, word, now)
    except seals.Changed:
        raise LinkChanged from None
    except seals.Expired:
        said = msg("邮件里的链接 7 天内有效，这个过期了，什么都没有改。")
        raise LinkEnded(said, msg("链接过期了")) from None
    person = db.session.get(User, sealed.person_id)
    if person is None or not person.active:
        raise LinkEnded(msg("这个账号停用了，链接不能再用。"))
    return sealed, person, load_actor(person, clock.local_date(now))


def _use(purpose: str, word: str, person: User, now: datetime) -> None:
    """Take the link in the transaction of its effect; of two at once one waits and is refused."""
    connection = db.session.connection()
    insert: Callable[..., Any] = (
        postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    )
    taken = insert(UsedLink).values(
        digest=seals.digest(purpose, word), person_id=person.id, used_at=now
    )
    statement = taken.on_conflict_do_nothing().returning(UsedLink.digest)
    if connection.execute(statement).scalar() is None:
        raise _used()


def _used() -> LinkEnded:
    said = msg("这个链接您已经用过，上次已经记下，这次什么都没有改。")
    return LinkEnded(said, msg("已经办过了"))


def _task(task_id: int, stamp: str) -> tuple[Task, str]:
    """An open task whose words are still those of the mail, and its company."""
    row = db.session.execute(
        sa.select(Task, Company.short_name)
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .where(Task.id == task_id)
    ).first()
    if row is None or row[0].state is not TaskState.OPEN:
        said = msg("这件事已经办好或换成别的了，不用再点。")
        raise LinkEnded(said, msg("不用再办"))
    if _stamp(row[0].text) != stamp:
        said = msg("这件事在发邮件之后改过，请登录看最新情况。")
        raise LinkEnded(said, msg("后来改过"))
    return row[0], row[1]


def _company(which: sa.ColumnElement[bool]) -> str:
    found = db.session.scalar(
        sa.select(Company.short_name).join(Lead, Lead.company_id == Company.id).where(which)
    )
    if found is None:
        raise LinkEnded(msg("这条线索已经不在了。"))
    return str(found)


def _stamp(text: str) -> str:
    """By which it is known that the words of a task are those that the mail said."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
