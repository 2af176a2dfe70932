"""What may stand in a cell: text that no spreadsheet runs, numbers that stay numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from crm import clock
from crm.exports.table import Cell, Kind
from crm.formats import WAN, say

Plain: TypeAlias = "str | int | float | date | None"

# What a spreadsheet may take for the beginning of a formula, also as East Asian input types it.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "﹢", "﹣", "＠", "﹦", "﹫")
BLANKS = " \u00a0\u3000\u200b\ufeff"
# No spreadsheet takes a longer text.
LONGEST = 32_767


def plain(value: Cell, kind: Kind) -> Plain:
    """The value of a cell as it is written; what is text is harmless."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return clock.local_date(value)
    if isinstance(value, date):
        return value
    if isinstance(value, int) and kind is Kind.WAN:
        whole, rest = divmod(value, WAN)
        return value / WAN if rest else whole
    if isinstance(value, int) and kind is Kind.WHOLE:
        return value
    # A long number that is a code is text, and stays whole as such.
    return harmless(say(value))


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might run it."""
    if text.lstrip(BLANKS).startswith(STARTS):
        text = f"'{text}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
