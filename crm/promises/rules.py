"""What a promise must say, and where one stands. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from crm.messages import Message, msg
from crm.spans import wrong_year
from crm.texts import too_long
from models.enums import Side, TaskState

LONGEST = 400
# So many are written down with one visit.
MOST = 20
# Why a day was moved that its own author moved back.
UNDONE = "撤销改期"

Errors = dict[str, list[Message]]


class Standing(enum.StrEnum):
    """Where a promise stands; the promise book (承诺台账) is read by it."""

    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


STANDING_WORDS: dict[Standing, Message] = {
    Standing.OPEN: msg("没做到的"),
    Standing.OVERDUE: msg("已逾期"),
    Standing.KEPT: msg("做到了"),
    Standing.WITHDRAWN: msg("收回了"),
}
SIDE_WORDS: dict[Side, Message] = {
    Side.OURS: msg("我们答应的"),
    Side.THEIRS: msg("对方答应的"),
}


@dataclass(frozen=True)
class NewPromise:
    """A promise as somebody writes it down.

    ``who`` is a public id: of ours the colleague who owes it, of theirs a person of the company;
    empty means whoever writes it down, or the company as such.
    """

    side: Side = Side.OURS
    text: str = ""
    due_on: date | None = None
    who: str = ""


def wrong_promise(text: str, due_on: date | None, first: date) -> Errors:
    """What is wrong with the words and the day; ``first`` is the first day that may be."""
    errors: Errors = {}
    if wrong := wrong_text(text):
        errors["text"] = [wrong]
    if due_on is None:
        errors["due_on"] = [msg("请选一个日期，哪天前做到。")]
    elif due_on < first:
        errors["due_on"] = [msg("请选 %(day)s 或以后的日期。", day=first)]
    elif strange := wrong_year(due_on):
        errors["due_on"] = [strange]
    return errors


def wrong_text(text: str) -> Message | None:
    """What is wrong with the words; None when they will do."""
    if not text.strip():
        return msg("请写下答应了什么。")
    return _too_long(text)


def wrong_reason(reason: str) -> Message | None:
    """What is wrong with why a promise is withdrawn or moved; None when it will do."""
    return _too_long(reason) if reason.strip() else msg("请写下原因，以后看得到。")


def _too_long(text: str) -> Message | None:
    return too_long(text.strip(), LONGEST)


def wrong_other_day(was_on: date, due_on: date | None, today: date) -> Message | None:
    """What is wrong with another day; None when it will do."""
    if due_on is None:
        return msg("请选一个日期，哪天前做到。")
    if due_on < today:
        return msg("日期已经过去，请选今天或以后。")
    return msg("原来就是这一天，请选另一天。") if due_on == was_on else wrong_year(due_on)


def standing(state: TaskState, due_on: date | None, today: date) -> Standing:
    """Where a promise stands on a day."""
    match state:
        case TaskState.DONE:
            return Standing.KEPT
        case TaskState.CANCELLED:
            return Standing.WITHDRAWN
        case _:
            late = due_on is not None and due_on < today
            return Standing.OVERDUE if late else Standing.OPEN


def moved(was_on: date, due_on: date, reason: str) -> Message:
    """From which day to which, and why."""
    return msg("原定 %(was)s，改到 %(day)s：%(reason)s", was=was_on, day=due_on, reason=reason)
