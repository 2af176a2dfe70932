"""Sentences as JSON keeps them beside the record they explain, said later in any language. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crm.messages import Message, Money, Name, Value


def pack(message: Message) -> dict[str, Any]:
    """A sentence as JSON."""
    return {
        "msgid": message.msgid,
        "params": {name: pack_value(value) for name, value in message.params.items()},
        "count": message.count,
    }


def unpack(kept: dict[str, Any]) -> Message:
    """The sentence that ``pack`` kept; those of earlier imports call its text ``msg``."""
    params = {name: unpack_value(value) for name, value in kept["params"].items()}
    return Message(kept["msgid"] if "msgid" in kept else kept["msg"], params, kept["count"])


def sentence(kept: dict[str, Any] | str) -> Message:
    """The sentence that ``pack`` kept, or what earlier imports kept as it was said."""
    return unpack(kept) if isinstance(kept, dict) else Message(kept)


def pack_value(value: Value) -> Any:
    """What may stand in a sentence, or a sentence itself, as JSON."""
    # Most values: the planner packs a hundred thousand sentences.
    if isinstance(value, (str, int)):
        return value
    match value:
        case Message():
            return {"message": pack(value)}
        case Name():
            return {"name": [value.zh, value.en]}
        case Money(cny, exact):
            return {"money": cny, "exact": True} if exact else {"money": cny}
        case datetime():
            return {"moment": value.isoformat()}
        case _:
            return {"day": value.isoformat()}


def unpack_value(kept: Any) -> Value:
    """What ``pack_value`` kept. Raises ValueError for anything else.

    Lines of earlier changes of many leads and rows of earlier imports keep sentences, names and
    money as they are read here, too.
    """
    match kept:
        case (
            {"message": {"msgid": str()} as packed}
            | ({"msgid": str()} as packed)
            | ({"msg": str()} as packed)
        ):
            return unpack(packed)
        case {"name": [str(zh), str(en)]} | {"zh": str(zh), "en": str(en)}:
            return Name(zh, en)
        case {"money": int(cny)} | {"cny": int(cny)}:
            return Money(cny, exact=kept.get("exact", False))
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case str() | int():
            return kept
        case _:
            raise ValueError(f"no value of a sentence: {kept!r}")
