"""Gates: what each stage asks, and that more facts never close a gate."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.leads.gates import GATES, LeadFacts, checks_for, missing_for
from crm.leads.stages import between, position, protection, stage_info, stages
from models.enums import Stage

DAY = date(2026, 11, 25)
FULL = LeadFacts(
    company_id=1,
    segment_id=2,
    channel_id=3,
    owner_id=4,
    team_id=5,
    has_touch=True,
    need="想要 3000㎡ 场地",
    has_visit=True,
    planned_investment_cny=50_000_000,
    planned_revenue_cny=80_000_000,
    planned_headcount=120,
    district_id=6,
    park_id=7,
    next_step="答复场地方案",
    next_step_on=DAY,
    signed_on=DAY,
    signed_investment_cny=50_000_000,
    has_agreement=True,
    offer_ready=True,
    local_company_id=8,
    credit_code_holds=True,
    registered_capital_cny=10_000_000,
    registered_on=DAY,
    has_premises=True,
    employees=12,
    landed_on=DAY,
)
NONE = LeadFacts()
FACT_OF = {
    "company": "company_id",
    "segment": "segment_id",
    "channel": "channel_id",
    "owner": "owner_id",
    "team": "team_id",
    "touch": "has_touch",
    "visit": "has_visit",
    "district": "district_id",
    "agreement": "has_agreement",
    "offer": "offer_ready",
    "local_company": "local_company_id",
    "credit_code": "credit_code_holds",
    "premises": "has_premises",
}

some_facts = st.builds(
    lambda names: replace(NONE, **{name: getattr(FULL, name) for name in names}),
    st.sets(st.sampled_from([f.name for f in fields(LeadFacts)])),
)


def test_every_stage_asks_what_the_registry_knows_and_nothing_is_asked_twice() -> None:
    asked = [field for info in stages() for field in info.checks]
    assert sorted(asked) == sorted(GATES)


def test_stages_stand_in_the_order_of_the_enum() -> None:
    assert [info.stage for info in stages()] == list(Stage)
    assert [position(stage) for stage in Stage] == [0, 1, 2, 3, 4, 5]
    assert [info.stalled_after for info in stages()] == [30, 45, 90, 120, 180, None]
    assert str(stage_info(Stage.NEGOTIATING).name) == "洽谈"
    assert (protection().days, protection().warning_days) == (90, 14)


def test_the_way_up_names_every_stage_entered() -> None:
    way = between(Stage.IDENTIFIED, Stage.NEGOTIATING)
    assert [info.stage for info in way] == [Stage.ENGAGED, Stage.NEGOTIATING]
    assert between(Stage.NEGOTIATING, Stage.ENGAGED) == ()
    assert [info.stage for info in between(None, Stage.ENGAGED)] == [
        Stage.IDENTIFIED,
        Stage.ENGAGED,
    ]


@pytest.mark.parametrize("field", sorted(GATES))
def test_each_check_looks_at_its_own_fact(field: str) -> None:
    without: dict[str, Any] = {FACT_OF.get(field, field): getattr(NONE, FACT_OF.get(field, field))}
    assert [check.field for check in missing_for(replace(FULL, **without), Stage.LANDED)] == [field]


def test_everything_missing_on_the_whole_way_is_named_with_what_to_do() -> None:
    missing = missing_for(NONE, Stage.NEGOTIATING, Stage.IDENTIFIED)
    assert [(check.field, check.stage) for check in missing][:3] == [
        ("touch", Stage.ENGAGED),
        ("need", Stage.ENGAGED),
        ("visit", Stage.NEGOTIATING),
    ]
    assert len(missing) == 9
    assert str(missing[0].message) == "先记一次见到人的走访或电话，写上见了谁。"


@pytest.mark.parametrize(
    "facts",
    [{"need": "  "}, {"planned_investment_cny": 0}, {"planned_headcount": -1}, {"next_step": ""}],
)
def test_blank_words_and_zero_amounts_are_no_answer(facts: dict[str, Any]) -> None:
    missing = missing_for(replace(FULL, **facts), Stage.NEGOTIATING)
    assert [check.field for check in missing] == list(facts)


def test_a_place_outside_the_parks_is_enough() -> None:
    assert missing_for(replace(FULL, park_id=None), Stage.LANDED) == []


def test_facts_are_kept_as_json() -> None:
    kept = FULL.as_json()
    assert kept["signed_on"] == "2026-11-25"
    assert kept["planned_investment_cny"] == 50_000_000


@given(some_facts, st.sampled_from([f.name for f in fields(LeadFacts)]), st.sampled_from(Stage))
def test_one_more_fact_never_closes_a_gate(facts: LeadFacts, name: str, target: Stage) -> None:
    more = replace(facts, **{name: getattr(FULL, name)})
    before = {check.field for check in missing_for(facts, target)}
    assert {check.field for check in missing_for(more, target)} <= before


@given(some_facts, st.sampled_from(Stage), st.sampled_from(Stage))
def test_a_further_stage_asks_all_that_a_nearer_one_asks(
    facts: LeadFacts, a: Stage, b: Stage
) -> None:
    near, far = sorted((a, b), key=position)
    asked = {check.field for check in checks_for(facts, far)}
    assert {check.field for check in checks_for(facts, near)} <= asked
