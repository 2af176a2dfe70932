"""Facts that can not be true together, and lists whose entries are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from crm.messages import Message, msg
from crm.offers import paid, terms
from crm.offers.amounts import BEST_LEVEL, BEST_REVENUE, FUND_LEFT
from crm.offers.case import Case
from crm.offers.conditions import CERT, LEVEL
from crm.offers.facts_given import FULL_SHARE

PEOPLE = "main_people"
# A growth that is stated may be rounded to whole percents.
_ROUNDED = Fraction(1, 100)

Problem = tuple[str, Message]


def problems(case: Case) -> Iterator[Problem]:
    """What is wrong between the facts of one rule: the fact to change, and why."""
    for check in _CHECKS:
        yield from check(case)


def _payments(case: Case) -> Iterator[Problem]:
    found = paid.problem_of(case.values.get(paid.ALREADY_PAID) or (), case.rule, case.policy)
    if found:
        yield paid.ALREADY_PAID, found


def _people(case: Case) -> Iterator[Problem]:
    people = case.values.get(PEOPLE) or ()
    if not all(isinstance(one, str) or _is_person(one) for one in people):
        text = '{"name": "…", "share": 50}'
        yield PEOPLE, msg("main_people 的每一条要写姓名，或写成 %(form)s。", form=text)
        return
    shares = [one["share"] for one in people if isinstance(one, Mapping) and "share" in one]
    if shares and sum(shares) != FULL_SHARE:
        yield PEOPLE, msg("main_people 的分成合计要是 100，现在是 %(sum)s。", sum=sum(shares))


def _is_person(one: Any) -> bool:
    if not isinstance(one, Mapping) or set(one) - {"name", "share"}:
        return False
    name, share = one.get("name"), one.get("share", 1)
    whole = isinstance(share, int) and not isinstance(share, bool)
    return isinstance(name, str) and bool(name.strip()) and whole and 0 < share <= FULL_SHARE


def _growth(case: Case) -> Iterator[Problem]:
    """A stated growth must be the one that the two revenues give."""
    for fact in case.rule.facts:
        if not fact.derived or fact.name not in case.values:
            continue
        new, old = case.values.get(fact.derived.new), case.values.get(fact.derived.old)
        if new is None or not old:
            continue
        growth = Fraction(new, old) - 1
        if abs(Fraction(case.values[fact.name]) - growth) >= _ROUNDED:
            yield (
                fact.name,
                msg(
                    "“%(fact)s”（%(name)s）与两年的收入对不上，请改正或删去，由系统计算。",
                    fact=fact.label,
                    name=fact.name,
                ),
            )


def _best_revenue(case: Case) -> Iterator[Problem]:
    old = next((fact.derived.old for fact in case.rule.facts if fact.derived), None)
    if old is None or BEST_REVENUE not in case.values or case.values.get(old) is None:
        return
    best = case.values[BEST_REVENUE]
    if best is None or best < case.values[old]:
        yield (
            BEST_REVENUE,
            msg(
                "“%(best)s”不能低于“%(last)s”。",
                best=case.rule.by_name[BEST_REVENUE].label,
                last=case.rule.by_name[old].label,
            ),
        )


def _levels(case: Case) -> Iterator[Problem]:
    scale = case.policy.scales.get(case.values.get(CERT, ""))
    if scale is None:
        return
    for name in (LEVEL, BEST_LEVEL):
        level = case.values.get(name)
        if level is not None and name in case.rule.by_name and not scale.holds(level):
            yield name, _no_level(case, scale)
    for entry in case.values.get(paid.ALREADY_PAID) or ():
        if _is_same_cert(entry, case) and not scale.holds(entry.get("cert_level", scale.best or 1)):
            yield paid.ALREADY_PAID, _no_level(case, scale)


def _no_level(case: Case, scale: terms.Scale) -> Message:
    if not scale.known:
        return msg("%(cert)s 没有这一级，请核对。", cert=case.values[CERT])
    ends = sorted((scale.lowest or 0, scale.best or 0))
    return msg(
        "%(cert)s 的等级是 %(from)s–%(to)s，请核对。",
        **{"cert": case.values[CERT], "from": ends[0], "to": ends[1]},
    )


def _is_same_cert(entry: Any, case: Case) -> bool:
    if not isinstance(entry, Mapping) or entry.get("rule") not in {None, case.rule.code}:
        return False
    return entry.get(CERT) == case.values[CERT] and isinstance(entry.get("cert_level", 1), int)


def _fund(case: Case) -> Iterator[Problem]:
    pool = getattr(case.rule.amount, "pool_cny", None)
    if pool is not None and case.values.get(FUND_LEFT, 0) > pool:
        yield (
            FUND_LEFT,
            msg("“%(fact)s”不能超过基金总规模，请核对。", fact=case.rule.by_name[FUND_LEFT].label),
        )


def _investment(case: Case) -> Iterator[Problem]:
    amount = case.rule.amount
    if not isinstance(amount, terms.Negotiated) or not amount.basis_at_settlement:
        return
    if amount.basis_at_settlement in case.values and case.values.get(amount.basis or "") == 0:
        basis = case.rule.by_name[amount.basis or ""]
        yield basis.name, msg("“%(fact)s”要大于 0，才能按比例兑现。", fact=basis.label)


_CHECKS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    _payments,
    _people,
    _growth,
    _best_revenue,
    _levels,
    _fund,
    _investment,
)
