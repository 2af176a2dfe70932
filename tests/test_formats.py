"""How values are written for people, and amounts read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
import time_machine
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

from crm import formats
from crm.amounts import LARGEST_CNY, AmountError, parse_wan, wan_text
from crm.messages import Money, Name, msg, nmsg

TODAY = date(2026, 12, 3)


@pytest.fixture(autouse=True)
def page(tmp_path: Path) -> Iterator[Flask]:
    english = Catalog(locale="en")
    english.add(("停滞 %(n)s 天", "停滞 %(n)s 天"), ("stalled %(n)s day", "stalled %(n)s days"))
    english.add(("%(num)s 天前", "%(num)s 天前"), ("%(num)s day ago", "%(num)s days ago"))
    english.add("今天", "today")
    english.add("明天", "tomorrow", context="in a sentence")
    english.add(
        "%(stage)s：%(money)s，%(day)s，%(more)s", "%(stage)s: %(money)s, %(day)s, %(more)s"
    )
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, english)
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app, default_locale="zh_Hans_CN")
    formats.register(app)
    now = datetime(2026, 12, 3, 1, tzinfo=timezone.utc)
    with time_machine.travel(now, tick=False), app.app_context():
        yield app


def in_english(write: Callable[[], str]) -> str:
    with force_locale("en"):
        return write()


@pytest.mark.parametrize(
    ("cny", "zh", "en"),
    [
        (0, "0元", "CNY 0"),
        (8_000, "8000元", "CNY 8,000"),
        (50_000, "5万元", "CNY 50,000"),
        (12_345, "1.2万元", "CNY 12,345"),
        (50_000_000, "5000万元", "CNY 50m"),
        (99_999_999, "1亿元", "CNY 100m"),
        (120_000_000, "1.2亿元", "CNY 120m"),
        (125_000_000, "1.3亿元", "CNY 125m"),
        (999_999_999, "10亿元", "CNY 1bn"),
        (1_200_000_000, "12亿元", "CNY 1.2bn"),
    ],
)
def test_money(cny: int, zh: str, en: str) -> None:
    assert formats.money(cny) == zh
    assert in_english(lambda: formats.money(cny)) == en


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (date(2026, 12, 10), "12月10日 周四", "Thu 10 Dec"),
        (date(2027, 1, 8), "2027年1月8日 周五", "Fri 8 Jan 2027"),
        (TODAY, "今天", "today"),
    ],
)
def test_days(value: date, zh: str, en: str) -> None:
    assert formats.day(value) == zh
    assert in_english(lambda: formats.day(value)) == en


def test_near_days_short_days_and_moments() -> None:
    assert formats.day(date(2026, 12, 2)) == "昨天"
    assert formats.day(date(2026, 12, 4)) == "明天"
    assert in_english(lambda: formats.day(date(2026, 12, 4))) == "tomorrow"
    assert formats.short_day(date(2026, 12, 10)) == "12月10日"
    assert in_english(lambda: formats.short_day(date(2026, 12, 10))) == "10 Dec"
    late = datetime(2026, 11, 19, 16, 5, tzinfo=timezone.utc)
    assert formats.moment(late) == "11月20日 周五 00:05"


def test_past_distances() -> None:
    assert formats.ago(date(2026, 11, 20)) == "13 天前"
    assert formats.ago(date(2026, 12, 2)) == "昨天"
    assert in_english(lambda: formats.ago(date(2026, 11, 20))) == "13 days ago"


def test_areas_and_counts() -> None:
    assert (formats.area(3000), formats.count(12000)) == ("3000㎡", "12,000")
    assert in_english(lambda: formats.area(3000)) == "3,000 m²"


def test_a_sentence_is_said_with_all_its_values() -> None:
    sentence = msg(
        "%(stage)s：%(money)s，%(day)s，%(more)s",
        stage=Name("洽谈", "Negotiating"),
        money=Money(120_000_000),
        day=date(2026, 12, 1),
        more=nmsg("停滞 %(n)s 天", 1),
    )
    assert formats.say(sentence) == "洽谈：1.2亿元，12月1日，停滞 1 天"
    said = in_english(lambda: formats.say(sentence))
    assert said == "Negotiating: CNY 120m, 1 Dec, stalled 1 day"
    assert in_english(lambda: formats.say(nmsg("停滞 %(n)s 天", 94))) == "stalled 94 days"


def test_a_day_word_stands_between_spaces_beside_an_arrow_alone() -> None:
    day = date(2026, 12, 10)
    changed = msg("%(field)s：%(before)s → %(after)s", field="落地日期", before=day, after=TODAY)
    back = msg("%(field)s：%(before)s → %(after)s", field="落地日期", before=TODAY, after=day)
    assert formats.say(changed) == "落地日期：12月10日 → 今天"
    assert formats.say(back) == "落地日期：今天 → 12月10日"
    assert formats.say(msg("约好 %(day)s 答复", day=TODAY)) == "约好今天答复"
    assert formats.say(msg("约好 %(day)s 答复", day=day)) == "约好 12月10日 答复"


def test_a_percent_sign_that_somebody_typed_is_kept() -> None:
    assert (
        formats.say(msg("约好今天%(text)s。", text="谈 50%(s) 补贴")) == "约好今天谈 50%(s) 补贴。"
    )


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("138 0000 0001", "13800000001"),
        ("+86 (10) 6275-1234 转 801", "+861062751234,801"),
        ("010-62751234 ext. 8", "01062751234,8"),
    ],
)
def test_a_number_is_dialled_without_what_is_only_written(written: str, dialled: str) -> None:
    assert formats.dialled(written) == dialled


def test_templates_have_them(page: Flask) -> None:
    template = page.jinja_env.from_string(
        "{{ 50000000|money }} {{ 120000000|wan }}{{ '好。 '|unstopped }}"
    )
    assert template.render() == "5000万元 12,000好"


@pytest.mark.parametrize(
    ("text", "cny"),
    [
        ("5000", 50_000_000),
        ("5,000", 50_000_000),
        (" 5000.5 ", 50_005_000),
        ("５０００", 50_000_000),
    ],
)
def test_amounts_are_read(text: str, cny: int) -> None:
    assert parse_wan(text) == cny


@pytest.mark.parametrize(
    ("text", "sentence", "repair"),
    [
        ("5000万", "只填数字。您要填的是 5000万元吗？", "5000"),
        ("1.2 亿元", "只填数字。您要填的是 1.2亿元吗？", "12000"),
        ("50000000元", "只填数字。您要填的是 5000万元吗？", "5000"),
        ("五千万", "只填数字。您要填的是 5000万元吗？", "5000"),
        ("1亿2000万", "只填数字。您要填的是 1.2亿元吗？", "12000"),
        ("五千", "只填数字，单位是万元。", None),
        ("零万", "要大于 0，请重填。", None),
        ("万亿", "只填数字，单位是万元。", None),
        ("-3", "要大于 0，请重填。", None),
        ("0", "要大于 0，请重填。", None),
        ("", "只填数字，单位是万元。", None),
        ("很多", "只填数字，单位是万元。", None),
        ("5000美元", "只填数字，单位是万元。", None),
        ("1,2", "只填数字，单位是万元。", None),
        ("1.00001", "最多填到小数点后四位，也就是元。", None),
        ("100000001", "数字太大了，请看单位：这里填的是万元。", None),
    ],
)
def test_other_amounts_get_a_sentence(text: str, sentence: str, repair: str | None) -> None:
    with pytest.raises(AmountError) as error:
        parse_wan(text)
    assert formats.say(error.value.message) == sentence
    assert error.value.repair == repair


@given(st.integers(1, LARGEST_CNY))
def test_what_is_written_reads_back(cny: int) -> None:
    assert parse_wan(formats.wan(cny)) == cny
    assert parse_wan(wan_text(cny)) == cny
