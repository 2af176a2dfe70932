"""Keeps sentences with the records they explain, and ties relative days to a given today."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crm.formats import say, short_day
from crm.messages import Message, Money, Name, Value


def pack(message: Message) -> dict[str, Any]:
    """A sentence as JSON keeps it, to be said later in whatever language."""
    return {
        "msgid": message.msgid,
        "params": {name: _pack(value) for name, value in message.params.items()},
        "count": message.count,
    }


def unpack(kept: dict[str, Any]) -> Message:
    """The sentence that ``pack`` kept."""
    params = {name: _unpack(value) for name, value in kept["params"].items()}
    return Message(kept["msgid"], params, kept["count"])


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


def _pack(value: Value) -> Any:
    # Most values: the planner packs a hundred thousand sentences.
    if isinstance(value, (str, int)):
        return value
    match value:
        case Message():
            return {"message": pack(value)}
        case Name():
            return {"name": [value.zh, value.en]}
        case Money():
            return {"money": value.cny}
        case datetime():
            return {"moment": value.isoformat()}
        case _:
            return {"day": value.isoformat()}


def _unpack(kept: Any) -> Value:
    match kept:
        case {"message": dict(inner)}:
            return unpack(inner)
        case {"name": [str(zh), str(en)]}:
            return Name(zh, en)
        case {"money": int(cny)}:
            return Money(cny)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case str() | int():
            return kept
        case _:
            raise ValueError(f"no value of a sentence: {kept!r}")
