"""Amounts, counts and days as people write them in a ledger. Pure."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from crm.amounts import AmountError, parse_amount
from crm.imports.cells import is_unknown
from crm.imports.outcomes import Problem
from crm.messages import msg
from crm.spans import wrong_year

YUAN, WAN, YI = 1, 10_000, 100_000_000
# A ledger says the same few amounts, days, words and headers again and again.
_REPEATED = 5_000

_UNKNOWN = re.compile(r"待定|待确认|未定|面议|暂未|0(?:\.0+)?")
_COUNT = re.compile(
    r"(?:约|近|超)?\s*([+-]?[\d,]*\d)(?:\.0+)?\s*(?:人|名|㎡|m2|平方米|平米|平方)?\+?"
)
_SEPARATED = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_WITHOUT_YEAR = re.compile(r"(\d{1,2})\s*[月./]\s*(\d{1,2})\s*[日号]?")
_MONTH = re.compile(
    r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*月?\s*(上旬|中旬|下旬|初|中|底|末|份|前)?"
)
_QUARTER = re.compile(r"(?:(\d{4})\s*年?)?\s*(?:第?([一二三四1-4])季度|[qQ]([1-4]))(?:末|底|内)?")
_YEAR_END = re.compile(r"(?:(\d{4})\s*年|今年|年)(?:底|内|末|前)?")
# What people write behind a day that they mean: 12月10日（周四）前.
_BEHIND_A_DAY = re.compile(
    r"\s*(?:\(?(?:周|星期|礼拜)[一二三四五六日天]\)?)?\s*(?:之前|以前|前后|左右|前)?$"
)
_COMPACT = re.compile(r"(20\d{2})(0[1-9]|1[0-2])([0-3]\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_TENTHS = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}
_SERIAL_ZERO = date(1899, 12, 30)
_QUARTERS = dict(zip("一二三四1234", (1, 2, 3, 4, 1, 2, 3, 4), strict=True))
_CURRENCIES = re.compile(r"美元|美金|欧元|港币|港元|日元|USD|EUR|HKD|\$|€", re.IGNORECASE)


def plain(text: str) -> str:
    """A cell in half-width characters, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=_REPEATED)
def says_nothing(text: str) -> bool:
    """Whether nothing is known yet: empty, a dash, 待定, or a bare 0."""
    cell = plain(text)
    return is_unknown(cell) or bool(_UNKNOWN.fullmatch(cell))


@lru_cache(maxsize=_REPEATED)
def unit_of(header: str) -> int:
    """The unit that a header names, in yuan; 万元 where it names none, as such offices speak."""
    found = re.search(r"[(（\[]\s*(亿元?|万元?|元)\s*[)）\]]|(亿元|万元)", plain(header))
    word = (found[1] or found[2]) if found else "万"
    return {"亿": YI, "万": WAN, "元": YUAN}[word[0]]


@lru_cache(maxsize=_REPEATED)
def read_amount(text: str, unit: int, column: str) -> tuple[int | None, Problem | None]:
    """Whole CNY; the cell's own unit wins over the header's (``unit``, in yuan)."""
    if says_nothing(text):
        return None, None
    cell = re.sub(r"^(约|近|超|不低于|人民币|RMB|¥|￥)\s*", "", plain(text)).rstrip("+左右以上")
    if _CURRENCIES.search(cell):
        return None, Problem(column, msg("请换算成人民币，写成万元或亿元。"))
    ranged = re.fullmatch(r"([\d.,]+)\s*[-~至到—]+\s*([\d.,]+)\s*(亿元?|万元?|元)?", cell)
    if ranged:
        repair = f"{ranged[2]}{ranged[3] or ''}"
        return None, Problem(column, msg("这里写了一个范围，请只填一个数。"), repair)
    try:
        return parse_amount(cell, unit), None
    except AmountError as error:
        return None, Problem(column, error.message, error.repair)


@lru_cache(maxsize=_REPEATED)
def read_count(text: str, column: str) -> tuple[int | None, Problem | None]:
    """A whole number of people or square metres; 万 is understood."""
    if says_nothing(text):
        return None, None
    cell = plain(text)
    if tens := re.fullmatch(r"([\d.]+)\s*万(?:平方米|平米|平|㎡|m2|人)?", cell):
        return round(float(tens[1]) * WAN), None
    found = _COUNT.fullmatch(cell)
    if found is None:
        return None, Problem(column, msg("只填数字。"))
    return int(found[1].replace(",", "")), None


@lru_cache(maxsize=_REPEATED)
def read_day(text: str, today: date, column: str) -> tuple[date | None, Problem | None]:
    """A coming day: of a month alone its end counts, of no year the one nearest to today."""
    if says_nothing(text):
        return None, None
    cell = _BEHIND_A_DAY.sub("", plain(text), count=1)
    day = day_of(cell, today) or _coarse(cell, today)
    return _within_years(day, column) if day else (None, _no_day(column))


@lru_cache(maxsize=_REPEATED)
def read_past_day(text: str, today: date, column: str) -> tuple[date | None, Problem | None]:
    """A day behind us; one that is still to come is a problem."""
    if says_nothing(text):
        return None, None
    day = day_of(text, today, past=True)
    if day is None:
        return None, _no_day(column)
    if day > today:
        return None, Problem(column, msg("这个日期在今天之后，请核对。"))
    return _within_years(day, column)


@lru_cache(maxsize=_REPEATED)
def day_of(text: str, today: date, *, past: bool = False) -> date | None:
    """An exact day: 2026-11-03, 2026年11月3日, 2026.11.3, 20261103, 11月3日 or Excel's own number.

    Without a year it is the nearest to today; ``past``: the last that is not after today.
    """
    cell = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2})?$", "", plain(text))
    found = _SEPARATED.fullmatch(cell) or _COMPACT.fullmatch(cell)
    if found:
        return _date(*map(int, found.groups()))
    if (serial := _SERIAL.fullmatch(cell)) and 20_000 <= int(serial[1]) <= 80_000:
        return _SERIAL_ZERO + timedelta(days=int(serial[1]))
    found = _WITHOUT_YEAR.fullmatch(cell)
    return _nearest(int(found[1]), int(found[2]), today, past=past) if found else None


def _nearest(month: int, day: int, today: date, *, past: bool) -> date | None:
    years = (today.year - 1, today.year, today.year + 1)
    days = [found for year in years if (found := _date(year, month, day))]
    if past:
        return max((found for found in days if found <= today), default=None)
    return min(days, key=lambda found: abs(found - today), default=None)


def _coarse(cell: str, today: date) -> date | None:
    """The end of a month, a quarter or a year."""
    if found := _QUARTER.fullmatch(cell):
        month = _QUARTERS[found[2] or found[3]] * 3
        return _end(int(found[1] or today.year), month)
    if (found := _MONTH.fullmatch(cell)) and ("月" in cell or found[1]):
        month = int(found[2])
        year = int(found[1]) if found[1] else _year_of(month, today)
        tenth = _TENTHS.get(found[3] or "")
        return _date(year, month, tenth) if tenth else _end(year, month)
    if found := _YEAR_END.fullmatch(cell):
        return date(int(found[1] or today.year), 12, 31)
    return None


def _year_of(month: int, today: date) -> int:
    """A month without a year is one of the coming ones, or one that has just passed."""
    return today.year + 1 if month < today.month - 3 else today.year


def _end(year: int, month: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= year <= 9998):
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _within_years(day: date, column: str) -> tuple[date | None, Problem | None]:
    wrong = wrong_year(day)
    return (None, Problem(column, wrong)) if wrong else (day, None)


def _no_day(column: str) -> Problem:
    return Problem(column, msg("看不懂这个日期，请写成 2026-11-03 或 2026年11月3日。"))
