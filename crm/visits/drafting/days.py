"""Days and times of day in Chinese text: 下周三, 12月3日, 后天, 两周后, 上午10点. Pure.

A week begins on Monday. A weekday alone is the nearest one in the direction the sentence looks:
forward, or back where it tells of something that was.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8}
_NUMBERS |= {"九": 9, "十": 10, "半": 0}
# A weekend is its Saturday.
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "末": 5, "日": 6, "天": 6}
_WEEKS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_NEAR = {"大前天": -3, "前天": -2, "昨天": -1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0}
_NEAR |= {
    "昨日": -1,
    "昨晚": -1,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
}
_NOON = {"下午", "晚上", "傍晚", "今晚", "明晚", "昨晚"}
# A day without a year is the one nearest to the text's own day; so far back it may look.
_BACK = timedelta(days=150)
_LONGEST_SPAN = 400


@dataclass(frozen=True)
class FoundDay:
    """A day and where the text says it; ``at`` is the time of day, when one stands beside it.

    Of a part of the day ``at`` is its usual hour, and it may be as early as ``begins``.
    """

    start: int
    end: int
    day: date
    at: time | None = None
    begins: time | None = None


def days_in(text: str, base: date, *, back: bool = False) -> list[FoundDay]:
    """The days a text names, in its order, none overlapping; ``base`` is the day it was written.

    ``back``: the text tells of something that was, so a weekday alone is the last one.
    """
    found: list[FoundDay] = []
    for match in _DAY.finditer(text):
        day = _read(match, base, back=back)
        if day is not None:
            end, at, begins = _time_after(text, match)
            found.append(FoundDay(match.start(), end, day, at, begins))
    return found


def part_in(text: str, day: date) -> FoundDay | None:
    """The part of that day that a text names without a day: 下午去了一趟."""
    found = _ALONE.search(text)
    if found is None:
        return None
    begins, at = _PARTS[found.group()]
    return FoundDay(found.start(), found.end(), day, at, begins)


_DAY_PARTS = "上午|中午|下午|晚上|傍晚|早上"
# One to thirty-one, as it is spoken.
_SPOKEN = "[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAY_NAMES = {
    name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
# A month is a word of the language too: may it be so, march on.
_MONTH_EN = (
    r"[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|Mar(?:ch)?|mar|[Aa]pr(?:il)?|May|[Jj]une?|[Jj]uly?"
    r"|[Aa]ug(?:ust)?|[Ss]ept?(?:ember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?"
)
_WEEKDAY_EN = (
    r"[Mm]on(?:day)?|[Tt]ue(?:s(?:day)?)?|[Ww]ed(?:nesday)?|[Tt]hu(?:r(?:s(?:day)?)?)?|[Ff]ri(?:day)?"
    r"|[Ss]at(?:urday)?|[Ss]un(?:day)?"
)
# Dec 3, 3 December 2026, Thu 3 Dec; next Tuesday is that of next week, as 下周二 is.
_ENGLISH = (
    rf"(?<![A-Za-z\d])(?:(?:{_WEEKDAY_EN})\.?\s+)?"
    rf"(?:(?P<month6>{_MONTH_EN})\.?\s+(?P<date7>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:]*\d)"
    rf"|(?P<date8>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month7>{_MONTH_EN})(?![A-Za-z]))"
    r"(?:\s+(?P<year2>20\d\d)(?!\d))?"
    rf"|(?<![A-Za-z])(?P<week2>[Nn]ext|[Tt]his)\s+(?P<weekday3>{_WEEKDAY_EN})(?![A-Za-z])"
    r"|(?<![A-Za-z])(?<![Ll]ast )"
    r"(?P<weekday4>(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day)(?![A-Za-z])"
    r"|(?<![A-Za-z])(?P<near2>[Yy]esterday|[Tt]oday|[Tt]omorrow)(?![A-Za-z])"
)
_NEAR_EN = {"yesterday": -1, "today": 0, "tomorrow": 1}


_DAY = re.compile(
    r"(?P<year>\d{4})\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<date>\d{1,2})\s*[日号]?"
    r"|(?P<month2>\d{1,2})\s*月\s*(?P<date2>\d{1,2})\s*[日号]?"
    rf"|(?<![一二三四五六七八九十第])(?P<month5>{_SPOKEN})月(?P<date6>{_SPOKEN})[日号]"
    rf"|(?:(?P<which2>[本这下])个?|(?<![\d一二三四五六七八九十第])(?P<month4>\d{{1,2}}|{_SPOKEN}))"
    r"月份?(?P<tenth>初|中旬|中(?!国|方|心)|上旬|下旬|底|末)"
    r"|(?P<tenth2>[中下]旬)"
    r"|(?<![\d.:/-])(?P<month3>\d{1,2})[/.](?P<date3>\d{1,2})(?![\d.:/%万亿个㎡]|\s*[万亿%㎡])"
    r"|(?P<near>大前天|前天|昨[天日晚]|今[天日早晚]|大后天|明[天日早晚]|后天)"
    r"|(?P<week>上上|下下|[上本这下])(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    r"|(?:周|星期|礼拜)(?P<weekday2>[一二三四五六日天末])(?![年月])"
    r"|(?<![近去])(?P<span>\d{1,3}|[一二两三四五六七八九十半])\s*(?:个)?(?P<unit>天|周|星期|礼拜|月)"
    r"(?:之|以)?[后内]"
    r"|(?P<which>[本这下])(?:个)?月(?P<date4>\d{1,2})[日号]"
    r"|(?P<end2>月[底末])"
    r"|(?<![去前上年])(?<![去前]年)(?P<year_end>[今明]年年?[底末]|年[底末])"
    r"|(?<![\d月第])(?P<date5>\d{1,2})号(?![楼院线])"
    rf"|{_ENGLISH}"
)
_CLOCK = re.compile(
    rf"\s*(?P<part>{_DAY_PARTS})?\s*"
    r"(?:(?P<hour>\d{1,2})\s*[:：]\s*(?P<minute>\d{2})"
    r"|(?P<hour2>\d{1,2}|十[一二]?|[一二两三四五六七八九])\s*点\s*(?P<minute2>半|\d{1,2}\s*分?)?)"
    rf"|\s*(?P<alone>{_DAY_PARTS})"
)
_ALONE = re.compile(_DAY_PARTS)
# A part of the day without an hour: when it begins, and the hour it is taken for.
_PARTS = {
    "早上": (time(5), time(9)),
    "上午": (time(6), time(10)),
    "中午": (time(11), time(12)),
    "下午": (time(12), time(15)),
    "傍晚": (time(16), time(17)),
    "晚上": (time(17), time(19)),
}
# The last word of 今早 and 昨晚.
_PART_OF_DAY = {"早": "早上", "晚": "晚上"}


def _read(match: re.Match[str], base: date, *, back: bool) -> date | None:
    given = {name: value for name, value in match.groupdict().items() if value}
    for names, read in _READERS:
        if names <= given.keys():
            try:
                return read(given, base, back)
            except (ValueError, OverflowError):
                return None
    return None


def _full(given: dict[str, str], _base: date, _back: bool) -> date:
    return date(int(given["year"]), int(given["month"]), int(given["date"]))


def _month_day(given: dict[str, str], base: date, _back: bool) -> date:
    month = given.get("month2") or given.get("month3") or given["month5"]
    day = given.get("date2") or given.get("date3") or given["date6"]
    return _nearest(_number(month), _number(day), base)


def _number(spoken: str) -> int:
    """二十八, 十二, 三 or 28 as a number."""
    if spoken.isdecimal():
        return int(spoken)
    tens, ten, ones = spoken.rpartition("十")
    return (_NUMBERS.get(tens, 1) * 10 if ten else 0) + (_NUMBERS[ones] if ones else 0)


def _nearest(month: int, day: int, base: date) -> date:
    """The day of that name that is at most some months back, else the one to come."""
    for year in (base.year - 1, base.year, base.year + 1):
        found = _on(year, month, day)
        if found is not None and found >= base - _BACK:
            return found
    raise ValueError("no such day")


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        # 29 February of another year.
        if 1 <= month <= 12 and 1 <= day <= 29:
            return None
        raise


def _near_day(given: dict[str, str], base: date, _back: bool) -> date:
    return base + timedelta(days=_NEAR[given["near"]])


def _week_day(given: dict[str, str], base: date, _back: bool) -> date:
    monday = base - timedelta(days=base.weekday())
    return monday + timedelta(weeks=_WEEKS[given["week"]], days=_WEEKDAYS[given["weekday"]])


def _bare_weekday(given: dict[str, str], base: date, back: bool) -> date:
    wanted = _WEEKDAYS[given["weekday2"]]
    if back:
        return base - timedelta(days=(base.weekday() - wanted) % 7)
    return base + timedelta(days=(wanted - base.weekday()) % 7)


def _after(given: dict[str, str], base: date, _back: bool) -> date:
    n = int(given["span"]) if given["span"].isdecimal() else _NUMBERS[given["span"]]
    if given["unit"] == "月":
        return base + timedelta(days=15) if n == 0 else _months_on(base, n)
    days = n * (1 if given["unit"] == "天" else 7)
    if not 0 < days <= _LONGEST_SPAN:
        raise ValueError("too far")
    return base + timedelta(days=days)


def _months_on(base: date, n: int) -> date:
    year, month = divmod(base.year * 12 + base.month - 1 + n, 12)
    return date(year, month + 1, min(base.day, monthrange(year, month + 1)[1]))


def _in_month(given: dict[str, str], base: date, _back: bool) -> date:
    first = base.replace(day=1)
    if given.get("which") == "下":
        first = _months_on(first, 1)
    return first.replace(day=int(given["date4"])) if "date4" in given else _month_end(first)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


# A part of a month is taken for a day of it; the third one for the month's end.
_TENTHS = {"初": 5, "上旬": 10, "中": 15, "中旬": 20}


def _part_of_month(given: dict[str, str], base: date, _back: bool) -> date:
    day = _TENTHS.get(given["tenth"])
    if "month4" in given:
        # The year is that of the month's middle.
        named = _nearest(_number(given["month4"]), 15, base)
    else:
        named = _months_on(base.replace(day=1), 1 if given["which2"] == "下" else 0)
    return named.replace(day=day) if day else _month_end(named)


def _part_to_come(given: dict[str, str], base: date, back: bool) -> date:
    """中旬 alone is this month's, or where that is over the next one's."""
    this = _part_of_month({"tenth": given["tenth2"], "which2": "本"}, base, back)
    if back or this >= base:
        return this
    return _part_of_month({"tenth": given["tenth2"], "which2": "下"}, base, back)


def _year_end(given: dict[str, str], base: date, _back: bool) -> date:
    return date(base.year + ("明" in given["year_end"]), 12, 31)


def _english(given: dict[str, str], base: date, _back: bool) -> date:
    month = _MONTHS[(given.get("month6") or given["month7"])[:3].lower()]
    day = int(given.get("date7") or given["date8"])
    return date(int(given["year2"]), month, day) if "year2" in given else _nearest(month, day, base)


def _english_weekday(given: dict[str, str], base: date, back: bool) -> date:
    wanted = _DAY_NAMES[(given.get("weekday3") or given["weekday4"])[:3].lower()]
    if "week2" in given:
        week = 1 if given["week2"].lower() == "next" else 0
        return base - timedelta(days=base.weekday()) + timedelta(weeks=week, days=wanted)
    return base + timedelta(
        days=-((base.weekday() - wanted) % 7) if back else (wanted - base.weekday()) % 7
    )


def _english_near(given: dict[str, str], base: date, _back: bool) -> date:
    return base + timedelta(days=_NEAR_EN[given["near2"].lower()])


def _bare_date(given: dict[str, str], base: date, back: bool) -> date:
    day = int(given["date5"])
    if back:
        first = base.replace(day=1)
        return base.replace(day=day) if day <= base.day else _months_on(first, -1).replace(day=day)
    return (
        base.replace(day=day)
        if day >= base.day
        else _months_on(base.replace(day=1), 1).replace(day=day)
    )


_READERS: tuple[tuple[frozenset[str], Callable[[dict[str, str], date, bool], date]], ...] = (
    (frozenset({"year"}), _full),
    (frozenset({"month2"}), _month_day),
    (frozenset({"month3"}), _month_day),
    (frozenset({"month5"}), _month_day),
    (frozenset({"tenth"}), _part_of_month),
    (frozenset({"tenth2"}), _part_to_come),
    (frozenset({"year_end"}), _year_end),
    (frozenset({"near"}), _near_day),
    (frozenset({"week"}), _week_day),
    (frozenset({"weekday2"}), _bare_weekday),
    (frozenset({"span"}), _after),
    (frozenset({"which"}), _in_month),
    (frozenset({"end2"}), _in_month),
    (frozenset({"date5"}), _bare_date),
    (frozenset({"month6"}), _english),
    (frozenset({"month7"}), _english),
    (frozenset({"weekday3"}), _english_weekday),
    (frozenset({"weekday4"}), _english_weekday),
    (frozenset({"near2"}), _english_near),
)


def _time_after(text: str, match: re.Match[str]) -> tuple[int, time | None, time | None]:
    """Where the day and the time beside it end, the time, and when at the earliest."""
    found = _CLOCK.match(text, match.end())
    if found and found["alone"]:
        begins, at = _PARTS[found["alone"]]
        return found.end(), at, begins
    if found and (said := _time(found, match.group())):
        return found.end(), said, said
    if part := _PART_OF_DAY.get(match.group()[-1]):
        begins, at = _PARTS[part]
        return match.end(), at, begins
    return match.end(), None, None


def _time(found: re.Match[str], day: str) -> time | None:
    spoken = found["hour"] or found["hour2"]
    hour = int(spoken) if spoken.isdecimal() else sum(_NUMBERS[character] for character in spoken)
    said = (found["minute"] or found["minute2"] or "0").replace("分", "").strip()
    minute = 30 if said == "半" else int(said)
    late = found["part"] in _NOON or day in _NOON
    if late and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
