"""Sentences that are kept as JSON and said later."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.messages import Message, Money, Name, msg, nmsg
from crm.packing import pack, pack_value, sentence, unpack, unpack_value

MOMENTS = st.datetimes(timezones=st.just(timezone(timedelta(hours=8))))


@given(st.text(), st.integers(), st.dates(), MOMENTS, st.booleans())
def test_a_sentence_comes_back_as_it_was(
    text: str, number: int, day: date, moment: datetime, exact: bool
) -> None:
    values = {"a": text, "n": number, "d": day, "at": moment, "m": nmsg("乙", 3, inner=msg("丙"))}
    said = msg("甲", **values, name=Name("嘉兴", "Jiaxing"), cny=Money(number, exact))
    assert unpack(json.loads(json.dumps(pack(said)))) == said
    assert unpack_value(json.loads(json.dumps(pack_value(said)))) == said


def test_what_earlier_changes_of_many_leads_kept_is_still_read() -> None:
    before = {"msgid": "甲", "params": {"name": {"zh": "嘉兴", "en": "Jiaxing"}}, "count": None}
    assert unpack_value(before) == Message("甲", {"name": Name("嘉兴", "Jiaxing")})
    within = {"msgid": "乙", "params": {"m": before}, "count": 3}
    assert unpack_value(within) == Message("乙", {"m": unpack_value(before)}, 3)


def test_what_earlier_imports_kept_is_still_read() -> None:
    before = {"msg": "甲", "params": {"cny": {"cny": 5}, "day": {"day": "2026-12-03"}}, "count": 2}
    read = Message("甲", {"cny": Money(5), "day": date(2026, 12, 3)}, 2)
    assert sentence(before) == read
    assert unpack_value({"msg": "乙", "params": {"m": before}, "count": None}) == Message(
        "乙", {"m": read}
    )
    assert str(sentence("名次只到 100%，请核对。")) == "名次只到 100%，请核对。"


def test_what_is_no_part_of_a_sentence_is_refused() -> None:
    for wrong in ([], None, {"day": 3}, {"message": "甲"}):
        with pytest.raises(ValueError, match="no value of a sentence"):
            unpack_value(wrong)
