"""What can not be right in a registration, in premises and in an arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.amounts import AmountError, parse_area, parse_wan
from crm.landing.rules import (
    Arrival,
    Milestones,
    Registration,
    Space,
    wrong_arrival,
    wrong_registration,
    wrong_space,
)
from tests.landing.making import ARRIVAL, SPACE

TODAY = date(2026, 11, 25)
SIGNED = Milestones(signed_on=date(2026, 10, 1))
BOTH = Milestones(signed_on=date(2026, 10, 1), registered_on=date(2026, 11, 1))

days = st.dates(date(1990, 1, 1), date(2110, 1, 1))


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"credit_code": "91330402MA28A00008"}, "credit_code", "末位填的是 8"),
        ({"credit_code": "9133"}, "credit_code", "这里有 4 位"),
        ({"registered_capital_cny": 0}, "registered_capital_cny", "大于 0"),
        ({"registered_capital_cny": -1}, "registered_capital_cny", "大于 0"),
        ({"registered_capital_cny": 10**13}, "registered_capital_cny", "太大"),
        ({"share_bp": 10_001}, "share", "0 到 100"),
        ({"registered_on": TODAY + timedelta(days=1)}, "registered_on", "还没有到"),
        ({"registered_on": date(2026, 9, 30)}, "registered_on", "签约前已注册"),
        ({"local_company": "长" * 201}, "local_company", "201"),
    ],
)
def test_each_wrong_value_of_a_registration_is_named(
    values: dict[str, Any], field: str, part: str
) -> None:
    errors = wrong_registration(Registration(**values), SIGNED, TODAY)
    assert set(errors) == {field}
    assert part in str(errors[field][0])


def test_the_right_check_digit_is_said() -> None:
    errors = wrong_registration(Registration(credit_code="911100008021004331"), SIGNED, TODAY)
    assert "应为 B" in str(errors["credit_code"][0])
    assert not wrong_registration(
        Registration(credit_code="９１１１ 0000 8021 0043 3b"), SIGNED, TODAY
    )


def test_a_company_older_than_its_agreement_is_asked_about_once() -> None:
    early = Registration(registered_on=date(2015, 5, 1))
    assert wrong_registration(early, SIGNED, TODAY)
    assert not wrong_registration(replace(early, before_signing=True), SIGNED, TODAY)
    assert not wrong_registration(early, Milestones(), TODAY)


def test_nobody_lands_before_registering_nor_registers_after_landing() -> None:
    before = wrong_arrival(Arrival(landed_on=date(2026, 10, 31)), BOTH, TODAY)
    assert "早于注册日期" in str(before["landed_on"][0])
    landed = replace(SIGNED, landed_on=date(2026, 11, 20))
    after = wrong_registration(Registration(registered_on=date(2026, 11, 21)), landed, TODAY)
    assert "晚于落地日期" in str(after["registered_on"][0])


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, set()),
        ({"premises": ""}, {"premises"}),
        ({"area_m2": None}, {"area_m2"}),
        ({"area_m2": 0}, {"area_m2"}),
        ({"area_m2": -5}, {"area_m2"}),
        ({"area_m2": 10**8}, {"area_m2"}),
        ({"lease_start": None}, {"lease_start"}),
        ({"lease_start": date(2036, 1, 1), "lease_end": None}, {"lease_start"}),
        ({"lease_start": date(1999, 1, 1)}, {"lease_start"}),
        ({"lease_end": SPACE.lease_start}, {"lease_end"}),
        ({"lease_end": None, "address": ""}, set()),
        ({"address": "长" * 201}, {"address"}),
    ],
)
def test_each_wrong_value_of_premises_is_named(values: dict[str, Any], fields: set[str]) -> None:
    assert set(wrong_space(replace(SPACE, **values), TODAY)) == fields


def test_nothing_said_of_premises_is_everything_missing() -> None:
    assert set(wrong_space(Space(), TODAY)) == {"premises", "area_m2", "lease_start"}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, set()),
        ({"employees": 0}, {"employees"}),
        ({"employees": 10**7}, {"employees"}),
        ({"employees_on": TODAY + timedelta(days=1)}, {"employees_on"}),
        ({"landed_on": TODAY + timedelta(days=1)}, {"landed_on"}),
    ],
)
def test_each_wrong_value_of_an_arrival_is_named(values: dict[str, Any], fields: set[str]) -> None:
    assert set(wrong_arrival(replace(ARRIVAL, **values), BOTH, TODAY)) == fields


@given(days, days, days)
def test_accepted_dates_stand_in_their_order(signed: date, registered: date, landed: date) -> None:
    known = Milestones(signed_on=signed)
    if wrong_registration(Registration(registered_on=registered), known, TODAY):
        return
    known = replace(known, registered_on=registered)
    if not wrong_arrival(Arrival(landed_on=landed), known, TODAY):
        assert signed <= registered <= landed <= TODAY


@pytest.mark.parametrize(
    ("text", "repair"), [("5千万", "5000"), ("3百万元", "300"), ("2亿", "20000")]
)
def test_an_amount_in_words_is_offered_in_wan(text: str, repair: str) -> None:
    with pytest.raises(AmountError) as error:
        parse_wan(text)
    assert error.value.repair == repair


@pytest.mark.parametrize(("text", "area"), [("3,000", 3000), ("３０００", 3000), ("-5", -5)])
def test_an_area_is_read(text: str, area: int) -> None:
    assert parse_area(text) == area


@pytest.mark.parametrize(
    ("text", "repair"),
    [("3000㎡", "3000"), ("3,000 平方米", "3000"), ("两层", None), ("3.5", None), ("9" * 12, None)],
)
def test_an_area_as_text_is_refused_and_repaired_where_we_can(
    text: str, repair: str | None
) -> None:
    with pytest.raises(AmountError) as error:
        parse_area(text)
    assert error.value.repair == repair
