"""How a calculation says values: exact, never rounded up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from crm.messages import Money, Name, Value, msg
from crm.offers.terms import Fact, FactType, Policy, Rule

# A share is written with two decimals of a percent, rounded down: a growth just short of a limit
# never reads as the limit.
_HUNDREDTHS = 100


def exact(cny: int) -> Money:
    """An amount to the last CNY: 1.2345万元."""
    return Money(cny, exact=True)


def percent(share: Fraction) -> str:
    """A share: 12.5%."""
    whole, part = divmod(int(share * 100 * _HUNDREDTHS // 1), _HUNDREDTHS)
    if share < 0:
        return f"-{percent(-share)}"
    return f"{whole}.{part:02}".rstrip("0").rstrip(".") + "%"


def said(fact: Fact, value: Any) -> Value:
    """A fact's value, as people say it."""
    if value is None:
        return fact.none or msg("没有")
    say = _SAID.get(fact.type)
    return say(fact, value) if say else str(value)


def _called(fact: Fact, value: str) -> Name:
    return next((c.name for c in fact.values if c.value == value), Name(value, value))


def _listed(fact: Fact, values: list[Any]) -> Value:
    names = [_called(fact, v) if isinstance(v, str) else Name(*_person(v)) for v in values]
    if not names:
        return msg("没有")
    return Name("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def _person(value: Any) -> tuple[str, str]:
    text = str(value.get("name", "")) if isinstance(value, dict) else str(value)
    if isinstance(value, dict) and "share" in value:
        text = f"{text} {value['share']}%"
    return text, text


def who_knows(fact: Fact, policy: Policy) -> Name:
    """Who can say what a fact is."""
    return policy.known_by[fact.known_by]


def cap_counts(rule: Rule, policy: Policy, per: str) -> Name:
    """What a cap is counted by, as the rule's switch calls it."""
    switch = rule.switch_names.get("cap_per")
    option = switch.option(per) if switch else None
    return option or policy.keys[per].name


_SAID: dict[FactType, Callable[[Fact, Any], Value]] = {
    FactType.BOOL: lambda _fact, value: msg("是") if value else msg("否"),
    FactType.MONEY: lambda _fact, value: exact(value),
    FactType.RATIO: lambda _fact, value: percent(Fraction(value)),
    FactType.ENUM: _called,
    FactType.LIST: _listed,
}
