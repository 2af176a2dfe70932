"""Amounts, days and old notes as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.leads.importing.directory import stage_of
from crm.leads.importing.history import read_notes
from crm.leads.importing.values import (
    WAN,
    YI,
    YUAN,
    day_of,
    read_amount,
    read_count,
    read_day,
    read_past_day,
    unit_of,
)
from models.enums import Stage, Status

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "unit", "cny"),
    [
        ("5000", WAN, 50_000_000),
        ("1.2", YI, 120_000_000),
        ("800000", YUAN, 800_000),
        ("1.2亿元", WAN, 120_000_000),
        ("五千万", YUAN, 50_000_000),
        ("一亿二千三百万元", WAN, 123_000_000),
        ("两亿零五十万", WAN, 200_500_000),
        ("1.5亿2000万", WAN, 170_000_000),
        ("5,000 万", YI, 50_000_000),
        ("约３０００万元", WAN, 30_000_000),
        ("待定", WAN, None),
        ("0", WAN, None),
        ("——", WAN, None),
    ],
)
def test_amounts_in_the_headers_unit_or_their_own(text: str, unit: int, cny: int | None) -> None:
    assert read_amount(text, unit, "x") == (cny, None)


@pytest.mark.parametrize("text", ["-3", "五千", "1000-2000", "500万美元", "99999999亿元"])
def test_what_is_no_amount_says_what_to_do(text: str) -> None:
    amount, problem = read_amount(text, WAN, "planned_investment_cny")
    assert amount is None
    assert problem
    assert problem.column == "planned_investment_cny"


@pytest.mark.parametrize(
    ("header", "unit"),
    [("计划总投资(万元)", WAN), ("投资额（亿元）", YI), ("投资额(元)", YUAN), ("总投资", WAN)],
)
def test_the_header_names_the_unit(header: str, unit: int) -> None:
    assert unit_of(header) == unit


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年11月3日", date(2026, 11, 3)),
        ("2026.11.3", date(2026, 11, 3)),
        ("2026/11/03", date(2026, 11, 3)),
        ("20261103", date(2026, 11, 3)),
        ("46329", date(2026, 11, 3)),
        ("11月3日", date(2026, 11, 3)),
        ("1月8日", date(2027, 1, 8)),
        ("2026-11-03 00:00:00", date(2026, 11, 3)),
        ("2026年12月", date(2026, 12, 31)),
        ("12月上旬", date(2026, 12, 10)),
        ("四季度", date(2026, 12, 31)),
        ("2027年", date(2027, 12, 31)),
        ("年底", date(2026, 12, 31)),
        ("12月10日前", date(2026, 12, 10)),
        ("2026.12.10（周四）之前", date(2026, 12, 10)),
        ("12月底前", date(2026, 12, 31)),
    ],
)
def test_days_in_the_usual_ways(text: str, day: date) -> None:
    assert read_day(text, TODAY, "x") == (day, None)


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_a_whole_date_is_read_back_however_it_is_written(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for text in (f"{day:%Y.%m.%d}", f"{day.year}年{day.month}月{day.day}日", serial):
        assert day_of(text, TODAY) == day


def test_no_day_lies_at_the_ends_of_the_calendar() -> None:
    for text in ("9999-12-31", "9998年", "0001-01-01"):
        assert read_day(text, TODAY, "x")[1], text
    assert read_past_day("0001-01-01", TODAY, "x")[1]


@pytest.mark.parametrize("text", ["2026-11-26", "2026年2月30日", "明天", "13月1日"])
def test_a_day_behind_us_is_no_other(text: str) -> None:
    assert read_past_day(text, TODAY, "signed_on")[1]


def test_a_day_behind_us_without_a_year_is_the_last_one() -> None:
    assert read_past_day("12月3日", TODAY, "x")[0] == date(2025, 12, 3)


@pytest.mark.parametrize(
    ("text", "count"), [("160人", 160), ("3,000㎡", 3000), ("1.5万平方米", 15_000), ("", None)]
)
def test_counts_with_their_units(text: str, count: int | None) -> None:
    assert read_count(text, "x") == (count, None)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("在谈", (Stage.NEGOTIATING, Status.ACTIVE)),
        ("洽谈阶段", (Stage.NEGOTIATING, Status.ACTIVE)),
        ("已签约", (Stage.COMMITTED, Status.ACTIVE)),
        ("Engaged", (Stage.ENGAGED, Status.ACTIVE)),
        ("暂缓", (None, Status.ON_HOLD)),
        ("终止", (None, Status.LOST)),
        ("天知道", None),
    ],
)
def test_stage_words(word: str, found: object) -> None:
    assert stage_of(word) == found


def test_old_notes_keep_author_and_day() -> None:
    text = "2026.11.3 张三：谈了场地，计划12月3日签约。11月5日（李四）要求补材料；\n3月下旬再谈"
    first, second = read_notes("最新进展", text, TODAY)
    assert (first.author, first.on) == ("张三", TODAY - timedelta(days=22))
    assert first.text == "谈了场地，计划12月3日签约。"
    assert (second.author, second.on) == ("李四", TODAY - timedelta(days=20))
    assert "3月下旬再谈" in second.text


@pytest.mark.parametrize("text", ["12月3日将来访", "方案：已发", "缺资金"])
def test_what_bears_no_day_behind_us_is_one_note_without_a_day(text: str) -> None:
    (note,) = read_notes("备注", text, TODAY)
    assert (note.text, note.author, note.on) == (text, "", None)


@given(st.text(max_size=200))
def test_whatever_stands_there_is_kept(text: str) -> None:
    kept = "".join(note.text + note.author for note in read_notes("备注", text, TODAY))
    letters = [c for c in text if c.isalpha() and c not in "年月日号"]
    assert set(letters) <= set(kept)


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (YI, "只填数字，单位是亿元。"),
        (YUAN, "只填数字，单位是元。"),
        (WAN, "只填数字，单位是万元。"),
    ],
)
def test_no_amount_is_asked_for_in_the_unit_of_its_column(unit: int, said: str) -> None:
    _cny, problem = read_amount("待定吧", unit, "planned_investment_cny")
    assert problem is not None
    assert str(problem.message) == said
