"""Spans in an address: written as one word by our links, as two fields by a form."""

from __future__ import annotations

from collections.abc import Mapping

from crm.amounts import AmountError, AmountSpan, parse_wan, read_amounts
from crm.messages import Message, msg
from crm.spans import Span, read_span


def days_of(args: Mapping[str, str], name: str, notes: list[Message]) -> Span | None:
    """Days as ``landing=2026-10-01..`` or as ``landing_from`` and ``landing_to``."""
    text = _joined(args, name) if _typed(args, name) else args.get(name, "")
    span = read_span(text)
    if text and span is None:
        notes.append(unknown(text.replace("..", "–")))
    return span


def amounts_of(args: Mapping[str, str], notes: list[Message]) -> AmountSpan | None:
    """Amounts as ``amount=50000000..`` (CNY) or as ``amount_from`` and ``amount_to`` (万元)."""
    if _typed(args, "amount"):
        return _in_wan(args, notes)
    text = args.get("amount", "")
    span = read_amounts(text)
    if text and span is None:
        notes.append(unknown(text))
    return span


def unknown(value: str) -> Message:
    """What is said of a condition that could not be read."""
    return msg("没有“%(value)s”这个条件，没有按它筛选。", value=value[:40])


def _typed(args: Mapping[str, str], name: str) -> bool:
    return f"{name}_from" in args or f"{name}_to" in args


def _joined(args: Mapping[str, str], name: str) -> str:
    first, last = (args.get(f"{name}_{end}", "").strip() for end in ("from", "to"))
    return f"{first}..{last}" if first or last else ""


def _in_wan(args: Mapping[str, str], notes: list[Message]) -> AmountSpan | None:
    ends: list[int | None] = []
    for name in ("amount_from", "amount_to"):
        text = args.get(name, "").strip()
        try:
            ends.append(parse_wan(text) if text else None)
        except AmountError as error:
            wrong = msg("“%(value)s”没有按它筛选：%(why)s", value=text[:40], why=error.message)
            notes.append(wrong)
            return None
    first, last = ends
    if first is not None and last is not None and last < first:
        notes.append(msg("最高的金额比最低的还小，没有按它筛选。"))
        return None
    return AmountSpan(first, last) if any(ends) else None
