"""Ties the relative days of a sentence to a given today."""

from __future__ import annotations

from datetime import date, datetime

from crm.formats import say, short_day
from crm.messages import Message, Value


def say_on(value: Value, today: date) -> str:
    """Say a sentence as it reads on that day: its 昨天 and 明天 are counted from there."""
    return say(_on(value, today))


def _on(value: Value, today: date) -> Value:
    if isinstance(value, Message):
        params = {name: _on(inner, today) for name, inner in value.params.items()}
        return Message(value.msgid, params, value.count)
    if isinstance(value, date) and not isinstance(value, datetime):
        return short_day(value, today)
    return value
