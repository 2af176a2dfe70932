"""What a change of many leads asks for, and how what it finds is said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crm.leads.inputs import Errors, wrong_next_step, wrong_step_day
from crm.leads.rules import wrong_hold
from crm.leads.words import STATUS_WORDS
from crm.messages import Message, Value, msg
from crm.packing import unpack_value
from models.bulk_edit import BulkKind
from models.enums import Status

MOST = 500
_DAYS = {"next_step_on", "hold_until", "due_on"}


@dataclass(frozen=True)
class BulkChange:
    """What is to become of every lead; a kind of change reads only what it needs.

    ``owner`` is a person's public id, ``place`` as in ``LeadEdit``; ``text`` and ``due_on`` are a
    task's.
    """

    owner: str = ""
    place: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    hold_until: date | None = None
    reason: str = ""
    text: str = ""
    due_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """What was asked for, as the batch keeps it."""
        values = {name: value for name, value in asdict(self).items() if value}
        return {n: v.isoformat() if n in _DAYS else v for n, v in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> BulkChange:
        """The same read back."""
        days = {n: date.fromisoformat(values[n]) for n in _DAYS & values.keys()}
        return cls(**{**values, **days})


def wrong_change(kind: BulkKind, change: BulkChange, today: date) -> Errors:
    """What no lead could be changed by, at its field; what one lead refuses is said on its line."""
    match kind:
        case BulkKind.OWNER:
            return {} if change.owner else {"owner": [msg("请选由谁负责。")]}
        case BulkKind.PLACE:
            return {} if change.place else {"place": [msg("请选一个区县或园区。")]}
        case BulkKind.HOLD:
            return _wrong_hold(change, today)
        case BulkKind.STEP:
            return wrong_next_step(change.next_step, change.next_step_on, today, required=True)
        case BulkKind.STEP_DAY:
            wrong = wrong_step_day(change.next_step_on, today)
            return {"next_step_on": [wrong]} if wrong else {}
        case BulkKind.TASK:
            return {}  # its day is judged by the calendar: ``crm.leads.to_do``


def _wrong_hold(change: BulkChange, today: date) -> Errors:
    errors: Errors = {}
    if wrong := wrong_hold(change.hold_until, today):
        errors["hold_until"] = [wrong]
    if not change.reason:
        errors["reason"] = [msg("请写下为什么暂缓。")]
    return errors


def words_of(kind: BulkKind, facts: Mapping[str, Any] | None) -> Value:
    """What stood or will stand on a lead, in words; ``facts`` as ``crm.leads.bulk`` keeps them."""
    if facts is None:
        return ""
    if kind in {BulkKind.OWNER, BulkKind.PLACE}:
        return unpack_value(facts["name"])
    if kind is BulkKind.HOLD:
        return _status(facts)
    return _step(facts, msg("没有这件待办") if kind is BulkKind.TASK else msg("没有下一步"))


def _status(facts: Mapping[str, Any]) -> Value:
    if facts["until"]:
        return msg("暂缓到 %(day)s", day=date.fromisoformat(facts["until"]))
    return STATUS_WORDS[Status(facts["status"])]


def _step(facts: Mapping[str, Any], none: Message) -> Value:
    if not facts["task"]:
        return none
    if not facts["on"]:
        return msg("%(step)s（没有日期）", step=facts["text"])
    return msg("%(step)s（%(day)s）", step=facts["text"], day=date.fromisoformat(facts["on"]))
