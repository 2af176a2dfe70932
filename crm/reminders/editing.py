"""The reminder rules as an administrator changes them. Reminders that a change takes the ground
from are called off, and it is said how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.errors import Conflict, NotFound, Refusal
from crm.messages import Message, Name, msg
from crm.reference import delivered_rule, read
from crm.reminders.preview import pairs_of
from crm.reminders.rulebook import Conditions, Rule, Step
from crm.reminders.shapes import (
    CALENDAR_ONLY,
    LONGEST_NAME,
    NEVER_AT_ONCE,
    as_json,
    in_order,
    wrong_name,
    wrong_steps,
)
from crm.reminders.store import as_rule, book_of
from models import db
from models.enums import CalledOff, ReminderState
from models.reminder import Reminder
from models.reminder_rule import ReminderRule

_DECIDING = ("enabled", "working", "conditions", "steps")
_COLUMNS = ("zh", "en", "at_once", *_DECIDING)


@dataclass(frozen=True)
class Draft:
    """A rule as the form has it."""

    zh: str
    en: str
    enabled: bool
    working: bool
    conditions: Conditions
    steps: tuple[Step, ...]
    at_once: bool = False


@dataclass(frozen=True)
class Saved:
    """A change that was made: what stood there before, and how many reminders it called off."""

    code: str
    version: int
    before: dict[str, Any]
    called_off: int


def rule_or_404(code: str, *, hold: bool = False) -> ReminderRule:
    """A rule's record by its code; ``hold``: nobody else changes it meanwhile. Raises NotFound."""
    query = sa.select(ReminderRule).where(
        ReminderRule.code == code, ReminderRule.removed_at.is_(None)
    )
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def all_rules() -> list[ReminderRule]:
    """Every rule that stands, in Today's order."""
    query = sa.select(ReminderRule).where(ReminderRule.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(ReminderRule.sort, ReminderRule.id)))


def as_drafted(record: ReminderRule, draft: Draft) -> Rule:
    """The rule as it would be. Raises Refusal with a sentence at each field."""
    errors: dict[str, list[Message]] = {}
    for field in LONGEST_NAME:
        if wrong := wrong_name(field, getattr(draft, field)):
            errors[field] = [wrong]
    if draft.conditions.lists & draft.conditions.except_lists:
        errors["except_lists"] = [msg("同一个榜单不能既选又除外，请去掉一处。")]
    if wrong := wrong_steps(record.kind, draft.steps):
        errors["steps"] = [wrong]
    if draft.working and record.kind in CALENDAR_ONLY:
        errors["working"] = [msg("这条规则按日历日算，不能按工作日。")]
    if draft.at_once and record.kind in NEVER_AT_ONCE:
        errors["at_once"] = [msg("这条规则每周说一次，不能随时发。")]
    if errors:
        raise Refusal(errors)
    return Rule(
        code=record.code,
        kind=record.kind,
        name=Name(draft.zh, draft.en),
        steps=in_order(draft.steps),
        conditions=draft.conditions,
        working=draft.working,
        at_once=draft.at_once,
    )


def save(code: str, draft: Draft, version: int, today: date) -> Saved:
    """Change a rule. Raises NotFound, Refusal, and Conflict when somebody was faster."""
    record = rule_or_404(code, hold=True)
    rule = as_drafted(record, draft)
    if record.version != version:
        raise Conflict(
            msg("这条规则刚被别人改过。下面是您填的，请和最新的核对，再保存一次就以您的为准。")
        )
    flags = ("zh", "en", "enabled", "working", "at_once")
    values = {name: getattr(draft, name) for name in flags}
    return _change(record, {**values, **as_json(rule)}, today)


def restore(code: str, today: date) -> Saved:
    """Bring back what was delivered. Raises NotFound for a rule that was not."""
    record = rule_or_404(code, hold=True)
    values = delivered(code)
    if values is None:
        raise NotFound
    return _change(record, {name: values[name] for name in _COLUMNS}, today)


def take_back(code: str, before: dict[str, Any], version: int, today: date) -> Saved:
    """Undo a change that nobody has changed since. Raises NotFound and Conflict."""
    record = rule_or_404(code, hold=True)
    if record.version != version:
        raise Conflict(msg("之后又改过这条规则，不能撤销了。请看最新情况。"))
    return _change(record, before, today)


def copy_of(code: str) -> ReminderRule:
    """A rule of the same kind beside this one, switched off until it is edited; flushes."""
    record = rule_or_404(code)
    taken = set(db.session.scalars(sa.select(ReminderRule.code)))
    number = next(n for n in range(2, len(taken) + 3) if f"{code[:28]}_{n}" not in taken)
    made = ReminderRule(
        code=f"{code[:28]}_{number}",
        kind=record.kind,
        zh=f"{record.zh[: LONGEST_NAME['zh'] - 3]} {number}",
        en=f"{record.en[: LONGEST_NAME['en'] - 3]} {number}",
        enabled=False,
        working=record.working,
        at_once=record.at_once,
        conditions=record.conditions,
        steps=record.steps,
        sort=record.sort,
    )
    db.session.add(made)
    db.session.flush()
    return made


def remove(code: str, now: datetime) -> int:
    """Take a rule away that was not delivered; how many reminders that calls off.

    Raises NotFound, and Conflict for a delivered one: that is switched off.
    """
    record = rule_or_404(code, hold=True)
    if delivered(code) is not None:
        raise Conflict(msg("自带的规则不能删除，可以停用。"))
    record.removed_at = now
    db.session.flush()
    return _call_off(code, CalledOff.RULE_OFF, None)


def delivered(code: str) -> dict[str, Any] | None:
    """What the data file says of a rule; None of one that was made here."""
    rows = (row for row in read("reminder_rules.json")["rules"] if row["code"] == code)
    return next((delivered_rule(row) for row in rows), None)


def is_delivered(record: ReminderRule) -> bool:
    """Whether the rule stands as the data file has it."""
    values = delivered(record.code)
    return values is not None and all(getattr(record, n) == values[n] for n in _COLUMNS)


def waiting_by_rule() -> dict[str, int]:
    """How many reminders of each rule wait to be sent."""
    rows = db.session.execute(
        sa.select(Reminder.rule, sa.func.count())
        .where(Reminder.state == ReminderState.PLANNED)
        .group_by(Reminder.rule)
    )
    return {row[0]: row[1] for row in rows}


def _change(record: ReminderRule, values: dict[str, Any], today: date) -> Saved:
    before = {name: getattr(record, name) for name in _COLUMNS}
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)
    db.session.flush()
    if not record.enabled:
        called_off = _call_off(record.code, CalledOff.RULE_OFF, None)
    elif all(
        before[name] == values[name] for name in ("enabled", "working", "conditions", "steps")
    ):
        called_off = 0
    else:
        still = set(pairs_of(as_rule(record), today, book_of(today)))
        called_off = _call_off(record.code, CalledOff.RULE_CHANGED, still)
    return Saved(record.code, record.version, before, called_off)


def _call_off(code: str, why: CalledOff, still: set[tuple[str, int]] | None) -> int:
    """Call off what the rule planned, but for whom it still reminds of what."""
    rows = db.session.execute(
        sa.select(Reminder.id, Reminder.subject, Reminder.person_id).where(
            Reminder.rule == code, Reminder.state == ReminderState.PLANNED
        )
    )
    gone = [row.id for row in rows if still is None or (row.subject, row.person_id) not in still]
    for start in range(0, len(gone), 1000):
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.id.in_(gone[start : start + 1000]),
                Reminder.state == ReminderState.PLANNED,
            )
            .values(state=ReminderState.CANCELLED, called_off=why)
            .execution_options(synchronize_session=False)
        )
    return len(gone)
