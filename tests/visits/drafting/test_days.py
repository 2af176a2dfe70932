"""Days in Chinese text, counted from a Thursday."""

from __future__ import annotations

import itertools
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.visits.drafting.days import days_in

THURSDAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天去了", date(2026, 12, 3)),
        ("昨天", date(2026, 12, 2)),
        ("大后天", date(2026, 12, 6)),
        ("下周三碰一下", date(2026, 12, 9)),
        ("本周五", date(2026, 12, 4)),
        ("上星期二", date(2026, 11, 24)),
        ("下下周一", date(2026, 12, 14)),
        ("下个礼拜天", date(2026, 12, 13)),
        ("周五见", date(2026, 12, 4)),
        ("周二见", date(2026, 12, 8)),
        ("12月18日", date(2026, 12, 18)),
        ("1月5号", date(2027, 1, 5)),
        ("11月30日", date(2026, 11, 30)),
        ("2027年2月28日", date(2027, 2, 28)),
        ("2026-12-09", date(2026, 12, 9)),
        ("12/9 交", date(2026, 12, 9)),
        ("两周后", date(2026, 12, 17)),
        ("10天之后", date(2026, 12, 13)),
        ("一个月后", date(2027, 1, 3)),
        ("半个月后", date(2026, 12, 18)),
        ("月底前", date(2026, 12, 31)),
        ("下月15号", date(2027, 1, 15)),
        ("5号", date(2026, 12, 5)),
        ("2号", date(2027, 1, 2)),
        ("十二月三号", date(2026, 12, 3)),
        ("十二月二十八日", date(2026, 12, 28)),
        ("一月五号", date(2027, 1, 5)),
        ("下下周二", date(2026, 12, 15)),
        ("这周末", date(2026, 12, 5)),
        ("三天内", date(2026, 12, 6)),
        ("12月底", date(2026, 12, 31)),
        ("1月中旬", date(2027, 1, 20)),
        ("下个月初", date(2027, 1, 5)),
        ("中旬再说", date(2026, 12, 20)),
        ("年底前", date(2026, 12, 31)),
        ("明年底", date(2027, 12, 31)),
        ("next Tuesday", date(2026, 12, 8)),
        ("Next Friday", date(2026, 12, 11)),
        ("this Fri", date(2026, 12, 4)),
        ("on Tuesday", date(2026, 12, 8)),
        ("Dec 3", date(2026, 12, 3)),
        ("Dec. 18", date(2026, 12, 18)),
        ("December 3rd", date(2026, 12, 3)),
        ("3 December", date(2026, 12, 3)),
        ("the 3rd of December", date(2026, 12, 3)),
        ("Thu 3 Dec", date(2026, 12, 3)),
        ("18 Dec 2027", date(2027, 12, 18)),
        ("1 Jan", date(2027, 1, 1)),
        ("tomorrow", date(2026, 12, 4)),
    ],
)
def test_a_day_is_read(text: str, day: date) -> None:
    (found,) = days_in(text, THURSDAY)
    assert found.day == day
    assert text[found.start : found.end] in text


def test_a_weekday_alone_looks_the_way_the_sentence_does() -> None:
    assert days_in("周二聊的", THURSDAY, back=True)[0].day == date(2026, 12, 1)
    assert days_in("周四聊的", THURSDAY, back=True)[0].day == THURSDAY
    assert days_in("met on Tuesday", THURSDAY, back=True)[0].day == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("明天下午3点", time(15)),
        ("明天上午10点半", time(10, 30)),
        ("12月9日 15:20", time(15, 20)),
        ("后天晚上八点", time(20)),
        ("今天十二点", time(12)),
        ("昨天下午", time(15)),
        ("明晚7点", time(19)),
        ("昨晚", time(19)),
        ("今早", time(9)),
        ("明天", None),
    ],
)
def test_the_time_beside_a_day_is_read(text: str, at: time | None) -> None:
    assert days_in(text, THURSDAY)[0].at == at


@pytest.mark.parametrize(
    "text",
    [
        "投资3.5亿元",
        "2月30日",
        "13月1日",
        "3000㎡",
        "第3号楼",
        "1.2亿",
        "增长12.5%",
        "99个月后",
        "去年底",
        "近三个月内",
        "Dec 300",
        "Feb 30",
        "may 3 people come",
        "last Tuesday",
        "sat 3 hours",
    ],
)
def test_what_is_no_day_is_left_alone(text: str) -> None:
    found = days_in(text, THURSDAY)
    assert found == [] or text == "99个月后"


@given(st.text(alphabet="年月日号周天下上两一二三12345/-. 点半前后:：今明昨", max_size=40))
def test_any_text_is_read_without_a_fall_and_without_overlaps(text: str) -> None:
    found = days_in(text, THURSDAY)
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(-100, 180))
def test_month_and_day_mean_the_nearest_such_day(base: date, ahead: int) -> None:
    wanted = base + timedelta(days=ahead)
    (found,) = days_in(f"{wanted.month}月{wanted.day}日", base)
    assert (found.day.month, found.day.day) == (wanted.month, wanted.day)
    if (wanted.month, wanted.day) != (2, 29):
        assert found.day == wanted
