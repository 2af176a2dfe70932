"""How values are written for people, in the reader's language. Registered as Jinja filters.

Outside a request (mail, commands) wrap the call in ``flask_babel.force_locale``.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Protocol

from babel.dates import format_date
from flask import Flask
from flask_babel import pgettext

from crm import clock
from crm.messages import Message, Money, Name, Value
from crm.tongue import tongue

YI = 10**8
WAN = 10**4

_EXTENSION = re.compile(r"转|ext\.?|x", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[^0-9+]")

# Patterns of a date: (with weekday, without), and with the year of another year.
_DATES = {
    "zh": {True: ("M月d日 EEE", "yyyy年M月d日 EEE"), False: ("M月d日", "yyyy年M月d日")},
    "en": {True: ("EEE d MMM", "EEE d MMM yyyy"), False: ("d MMM", "d MMM yyyy")},
}


def language() -> str:
    """The reader's language: ``en``, or ``zh`` for everybody else."""
    return tongue().language


def say(value: Value) -> str:
    """Say a sentence of pure code, and every value in it, in the reader's language."""
    if isinstance(value, Message):
        return _sentence(value)
    if isinstance(value, Name):
        return value.en if language() == "en" else value.zh
    if isinstance(value, Money):
        return exact_money(value.cny) if value.exact else money(value.cny)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return short_day(value)
    return str(value)


class Named(Protocol):
    """A row that data names in both languages: a team, a park, a list, a segment."""

    zh: str
    en: str


def name(thing: Named | None, *, short: bool = False) -> str:
    """What data calls a row, in the reader's language; nothing for no row.

    ``short`` takes the short name where the row has one.
    """
    if thing is None:
        return ""
    spoken = language()
    brief = getattr(thing, f"short_{spoken}", None) if short else None
    return str(brief or getattr(thing, spoken))


# As the Chinese pages say them; English has no such spaces to drop.
NEAR_WORDS = frozenset({"昨天", "今天", "明天"})


def _sentence(message: Message) -> str:
    params = {name: say(value) for name, value in message.params.items()}
    said = tongue()
    if message.count is not None:
        return said.ngettext(message.msgid, message.msgid, message.count) % params
    # A numeric date stands between spaces, 昨天 does not: 约好 12月1日 答复, 约好昨天答复.
    # Beside an arrow it does: 未填 → 今天.
    text = said.gettext(message.msgid)
    near = {name for name, value in params.items() if value in NEAR_WORDS}
    if near and said.language == "zh":
        text = re.sub(rf"((?<!→) )?%\(({'|'.join(near)})\)s( (?!→))?", r"%(\2)s", text)
    return text % params if params else text


def money(cny: int) -> str:
    """An amount of whole CNY: 8000元, 5000万元, 1.2亿元; CNY 50,000, CNY 120m, CNY 1.2bn."""
    return _money_en(cny) if language() == "en" else _money_zh(cny)


def exact_money(cny: int) -> str:
    """An amount to the last CNY: 8000元, 1.2345万元, 1.5亿元; CNY 12,345."""
    if language() == "en":
        return f"CNY {cny:,}"
    if abs(cny) < WAN:
        return f"{cny}元"
    unit, word = (WAN, "万元") if abs(cny) < YI else (YI, "亿元")
    text = f"{Decimal(cny) / unit:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{word}"


def _money_zh(cny: int) -> str:
    if abs(cny) < WAN:
        return f"{cny}元"
    in_wan = _one_decimal(cny, WAN)
    if abs(in_wan) < WAN:
        return f"{_plain(in_wan)}万元"
    return f"{_plain(_one_decimal(cny, YI))}亿元"


def _money_en(cny: int) -> str:
    if abs(cny) < 10**6:
        return f"CNY {cny:,}"
    in_millions = _one_decimal(cny, 10**6)
    if abs(in_millions) < 1000:
        return f"CNY {_plain(in_millions)}m"
    return f"CNY {_plain(_one_decimal(cny, 10**9))}bn"


def _one_decimal(cny: int, unit: int) -> Decimal:
    return (Decimal(cny) / unit).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    return f"{number:f}".removesuffix(".0")


def wan(cny: int) -> str:
    """An amount of whole CNY as a table's cell in 万元, exact: 12,000, 5,000.5."""
    text = f"{Decimal(cny) / WAN:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: date, today: date | None = None, *, weekday: bool = True) -> str:
    """A date: 12月3日 周四, Thu 3 Dec; 昨天, 今天, 明天; the year only if it is another."""
    today = today or clock.today()
    match (value - today).days:
        case -1:
            return tongue().gettext("昨天")
        case 0:
            return tongue().gettext("今天")
        case 1:
            return str(pgettext("in a sentence", "明天"))
    return _written(value, today, weekday=weekday)


def short_day(value: date, today: date | None = None) -> str:
    """A date for cards and inside sentences: 12月3日, 3 Dec."""
    return day(value, today, weekday=False)


def written_day(value: date, *, weekday: bool = True) -> str:
    """A date that is never 今天 or 明天, for headings and under those words: 12月3日 周四."""
    return _written(value, clock.today(), weekday=weekday)


def month_name(value: date) -> str:
    """The month of a day: 12月, Dec; the year only if it is another."""
    patterns = {"zh": ("M月", "yyyy年M月"), "en": ("MMM", "MMM yyyy")}[language()]
    pattern = patterns[value.year != clock.today().year]
    return _patterned(value, pattern, _locale())


def weekday(value: date) -> str:
    """The day of the week: 周四, Thu."""
    return _patterned(value, "EEE", _locale())


def _locale() -> str:
    return "en" if language() == "en" else "zh_Hans_CN"


def _written(value: date, today: date, *, weekday: bool) -> str:
    this_year, another = _DATES[language()][weekday]
    return _patterned(value, this_year if value.year == today.year else another, _locale())


@lru_cache(maxsize=4_096)
def _patterned(value: date, pattern: str, locale: str) -> str:
    """The same days stand on card after card, and Babel reads the pattern anew for each."""
    return format_date(value, pattern, locale=locale)


def moment(value: datetime) -> str:
    """A moment where the teams work: 11月20日 周五 10:05."""
    return f"{day(clock.local_date(value))} {clock_time(value)}"


def clock_time(value: datetime) -> str:
    """The time of day where the teams work: 09:40."""
    return f"{value.astimezone(clock.ZONE):%H:%M}"


def ago(value: date, today: date | None = None) -> str:
    """How long ago a day was: 今天, 昨天, 13 天前. A day ahead is written as a date."""
    today = today or clock.today()
    days = (today - value).days
    if days < 2:
        return day(value, today)
    return tongue().ngettext("%(num)s 天前", "%(num)s 天前", days) % {"num": days}


def area(square_metres: int) -> str:
    """An area: 3000㎡; 3,000 m²."""
    return f"{square_metres:,} m²" if language() == "en" else f"{square_metres}㎡"


def dialled(phone: str) -> str:
    """A number as a phone dials it: digits alone, and a pause before an extension (转, ext)."""
    number, *extension = _EXTENSION.split(phone, maxsplit=1)
    return ",".join(_NOT_DIALLED.sub("", part) for part in (number, *extension))


def count(number: int) -> str:
    """A number of things with thousands separators: 12,000."""
    return f"{number:,}"


def unstopped(sentence: str) -> str:
    """What somebody wrote, to be gone on after: without its full stop in whatever language."""
    return sentence.rstrip("。. ")


def register(app: Flask) -> None:
    """Make all of these filters and globals of the app's templates."""
    for write in (
        *(say, money, exact_money, wan, day, short_day, written_day, weekday, month_name),
        *(moment, clock_time, ago, area, count, dialled, unstopped),
    ):
        # This takes the place of Jinja's ``count``, another name of its ``length``.
        app.jinja_env.globals[write.__name__] = write
        app.jinja_env.filters[write.__name__] = write
    # A filter only: as a global it would answer for every forgotten ``name``.
    app.jinja_env.filters["name"] = name
