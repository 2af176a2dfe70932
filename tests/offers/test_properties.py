"""What holds for any facts: caps, whole sums, more never gives less, and nothing else matters."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import Refusal
from crm.offers.incentives import Calculation, Verdict, calculate
from crm.offers.parsing import PROPOSED
from crm.offers.policy import policy
from crm.offers.terms import Fact, FactType, Kind
from tests.offers.cases import CASES, YI, facts_of, result

POLICY = policy()
cny = st.integers(min_value=0, max_value=60 * YI)
FACTS: dict[str, list[Fact]] = {}
for _rule in POLICY.rules:
    for _fact in _rule.facts:
        FACTS.setdefault(_fact.name, []).append(_fact)
SWITCHES = {
    f"{rule.code}.{switch.name}": [option.value for option in switch.options]
    for rule in POLICY.rules
    for switch in rule.switches
}


def values_of(facts: list[Fact]) -> st.SearchStrategy[Any]:
    """Values of a fact that may be right together with others."""
    fact = facts[0]
    choices = sorted({choice.value for one in facts for choice in one.values})
    kinds: dict[FactType, st.SearchStrategy[Any]] = {
        FactType.BOOL: st.sampled_from([True, True, False]),
        FactType.MONEY: cny,
        FactType.INT: st.integers(1, 5),
        FactType.YEAR: st.integers(2020, 2030),
        FactType.RATIO: st.floats(-1, 10),
        FactType.TEXT: st.sampled_from(["甲", "乙"]),
        FactType.ENUM: st.sampled_from(choices or [""]),
        FactType.LIST: st.lists(st.sampled_from(choices or ["甲"]), unique=True),
    }
    return kinds[fact.type]


payments = st.lists(
    st.builds(
        lambda rule, amount, keys: {"rule": rule, "amount_cny": amount, **keys},
        st.sampled_from(list(CASES)),
        st.integers(0, 50_000_000),
        st.sampled_from(
            [{}, {"year": 2026}, {"product": "甲"}, {"project": "乙"}, {"course": "甲"}]
        ),
    ),
    max_size=3,
)
some_facts = st.fixed_dictionaries(
    {},
    optional={
        name: payments if name == "already_paid" else values_of(facts)
        for name, facts in FACTS.items()
        if name != "revenue_growth"
    },
)
some_switches = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(options) for name, options in SWITCHES.items()}
)


def worked(facts: dict[str, Any], switches: dict[str, str] | None = None) -> Calculation | None:
    """The calculation, or None for facts that can not be true together."""
    try:
        return calculate(facts, POLICY, switches=switches or {})
    except Refusal:
        return None


@given(some_facts, some_switches)
@settings(max_examples=100, deadline=None)
def test_never_above_a_cap_and_always_whole(
    facts: dict[str, Any], switches: dict[str, str]
) -> None:
    found = worked(facts, switches)
    if found is None:
        return
    for one in found.results:
        applies = one.verdict is Verdict.APPLIES
        assert bool(one.missing) <= (one.verdict in {Verdict.NEEDS_FACT, Verdict.NEEDS_RULING})
        assert applies or one.amount_cny is None
        if one.amount_cny is not None:
            assert type(one.amount_cny) is int
            assert one.amount_cny >= 0
            assert one.cap_cny is None or one.amount_cny <= one.cap_cny
            assert one.rule.cap_cny is None or one.amount_cny <= one.rule.cap_cny
    assert all(type(total) is int for total in found.totals.values())
    by_kind = dict.fromkeys(Kind, 0)
    for one in found.results:
        by_kind[one.rule.kind] += one.amount_cny or 0
    assert all(by_kind[kind] == total for kind, total in found.totals.items())


@given(some_facts, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_facts_does_not_matter(facts: dict[str, Any], order: random.Random) -> None:
    names = list(facts)
    order.shuffle(names)
    assert worked({name: facts[name] for name in names}) == worked(facts)


@given(some_facts, st.sampled_from(sorted(FACTS)), st.data())
@settings(max_examples=100, deadline=None)
def test_a_fact_that_a_rule_does_not_ask_changes_nothing_of_it(
    facts: dict[str, Any], name: str, data: st.DataObject
) -> None:
    value = data.draw(payments if name == "already_paid" else values_of(FACTS[name]))
    before, after = worked(facts), worked({**facts, name: value})
    if before is None or after is None:
        return
    for old, new in zip(before.results, after.results, strict=True):
        if name not in old.rule.by_name:
            assert old == new


@given(some_facts, st.data())
@settings(max_examples=100, deadline=None)
def test_knowing_less_never_gives_more(facts: dict[str, Any], data: st.DataObject) -> None:
    """Without a fact a rule gives the same or nothing: never another amount."""
    optional = {name for name, asked in FACTS.items() if all(fact.optional for fact in asked)}
    names = sorted(set(facts) - optional)
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    before = worked(facts)
    after = worked({key: value for key, value in facts.items() if key != name})
    if before is None or after is None:
        return
    for old, new in zip(before.results, after.results, strict=True):
        assert new.amount_cny in {None, old.amount_cny}


GROWING = [
    ("project-subsidy", PROPOSED),
    ("fund", PROPOSED),
    ("fund", "fund_left_cny"),
    ("training", "training_fee_cny"),
    ("outsourcing", "executed_order_cny"),
    ("revenue-tier", "software_revenue_cny"),
    ("key-rd-city", PROPOSED),
    ("key-rd-match", PROPOSED),
    ("key-rd-match", "upstream_grant_cny"),
]


@given(st.sampled_from(GROWING), cny, cny, some_switches)
@settings(max_examples=100, deadline=None)
def test_more_never_gives_less(
    case: tuple[str, str], one: int, other: int, switches: dict[str, str]
) -> None:
    code, name = case
    own = {k.partition(".")[2]: v for k, v in switches.items() if k.startswith(f"{code}.")}
    least, most = sorted((min(one, 50 * YI), min(other, 50 * YI)))
    less = result(code, facts_of(code, **{name: least}), **own).amount_cny or 0
    more = result(code, facts_of(code, **{name: most}), **own).amount_cny or 0
    assert less <= more


@given(
    st.sampled_from(
        [
            ("cert-cmmi", "CMMI"),
            ("cert-cmmi", "T/SIA009-2020"),
            ("cert-other", "ITSS"),
            ("cert-other", "CS"),
            ("cert-other", "CCRC"),
        ]
    ),
    st.sampled_from(SWITCHES["cert-cmmi.first_pass_steps"]),
    st.none() | st.integers(1, 5),
)
@settings(max_examples=100, deadline=None)
def test_a_better_level_never_gives_less(
    case: tuple[str, str], reading: str, prior: int | None
) -> None:
    code, cert = case
    scale = POLICY.scales[cert]
    if prior is not None and not scale.holds(prior):
        return
    levels = sorted((n for n in range(1, 6) if scale.holds(n)), key=scale.rank)
    amounts = [
        result(
            code,
            facts_of(code, cert=cert, cert_level=level, best_prior_level=prior),
            first_pass_steps=reading,
        ).amount_cny
        or 0
        for level in levels
    ]
    assert amounts == sorted(amounts)
