"""One cell: the text people see in it."""

from __future__ import annotations

from datetime import date, datetime, time

_UNKNOWN = frozenset({"", "-", "--", "—", "——", "/", "无", "未知", "不详", "暂无", "n/a", "na"})
# What a spreadsheet shows where a formula came to nothing, and writes into a csv.
_FAILED = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


def cell_text(value: object) -> str:
    """Say a cell's value as people see it: 1.0 is "1", a date is ISO, text is trimmed.

    A formula that came to nothing is an empty cell in a csv, too, as it is one in a workbook.
    """
    if value is None or isinstance(value, str):
        text = (value or "").strip()
        return "" if text in _FAILED else text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def is_unknown(text: str) -> bool:
    """Whether a cell says that nothing is known: empty, a dash, 无, 不详."""
    return text.strip().casefold() in _UNKNOWN
