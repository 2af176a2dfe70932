"""Whether a rule's conditions hold: yes, no, or not known yet and why.

A condition that fails decides, whatever else is missing. Nothing missing is ever taken for a no.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from crm.messages import Message, Value, msg
from crm.offers.case import Case
from crm.offers.said import percent, said
from crm.offers.terms import Condition, Derivation, Fact, Operator

CERT, LEVEL = "cert", "cert_level"
HOLDER = "entry_holder"


class Truth(enum.Enum):
    """What is known of a condition."""

    YES = enum.auto()
    NO = enum.auto()
    MISSING = enum.auto()
    RULING = enum.auto()


@dataclass(frozen=True)
class Finding:
    """A condition looked at: the facts it lacks, the questions it waits for, and why it says so."""

    truth: Truth
    said: tuple[Message, ...] = ()
    missing: frozenset[str] = field(default_factory=frozenset)
    questions: frozenset[str] = field(default_factory=frozenset)


def _lacks(*names: str, questions: Iterable[str] = ()) -> Finding:
    return Finding(Truth.MISSING, (), frozenset(names), frozenset(questions))


def _yes_or_no(holds: bool, why: Message) -> Finding:
    return Finding(Truth.YES if holds else Truth.NO, (why,))


def hold(case: Case) -> Finding:
    """All conditions of the case's rule together, as its switches read them."""
    conditions = case.rule.conditions
    lines = [look(_read(line, case), case) for line in conditions.all]
    if HOLDER in case.rule.switch_names:
        lines.append(_holder(case))
    if conditions.any:
        lines.append(_any([look(line, case) for line in conditions.any]))
    return _all(lines)


def look(line: Condition, case: Case) -> Finding:
    """One line of the conditions."""
    fact = case.rule.by_name[line.fact]
    if fact.derived:
        return _growth(line, fact, fact.derived, case)
    if line.operator is Operator.BETTER_OR_EQUAL:
        return _level(line, fact, case)
    if fact.name not in case.values:
        return _lacks(fact.name)
    value = case.values[fact.name]
    return _yes_or_no(_holds(line, value), _why(line, fact, value))


def _all(lines: list[Finding]) -> Finding:
    failed = [one for one in lines if one.truth is Truth.NO]
    if failed:
        return Finding(Truth.NO, _join(failed))
    return _open(lines) or Finding(Truth.YES, _join(lines))


def _any(lines: list[Finding]) -> Finding:
    met = [one for one in lines if one.truth is Truth.YES]
    if met:
        return Finding(Truth.YES, _join(met))
    return _open(lines) or Finding(Truth.NO, _join(lines))


def _open(lines: list[Finding]) -> Finding | None:
    """What is undecided among the lines; a ruling is asked for before facts are."""
    undecided = [one for one in lines if one.truth in {Truth.MISSING, Truth.RULING}]
    if not undecided:
        return None
    ruling = any(one.truth is Truth.RULING for one in undecided)
    return Finding(
        Truth.RULING if ruling else Truth.MISSING,
        _join(lines),
        frozenset[str]().union(*(one.missing for one in undecided)),
        frozenset[str]().union(*(one.questions for one in undecided)),
    )


def _join(lines: list[Finding]) -> tuple[Message, ...]:
    return tuple(text for one in lines for text in one.said)


def _read(line: Condition, case: Case) -> Condition:
    """The line as the switch reads it that says which fact counts."""
    switch = case.rule.switch_names.get("counts_at")
    if switch is None or line.fact != switch.default:
        return line
    return replace(line, fact=case.chosen["counts_at"])


def _holds(line: Condition, value: Any) -> bool:
    match line.operator:
        case Operator.IS | Operator.EQ:
            return bool(value == line.value)
        case Operator.IN:
            return value in line.value  # type: ignore[operator]
        case Operator.ANY_IN:
            return bool(set(value) & set(line.value))  # type: ignore[arg-type]
        case Operator.GTE:
            return bool(Fraction(value) >= Fraction(line.value))  # type: ignore[arg-type]
        case Operator.BETTER_OR_EQUAL:
            raise ValueError("levels are compared on their scale")


def _why(line: Condition, fact: Fact, value: Any) -> Message:
    if _holds(line, value):
        return msg("%(fact)s：%(value)s，符合", fact=fact.label, value=said(fact, value))
    return msg("%(fact)s：%(value)s，不符合", fact=fact.label, value=said(fact, value))


def _holder(case: Case) -> Finding:
    """Whose entry counts: the local entity's own, or its group's as well."""
    fact = case.rule.by_name[HOLDER]
    if HOLDER not in case.values:
        return _lacks(HOLDER)
    value = case.values[HOLDER]
    counted = {case.rule.switch_names[HOLDER].default, case.chosen[HOLDER]}
    line = Condition(HOLDER, Operator.IN, tuple(sorted(counted)))
    return _yes_or_no(value in counted, _why(line, fact, value))


def _growth(line: Condition, fact: Fact, derived: Derivation, case: Case) -> Finding:
    """Growth over the year before; a company without one is read as its switch says."""
    gone = [name for name in (derived.new, derived.old) if name not in case.values]
    if gone:
        return _lacks(*gone)
    new, old = case.values[derived.new], case.values[derived.old]
    switch = case.rule.switch_names.get("no_prior_year")
    if old is None:
        return _no_year_before(fact, derived, case)
    if old == 0:
        asked = (switch.question,) if switch else case.rule.questions
        why = msg("%(fact)s：上年为 0，算不出，要请示", fact=fact.label)
        return Finding(Truth.RULING, (why,), questions=frozenset(asked))
    growth = Fraction(new, old) - 1
    least = Fraction(line.value)  # type: ignore[arg-type]
    met = growth >= least
    values: dict[str, Value] = {
        "fact": fact.label,
        "growth": percent(growth),
        "least": percent(least),
    }
    return _yes_or_no(
        met,
        msg("%(fact)s %(growth)s，达到 %(least)s", **values)
        if met
        else msg("%(fact)s %(growth)s，没到 %(least)s", **values),
    )


def _no_year_before(fact: Fact, derived: Derivation, case: Case) -> Finding:
    taken = case.chosen.get("no_prior_year")
    if taken == "growth_met":
        return _yes_or_no(True, msg("没有上年数据，%(fact)s视为达到", fact=fact.label))
    if taken == "growth_unmet":
        return _yes_or_no(False, msg("没有上年数据，%(fact)s视为没达到", fact=fact.label))
    switch = case.rule.switch_names.get("no_prior_year")
    return replace(
        _lacks(derived.old, questions=(switch.question,) if switch else case.rule.questions),
        said=(msg("没有上年数据，%(fact)s算不出", fact=fact.label),),
    )


def _level(line: Condition, fact: Fact, case: Case) -> Finding:
    """Whether a level is as good as asked, in the direction of the certificate's scale."""
    cert = case.values.get(CERT)
    if cert is None:
        return _lacks(*(name for name in (CERT, fact.name) if name not in case.values))
    scale = case.policy.scales.get(cert)
    if scale is None:
        return Finding(Truth.NO)
    if not scale.known:
        why = msg("%(cert)s 几级最高还不清楚，要请示", cert=cert)
        return Finding(
            Truth.RULING, (why,), questions=frozenset({case.policy.scale_question or ""})
        )
    if fact.name not in case.values:
        return _lacks(fact.name)
    level, least = case.values[fact.name], int(line.value)  # type: ignore[arg-type]
    met = scale.rank(level) >= scale.rank(least)
    values: dict[str, Value] = {"cert": cert, "level": level, "least": least}
    return _yes_or_no(
        met,
        msg("%(cert)s %(level)s 级，达到 %(least)s 级", **values)
        if met
        else msg("%(cert)s %(level)s 级，没到 %(least)s 级", **values),
    )
