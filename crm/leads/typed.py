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
        notes.append(unknown(text))
    return span


def amounts_of(args: Mapping[str, str], notes: list[Message]) -> AmountSpan | None:
    """Amounts as ``amount=50000000..`` (CNY) or as ``amount_from`` and ``amount_to`` (万元)."""
    if not _typed(args, "amount"):
        text = args.get("amount", "")
        span = read_amounts(text)
    else:
        text = _joined(args, "amount")
        span = _in_wan(args)
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


def _in_wan(args: Mapping[str, str]) -> AmountSpan | None:
    typed = (args.get(f"amount_{end}", "").strip() for end in ("from", "to"))
    try:
        first, last = (parse_wan(text) if text else None for text in typed)
    except AmountError:
        return None
    return read_amounts(str(AmountSpan(first, last)))
