"""What each rule gives: a worked case, its edges, its switches both ways, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from crm.errors import Refusal
from crm.offers.incentives import Verdict, calculate
from crm.offers.policy import policy
from crm.offers.terms import Kind
from tests.offers.cases import CASES, WAN, facts_of, result, without

POLICY = policy()
NEEDED = [
    (code, name)
    for code in CASES
    for name in facts_of(code)
    # One of the two that make a project worth it is enough.
    if name != "is_major_project"
]


@pytest.mark.parametrize("code", CASES)
def test_the_worked_case(code: str) -> None:
    found = result(code)
    assert (found.verdict, found.amount_cny) == (Verdict.APPLIES, CASES[code][1])
    assert found.working
    assert not found.missing


@pytest.mark.parametrize(("code", "name"), NEEDED)
def test_a_missing_fact_is_named_and_never_gives_an_amount(code: str, name: str) -> None:
    found = result(code, without(facts_of(code), name))
    assert found.verdict is Verdict.NEEDS_FACT
    assert found.amount_cny is None
    assert [one.fact.name for one in found.missing] == [name]
    assert found.missing[0].who == POLICY.known_by[found.missing[0].fact.known_by]


@pytest.mark.parametrize(
    ("code", "name"),
    [(c, n) for c, n in NEEDED if POLICY.by_code[c].by_name[n].none is None],
)
def test_null_is_missing_where_the_policy_has_no_word_for_it(code: str, name: str) -> None:
    found = result(code, facts_of(code, **{name: None}))
    assert found.amount_cny is None
    assert [one.fact.name for one in found.missing] == [name]


@pytest.mark.parametrize(
    ("code", "name"),
    [(c, n) for c, n in NEEDED if isinstance(CASES[c][0].get(n), bool) and CASES[c][0][n]],
)
def test_a_condition_that_fails_decides(code: str, name: str) -> None:
    """Whatever else is missing; for a leading company the other way in is closed too."""
    found = result(
        code,
        {name: False, "is_major_project": False} if code == "project-subsidy" else {name: False},
    )
    assert found.verdict is Verdict.DOES_NOT
    assert found.amount_cny is None
    assert found.working


def test_kinds_are_summed_apart() -> None:
    facts: dict[str, Any] = {"already_paid": []}
    for code, (one, _amount) in CASES.items():
        facts |= {f"{code}.{name}": value for name, value in one.items()}
    found = calculate(facts, POLICY)
    sums: dict[Kind, int] = {}
    for code, (_facts, cny) in CASES.items():
        if cny is not None:
            kind = POLICY.by_code[code].kind
            sums[kind] = sums.get(kind, 0) + cny
    assert found.totals == sums
    assert Kind.RECOGNITION not in found.totals
    assert len(found.having(Verdict.APPLIES)) == len(CASES)


def test_every_result_is_marked_as_a_draft() -> None:
    texts = [str(text) for text in calculate({}, POLICY).caveats]
    assert texts == [
        "征求意见稿，没有约束力",
        "能否叠加未定，合计按全部可以叠加算",
        "由哪一级财政承担未定",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("is_atracted", True),
        ("training.is_attracted", True),
        ("is_attracted", 1),
        ("is_attracted", "true"),
        ("training_fee_cny", -1),
        ("training_fee_cny", 1.5),
        ("training_fee_cny", True),
        ("training_fee_cny", "12000"),
        ("training_fee_cny", 10**12 + 1),
        ("order_year", 26),
        ("cert", "ISO9001"),
        ("cert_level", 2.0),
        ("product_name", " "),
        ("product_name", "名" * 201),
        ("revenue_growth", float("nan")),
        ("target_list", "china-software-100"),
        ("target_list", ["fortune-500"]),
        ("main_people", [{"name": "陈思远", "share": 90}]),
        ("main_people", [{"who": "陈思远"}]),
        ("already_paid", {"rule": "training"}),
        ("already_paid", ["training"]),
        ("already_paid", [{"rule": "nothing"}]),
        ("already_paid", [{"rule": "training", "moon": 1}]),
        ("already_paid", [{"rule": "training", "amount_cny": -1}]),
        ("already_paid", [{"rule": "outsourcing", "year": 2026}]),
        ("already_paid", [{"rule": "revenue-tier", "tier": 1}]),
    ],
)
def test_what_is_wrong_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(Refusal) as refused:
        calculate({name: value}, POLICY)
    assert list(refused.value.errors) == [name]
    assert name in " ".join(map(str, refused.value.errors[name]))


@pytest.mark.parametrize(
    ("switches", "rules", "name"),
    [
        ({"mood": "good"}, None, "mood"),
        ({"jump": "far"}, None, "jump"),
        ({"outsourcing.jump": "sum_of_new"}, None, "outsourcing.jump"),
        ({"jump": "sum_of_new"}, ["training"], "jump"),
        ({}, ["nothing"], "rule"),
    ],
)
def test_wrong_switches_and_rules_are_refused(
    switches: dict[str, str], rules: list[str] | None, name: str
) -> None:
    with pytest.raises(Refusal) as refused:
        calculate({}, POLICY, switches=switches, rules=rules)
    assert list(refused.value.errors) == [name]


def test_a_switch_of_one_rule_goes_before_one_of_all() -> None:
    switches = {"cap_per": "company", "outsourcing.cap_per": "order"}
    found = calculate({}, POLICY, switches=switches)
    assert [r.value for r in found.of("outsourcing").readings] == ["order"]
    assert found.of("project-subsidy").readings[0].value == "company"


def test_a_fact_of_one_rule_goes_before_one_of_all() -> None:
    facts = facts_of("project-subsidy") | facts_of("fund") | {"fund.proposed_amount_cny": 7}
    found = calculate(facts, POLICY)
    assert found.of("fund").amount_cny == 7
    assert found.of("project-subsidy").amount_cny == 2000 * WAN
