"""How far an amount may go: pure, and never above a cap whatever is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import Actor
from crm.errors import Refusal
from crm.offers import rules
from crm.offers.incentives import calculate
from crm.offers.policy import policy
from crm.offers.rules import Decision, Version
from models.enums import OfferState, Role
from tests.offers.cases import CASES, facts_of, result

CODES = [rule.code for rule in rules.offered(policy())]
AT = datetime(2026, 11, 27, 2, 5, tzinfo=timezone.utc)


def held(lines: dict[str, int], facts: Mapping[str, Any]) -> tuple[rules.Line, ...]:
    rules.check_lines(lines, policy())
    known = rules.with_amounts(facts, lines, policy())
    return rules.hold(lines, calculate(known, policy(), rules=lines))


@given(code=st.sampled_from(CODES), amount=st.integers(-1, 10**13), known=st.booleans())
def test_no_line_is_ever_above_its_cap(code: str, amount: int, known: bool) -> None:
    facts = facts_of(code) if known else {}
    try:
        (line,) = held({code: amount}, facts)
    except Refusal:
        return
    assert (line.rule_code, line.amount_cny) == (code, amount)
    assert amount > 0
    for cap in (line.cap_cny, policy().by_code[code].cap_cny):
        assert cap is None or amount <= cap


@pytest.mark.parametrize("code", CODES)
def test_to_the_cny(code: str) -> None:
    """The most that is let pass is what the rule gives, or its cap; one CNY more is refused."""
    facts, gives = facts_of(code), CASES[code][1]
    found = result(code)
    most = rules.most_of(found)
    assert most is not None
    if not rules.is_negotiated(found.rule):
        assert most == gives
    (line,) = held({code: most}, facts)
    assert line.calculated_cny == most
    with pytest.raises(Refusal) as refused:
        held({code: most + 1}, facts)
    assert set(refused.value.errors) == {rules.field_of(code)}


def test_what_does_not_apply_is_not_offered() -> None:
    with pytest.raises(Refusal, match="还不能保存") as refused:
        held({"project-subsidy": 10_000}, {"is_attracted": False})
    assert "不适用" in str(refused.value.errors["lines.project-subsidy"][0])


@pytest.mark.parametrize("state", list(OfferState))
def test_who_may_do_what_with_a_version(state: OfferState) -> None:
    version = Version(1, state, proposer_id=1, by="钟文", at=AT)
    boss, own, scout = Actor(2, Role.MANAGER), Actor(1, Role.MANAGER), Actor(1, Role.SCOUT)
    waits = state is OfferState.PROPOSED
    assert rules.may_decide(version, boss) is waits
    assert not rules.may_decide(version, own)
    assert not rules.may_decide(version, scout)
    assert rules.may_withdraw(version, scout, signed=True) is waits
    assert rules.may_withdraw(version, scout, signed=False) is (
        waits or state is OfferState.RECORDED
    )
    assert rules.may_withdraw(version, own, signed=True) is waits
    assert rules.may_withdraw(version, Actor(3, Role.TEAM_LEAD), signed=True) is waits
    assert not rules.may_withdraw(version, boss, signed=True)
    assert not rules.may_withdraw(version, Actor(3, Role.AUDITOR), signed=False)
    if not waits:
        told = rules.conflict_of(version, Decision.APPROVE)
        assert told.status == 409
        assert ("钟文" in str(told.message)) is (state is not OfferState.RECORDED)
