"""Sentences kept as JSON, to be said later in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crm.messages import Message, Money, Name, Value


def pack(value: Value) -> Any:
    """A sentence, or a value in one, as JSON."""
    if isinstance(value, Message):
        params = {name: pack(found) for name, found in value.params.items()}
        return {"msg": value.msgid, "params": params, "count": value.count}
    if isinstance(value, Money):
        return {"cny": value.cny}
    if isinstance(value, Name):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def unpack(value: Any) -> Value:
    """The sentence or value that was packed."""
    if not isinstance(value, dict):
        return value if isinstance(value, int) else str(value)
    if "msg" in value:
        params = {name: unpack(found) for name, found in value["params"].items()}
        return Message(value["msg"], params, value["count"])
    if "cny" in value:
        return Money(value["cny"])
    if "zh" in value:
        return Name(value["zh"], value["en"])
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    return date.fromisoformat(value["day"])


def unpacked(value: Any) -> Message:
    """A packed sentence."""
    found = unpack(value)
    return found if isinstance(found, Message) else Message(str(found).replace("%", "%%"))
