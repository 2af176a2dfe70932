"""From facts to what each rule of the policy gives: the pure function behind page and command.

``calculate`` says for each rule whether it applies, does not, needs a fact (which, and who knows
it) or needs a ruling (which question), with the amount, its working, its cap, and how an unclear
clause was read. A missing fact never counts as zero, and credit is never added to grants.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.errors import Refusal
from crm.messages import Message, Name, msg
from crm.offers import paid
from crm.offers.amounts import Worked, work_out
from crm.offers.case import Case
from crm.offers.coherence import problems
from crm.offers.conditions import Finding, Truth, hold
from crm.offers.facts_given import read_facts
from crm.offers.readings import NONE, Chosen, Reading, choose, readings
from crm.offers.said import who_knows
from crm.offers.terms import Fact, Kind, Policy, Question, Rule


class Verdict(enum.StrEnum):
    """What is known of a rule for a case."""

    APPLIES = "applies"
    DOES_NOT = "does_not"
    NEEDS_FACT = "needs_fact"
    NEEDS_RULING = "needs_ruling"


@dataclass(frozen=True)
class Missing:
    """A fact that has to be known first, and who knows it."""

    fact: Fact
    who: Name


@dataclass(frozen=True)
class Result:
    """What one rule gives. Amounts are whole CNY, and None unless it applies.

    ``amount_cny`` is None too where the text names no amount. ``cap_cny`` is the most the rule
    could give here, ``cut_cny`` what the cap took off. ``working`` is how it came about, or why the
    rule does not apply. ``ruling``: the questions that stand in the way; ``questions``: all that
    bear on how the rule was read.
    """

    rule: Rule
    verdict: Verdict
    amount_cny: int | None
    cap_cny: int | None
    cut_cny: int
    missing: tuple[Missing, ...]
    ruling: tuple[Question, ...]
    questions: tuple[Question, ...]
    working: tuple[Message, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Calculation:
    """What every rule gives, and the sums of each kind if all may be combined."""

    policy: Policy
    results: tuple[Result, ...]

    @property
    def totals(self) -> dict[Kind, int]:
        """Whole CNY by kind, of the rules that apply; kinds without an amount are left out."""
        sums: dict[Kind, int] = {}
        for result in self.results:
            if result.amount_cny is not None:
                kind = result.rule.kind
                sums[kind] = sums.get(kind, 0) + result.amount_cny
        return sums

    def of(self, code: str) -> Result:
        """The result of one rule."""
        return next(result for result in self.results if result.rule.code == code)

    def having(self, *verdicts: Verdict) -> tuple[Result, ...]:
        """The results with one of these verdicts, in the order of the policy."""
        return tuple(result for result in self.results if result.verdict in verdicts)

    @property
    def asked(self) -> dict[Name, tuple[Fact, ...]]:
        """What is still to ask, by who knows it; each fact once."""
        found: dict[Name, dict[str, Fact]] = {}
        for result in self.results:
            for one in result.missing:
                found.setdefault(one.who, {}).setdefault(one.fact.name, one.fact)
        return {who: tuple(facts.values()) for who, facts in found.items()}

    @property
    def caveats(self) -> tuple[Message, ...]:
        """What has to be said beside every amount."""
        found = []
        if not self.policy.binding:
            found.append(msg("%(status)s，没有约束力", status=self.policy.status_name))
        if any(result.rule.stacking is None for result in self.results):
            found.append(msg("能否叠加未定，合计按全部可以叠加算"))
        if any(result.rule.payer_level is None for result in self.results):
            found.append(msg("由哪一级财政承担未定"))
        return tuple(found)


def calculate(
    facts: Mapping[str, Any],
    policy: Policy,
    *,
    switches: Chosen = NONE,
    rules: Iterable[str] | None = None,
) -> Calculation:
    """What the policy's rules give for these facts.

    ``facts`` maps a fact's name (or ``rule.fact``) to its value: money in whole CNY, lists as
    lists. ``switches`` chooses other readings of unclear clauses, ``rules`` limits the calculation
    to some codes. Refusal names every fact, switch or rule that is wrong.
    """
    wanted = _wanted(policy, rules)
    values = read_facts(facts, policy)
    chosen = choose(policy, wanted, switches)
    cases = [Case(policy, rule, values[rule.code], chosen[rule.code]) for rule in wanted]
    errors: dict[str, list[Message]] = {}
    for case in cases:
        for name, problem in problems(case):
            if problem not in errors.setdefault(name, []):
                errors[name].append(problem)
    if errors:
        raise Refusal(errors)
    return Calculation(policy, tuple(_result(case) for case in cases))


def _wanted(policy: Policy, codes: Iterable[str] | None) -> tuple[Rule, ...]:
    if codes is None:
        return policy.rules
    asked = set(codes)
    if unknown := asked - set(policy.by_code):
        text = msg(
            "没有“%(rule)s”这条政策。有：%(known)s。",
            rule="、".join(sorted(unknown)),
            known="、".join(policy.by_code),
        )
        raise Refusal({"rule": [text]})
    return tuple(rule for rule in policy.rules if rule.code in asked)


def _result(case: Case) -> Result:
    found = hold(case)
    if found.truth is Truth.NO:
        return _make(case, Verdict.DOES_NOT, found.said)
    before = paid.paid_once(case)
    if before is not None and before.payments:
        return _make(case, Verdict.DOES_NOT, (*found.said, msg("已经兑现过，不再给")))
    missing = found.missing | _unknown(case) | _untold(case)
    if found.truth is Truth.RULING:
        return _make(case, Verdict.NEEDS_RULING, found.said, missing, found)
    if missing:
        return _make(case, Verdict.NEEDS_FACT, found.said, missing, found)
    worked = work_out(case)
    if worked.nothing:
        return _make(case, Verdict.DOES_NOT, (*worked.steps, worked.nothing))
    return _make(case, Verdict.APPLIES, (*found.said, *worked.steps), worked=worked)


def _unknown(case: Case) -> frozenset[str]:
    """What the rule asks besides its conditions and is not known."""
    return frozenset(
        fact.name
        for fact in case.rule.facts
        if not (fact.optional or fact.derived or fact.name in case.values)
        and fact.name not in case.rule.conditions.facts
    )


def _untold(case: Case) -> frozenset[str]:
    """Without these one can not tell whether a payment before was for this very case."""
    looked = (
        paid.paid_once(case),
        paid.paid_within_cap(case),
        paid.paid_this_year(case),
        paid.paid_by_upgraded(case),
        paid.matching(case, paid.keys_of(case)),
    )
    return frozenset[str]().union(*(one.missing for one in looked if one))


def _make(
    case: Case,
    verdict: Verdict,
    working: tuple[Message, ...],
    missing: frozenset[str] = frozenset(),
    found: Finding | None = None,
    worked: Worked | None = None,
) -> Result:
    rule, questions = case.rule, case.policy.questions
    return Result(
        rule=rule,
        verdict=verdict,
        amount_cny=worked.amount_cny if worked else None,
        cap_cny=worked.cap_cny if worked else rule.cap_cny,
        cut_cny=worked.cut_cny if worked else 0,
        missing=tuple(
            Missing(fact, who_knows(fact, case.policy))
            for fact in rule.facts
            if fact.name in missing
        ),
        ruling=tuple(questions[q] for q in rule.questions if found and q in found.questions),
        questions=tuple(questions[q] for q in rule.questions),
        working=working,
        readings=readings(rule, case.chosen),
    )
