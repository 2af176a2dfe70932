"""Amounts and areas as people type them, in 万元 and square metres."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from crm.messages import Message, Money, msg
from crm.numerals import NUMERALS, number_of

YUAN_IN_WAN = 10_000
LARGEST_CNY = 1_000_000_000_000  # 一万亿元: more is a wrong unit

_UNITS = {
    unit + yuan: worth
    for unit, worth in {"": 1, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}.items()
    for yuan in ("元", "")
    if unit + yuan
}
# What a column in another unit than 万元 asks for.
_ASKED = {1: msg("只填数字，单位是元。"), 10**8: msg("只填数字，单位是亿元。")}
_SQUARE_METRES = re.compile(r"(\d[\d,]*)\s*(?:m2|m\u00b2|平方米|平米|平方|平)")
_SPAN = re.compile(r"[0-9]{0,13}\.\.[0-9]{0,13}")
# 五千万, 一亿二千万元, 1亿2000万: what stands before 亿 and before 万.
_PART = rf"\d+(?:\.\d+)?|[{NUMERALS}]+"
_SPELLED = re.compile(rf"(?=.*[万亿])(?:({_PART})亿)?(?:零?({_PART})万)?元?")
_NUMBER = re.compile(r"([+-]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(\D*)")


class AmountError(ValueError):
    """Not an amount or area in its unit; ``repair`` is what was probably meant, for the field."""

    def __init__(self, message: Message, repair: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.repair = repair


@dataclass(frozen=True)
class AmountSpan:
    """Whole CNY from ``first`` to ``last``, both included; None: open on that side."""

    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        """As it stands in an address: ``5000000..80000000``."""
        return "..".join("" if one is None else str(one) for one in (self.first, self.last))

    @property
    def words(self) -> Message:
        """As people say it."""
        if self.first is None:
            return msg("%(last)s 及以下", last=Money(self.last or 0))
        if self.last is None:
            return msg("%(first)s 及以上", first=Money(self.first))
        return msg("%(first)s–%(last)s", first=Money(self.first), last=Money(self.last))


def read_amounts(text: str) -> AmountSpan | None:
    """Read what ``str(span)`` wrote; None when it is no span or its end is below its start."""
    first, dots, last = text.partition("..")
    if not dots or not (first or last) or not _SPAN.fullmatch(text):
        return None
    span = AmountSpan(*(int(part) if part else None for part in (first, last)))
    if span.first is not None and span.last is not None and span.last < span.first:
        return None
    return span


def parse_wan(text: str) -> int:
    """Read an amount typed in 万元 ("5,000.5") as whole CNY; raises AmountError."""
    amount, unit = _read(text, YUAN_IN_WAN)
    if unit:
        raise AmountError(
            msg("只填数字。您要填的是 %(money)s吗？", money=Money(amount)), wan_text(amount)
        )
    return amount


def parse_amount(text: str, unit: int) -> int:
    """Read an amount that may bear its own unit ("1.2亿元"), else is in ``unit`` (yuan)."""
    return _read(text, unit)[0]


def _read(text: str, unit: int) -> tuple[int, str]:
    """Whole CNY, and the unit that stood beside the number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _NUMBER.fullmatch(plain)
    written = match[3].strip() if match else ""
    if match is not None and written in {"", *_UNITS}:
        amount = Decimal(match[2].replace(",", "")) * _UNITS.get(written, unit)
    elif spelled := _SPELLED.fullmatch(plain):
        amount, written = _sum(spelled[1], "亿") + _sum(spelled[2], "万"), "元"
    else:
        raise AmountError(_ASKED.get(unit, msg("只填数字，单位是万元。")))
    _check_size(amount, negative=plain.startswith("-"))
    if amount != int(amount):
        raise AmountError(msg("最多填到小数点后四位，也就是元。"))
    return int(amount), written


def _sum(part: str | None, unit: str) -> Decimal:
    """What one part of a spelled amount comes to."""
    if not part:
        return Decimal()
    return _UNITS[unit] * Decimal(part if part[0].isdigit() else number_of(part))


def wan_text(cny: int) -> str:
    """Whole CNY in 万元 with no separators, exact, as it stands in a field."""
    text = f"{Decimal(cny) / YUAN_IN_WAN:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_area(text: str) -> int:
    """Read an area typed in whole square metres ("3,000"); raises AmountError.

    Whether it is a sensible one the rules say; a minus sign is read so that they can.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    number = plain.replace(",", "")
    if re.fullmatch(r"[+-]?[0-9]{1,9}", number):
        return int(number)
    with_unit = _SQUARE_METRES.fullmatch(plain)
    repair = with_unit[1].replace(",", "") if with_unit else None
    raise AmountError(msg("只填整数，单位是平方米。"), repair)


def out_of_range(number: int | None, most: int) -> Message | None:
    """What is wrong with a number that should be of 1 to ``most``; None when it will do, or none
    was given."""
    if number is None or 0 < number <= most:
        return None
    return msg("要大于 0，请重填。") if number <= 0 else msg("数字太大了，请核对。")


def _check_size(amount: Decimal, *, negative: bool) -> None:
    if negative or amount == 0:
        raise AmountError(msg("要大于 0，请重填。"))
    if amount > LARGEST_CNY:
        raise AmountError(msg("数字太大了，请看单位：这里填的是万元。"))
