"""What was said of a case, held against what the policy's rules ask.

Nothing is guessed: an unknown fact, a wrong type, a negative or absurd number is refused with a
sentence that names the fact. A missing fact stays missing; it is never zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from crm.amounts import LARGEST_CNY
from crm.errors import Refusal
from crm.messages import Message, msg
from crm.offers.terms import Fact, FactType, Policy, Rule

Values = Mapping[str, Any]
Errors = dict[str, list[Message]]

YEARS = range(2000, 2101)
LARGEST_INT = 1_000_000
LONGEST_TEXT = 200
MOST_IN_LIST = 200
FULL_SHARE = 100


def read_facts(given: Mapping[str, Any], policy: Policy) -> dict[str, dict[str, Any]]:
    """The values each rule works with, by code of the rule; Refusal names every wrong fact.

    A fact's own name holds for every rule that asks it; ``rule.fact`` for that rule alone, and goes
    before. A fact that is null says "none" where the policy has a word for it (no year before), and
    else that it is not known.
    """
    errors: Errors = {}
    values: dict[str, dict[str, Any]] = {rule.code: {} for rule in policy.rules}
    for name, value in sorted(given.items(), key=lambda item: "." in str(item[0])):
        asking = _asking(str(name), policy)
        if not asking:
            errors[str(name)] = [_unknown(str(name), policy)]
            continue
        problem = _wrong(asking, value)
        if problem:
            errors[str(name)] = [problem]
            continue
        for rule, fact in asking:
            _keep(values[rule.code], fact, value)
    if errors:
        raise Refusal(errors)
    return values


def _keep(values: dict[str, Any], fact: Fact, value: Any) -> None:
    if value is None and fact.none is None:
        values.pop(fact.name, None)
    else:
        values[fact.name] = value.strip() if isinstance(value, str) else value


def _asking(name: str, policy: Policy) -> list[tuple[Rule, Fact]]:
    code, dot, bare = name.rpartition(".")
    return [
        (rule, rule.by_name[bare])
        for rule in policy.rules
        if bare in rule.by_name and (not dot or rule.code == code)
    ]


def _unknown(name: str, policy: Policy) -> Message:
    known = {fact.name for rule in policy.rules for fact in rule.facts}
    alike = get_close_matches(name, sorted(known), n=1)
    if alike:
        return msg("没有“%(name)s”这一项。您要填的是 %(alike)s 吗？", name=name, alike=alike[0])
    return msg("没有“%(name)s”这一项，请删去或改正名称。", name=name)


def _wrong(asking: Iterable[tuple[Rule, Fact]], value: Any) -> Message | None:
    """What is wrong with a value; a choice is right when one of the rules that ask knows it."""
    facts = [fact for _rule, fact in asking]
    if value is None:
        return None
    first = facts[0]
    choices = frozenset(choice.value for fact in facts for choice in fact.values)
    return _CHECKS[first.type](first, value, choices)


Check = Callable[[Fact, Any, frozenset[str]], Message | None]


def _bool(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    if isinstance(value, bool):
        return None
    return msg("“%(fact)s”（%(name)s）要填是或否：true 或 false。", fact=fact.label, name=fact.name)


def _whole(fact: Fact, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _money(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    if not _whole(fact, value):
        return msg("“%(fact)s”（%(name)s）要填整数，单位是元。", fact=fact.label, name=fact.name)
    return _within(fact, value, 0, LARGEST_CNY)


def _int(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    if not _whole(fact, value):
        return msg("“%(fact)s”（%(name)s）要填整数。", fact=fact.label, name=fact.name)
    return _within(fact, value, 0, LARGEST_INT)


def _year(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    if not _whole(fact, value):
        return msg("“%(fact)s”（%(name)s）要填年份，例如 2026。", fact=fact.label, name=fact.name)
    return _within(fact, value, YEARS[0], YEARS[-1])


def _ratio(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    number = isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)
    if not number or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        return msg("“%(fact)s”（%(name)s）要填小数，例如 0.1。", fact=fact.label, name=fact.name)
    return _within(fact, value, -1, LARGEST_INT)


def _within(fact: Fact, value: Any, least: int, most: int) -> Message | None:
    if value < least:
        return msg(
            "“%(fact)s”（%(name)s）不能小于 %(least)s。",
            fact=fact.label,
            name=fact.name,
            least=least,
        )
    if value > most:
        return msg(
            "“%(fact)s”（%(name)s）太大了，最多 %(most)s，请核对单位。",
            fact=fact.label,
            name=fact.name,
            most=most,
        )
    return None


def _text(fact: Fact, value: Any, _choices: frozenset[str]) -> Message | None:
    if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT:
        return None
    return msg(
        "“%(fact)s”（%(name)s）要填一行文字，最多 %(most)s 个字。",
        fact=fact.label,
        name=fact.name,
        most=LONGEST_TEXT,
    )


def _enum(fact: Fact, value: Any, choices: frozenset[str]) -> Message | None:
    if isinstance(value, str) and value in choices:
        return None
    return _choose(fact, choices)


def _choose(fact: Fact, choices: frozenset[str]) -> Message:
    return msg(
        "“%(fact)s”（%(name)s）请从这些里选：%(values)s。",
        fact=fact.label,
        name=fact.name,
        values="、".join(sorted(choices)),
    )


def _list(fact: Fact, value: Any, choices: frozenset[str]) -> Message | None:
    if not isinstance(value, list | tuple) or len(value) > MOST_IN_LIST:
        return msg(
            "“%(fact)s”（%(name)s）要填一个列表，最多 %(most)s 条；没有就填 []。",
            fact=fact.label,
            name=fact.name,
            most=MOST_IN_LIST,
        )
    if choices and not all(isinstance(one, str) and one in choices for one in value):
        return _choose(fact, choices)
    return None


_CHECKS: dict[FactType, Check] = {
    FactType.BOOL: _bool,
    FactType.MONEY: _money,
    FactType.INT: _int,
    FactType.YEAR: _year,
    FactType.RATIO: _ratio,
    FactType.TEXT: _text,
    FactType.ENUM: _enum,
    FactType.LIST: _list,
}
