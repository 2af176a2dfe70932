"""What a rule gives whose conditions hold: the amount by its type, with its working.

Whole CNY throughout; a share of money is worked out as an exact fraction and rounded down once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from crm.messages import Message, Name, msg
from crm.offers import paid, terms
from crm.offers.case import Case
from crm.offers.parsing import PROPOSED
from crm.offers.said import cap_counts, exact, percent, said

FUND_LEFT = "fund_left_cny"
BEST_LEVEL = "best_prior_level"
BEST_REVENUE = "best_prior_software_revenue_cny"


@dataclass(frozen=True)
class Worked:
    """An amount and how it came about. ``nothing`` says why there is none after all.

    ``cap_cny`` is the most it could have been, ``cut_cny`` what the cap took off.
    """

    amount_cny: int | None
    steps: tuple[Message, ...] = ()
    cap_cny: int | None = None
    cut_cny: int = 0
    nothing: Message | None = None

    @classmethod
    def none(cls, why: Message, *steps: Message) -> Worked:
        """Nothing is given, and why."""
        return cls(None, steps, nothing=why)


@dataclass(frozen=True)
class Raw:
    """An amount before caps, and a ceiling of the rule's own."""

    cny: int
    steps: tuple[Message, ...]
    ceiling_cny: int | None = None
    ceiling: Message | None = None


def work_out(case: Case) -> Worked:
    """What the rule gives; every fact it asks is there."""
    match case.rule.amount:
        case terms.Limit() as limit:
            return _limit(case, limit)
        case terms.Recorded():
            return _recorded(case)
        case amount:
            raw = _RAW[type(amount)](case, amount)
            return raw if isinstance(raw, Worked) else _settle(case, _hold(case, raw))


def share_of(cny: int, rate: Fraction) -> int:
    """A share of an amount, rounded down to whole CNY."""
    return int(cny * rate // 1)


def _money(case: Case, name: str) -> int:
    return int(case.values[name])


def _label(case: Case, name: str) -> Name:
    return case.rule.by_name[name].label


def _negotiated(case: Case, amount: terms.Negotiated) -> Raw:
    proposed = _money(case, PROPOSED)
    steps = [_proposed(case, proposed)]
    if amount.basis and (basis := _money(case, amount.basis)):
        steps.append(
            msg(
                "%(basis)s %(money)s，拟定金额是它的 %(share)s",
                basis=_label(case, amount.basis),
                money=exact(basis),
                share=percent(Fraction(proposed, basis)),
            )
        )
    if amount.pool_cny is None:
        return Raw(proposed, tuple(steps))
    left = _money(case, FUND_LEFT)
    steps += _focus(case)
    return Raw(proposed, tuple(steps), left, msg("基金只剩 %(money)s", money=exact(left)))


def _proposed(case: Case, proposed: int) -> Message:
    return msg("%(fact)s %(money)s", fact=_label(case, PROPOSED), money=exact(proposed))


def _focus(case: Case) -> list[Message]:
    """Where the money mainly goes, and whether this case is of it: a preference, no condition."""
    return [
        msg("主要投向之一：%(field)s（%(answer)s）", field=one.name, answer=_fits(case, one))
        for one in case.rule.focus
    ]


def _fits(case: Case, focus: terms.Focus) -> Message:
    value = case.values.get(focus.fact) if focus.fact else None
    if value is None:
        return msg("未知")
    return msg("是") if value else msg("否")


def _rate(case: Case, amount: terms.Rate) -> Raw:
    basis = _money(case, amount.basis)
    cny = share_of(basis, amount.rate)
    return Raw(cny, (_times(case, amount.basis, basis, amount.rate, cny),))


def _times(case: Case, name: str, basis: int, rate: Fraction, cny: int) -> Message:
    return msg(
        "%(basis)s %(money)s × %(rate)s = %(result)s",
        basis=_label(case, name),
        money=exact(basis),
        rate=percent(rate),
        result=exact(cny),
    )


def _rate_up_to(case: Case, amount: terms.RateUpTo) -> Raw:
    basis, proposed = _money(case, amount.basis), _money(case, PROPOSED)
    most = share_of(basis, amount.rate)
    steps = (_proposed(case, proposed), _times(case, amount.basis, basis, amount.rate, most))
    return Raw(proposed, steps, most, msg("最多 %(money)s", money=exact(most)))


def _fixed(case: Case, amount: terms.Fixed) -> Raw | Worked:
    steps = [msg("定额 %(money)s", money=exact(amount.cny))]
    lower = case.policy.by_code[case.rule.upgrades].amount if case.rule.upgrades else None
    before = paid.paid_by_upgraded(case).payments
    deducted = paid.total(before, lower.cny if isinstance(lower, terms.Fixed) else 0)
    if not deducted:
        return Raw(amount.cny, tuple(steps))
    steps.append(msg("减去同一产品已兑现的 %(money)s", money=exact(deducted)))
    if deducted >= amount.cny:
        return Worked.none(msg("已兑现的不少于这一项"), *steps)
    return Raw(amount.cny - deducted, tuple(steps))


def _tiers(case: Case, amount: terms.Tiers) -> Raw | Worked:
    """The newly reached tiers: at or above them now for the first time, and above all paid ones."""
    revenue = _money(case, amount.basis)
    steps = [msg("%(fact)s %(money)s", fact=_label(case, amount.basis), money=exact(revenue))]
    before = _best_before(case, amount)
    if before is not None:
        steps.append(msg("以前最高 %(money)s", money=exact(before)))
    entries = paid.matching(case, paid.keys_of(case)).payments
    tops = dict(amount.tiers)
    settled = {entry.keys.get("tier", max(tops)): entry for entry in entries}
    floor = max([-1 if before is None else before, *settled])
    new = [(start, pays) for start, pays in amount.tiers if floor < start <= revenue]
    if not new:
        return Worked.none(msg("没有新达到的档次"), *steps)
    counted = new if case.chosen.get("jump") == "sum_of_new" else new[-1:]
    steps += [
        msg("新达到 %(tier)s 档：%(pays)s", tier=exact(start), pays=exact(pays))
        for start, pays in counted
    ]
    cny = sum(pays for _start, pays in counted)
    deducted = _deducted(case, settled, tops)
    if deducted:
        steps.append(msg("减去已兑现的低档 %(money)s", money=exact(deducted)))
    if deducted >= cny:
        return Worked.none(msg("已兑现的不少于这一项"), *steps)
    return Raw(cny - deducted, tuple(steps))


def _best_before(case: Case, amount: terms.Tiers) -> int | None:
    """The best of any earlier year, or None: there was none, or it does not matter."""
    best = case.values.get(BEST_REVENUE)
    return best if amount.first_time_each_tier else None


def _deducted(case: Case, settled: dict[int, paid.Payment], tops: dict[int, int]) -> int:
    if case.chosen.get("deduct_lower") != "yes":
        return 0
    return sum(paid.total([entry], tops[start]) for start, entry in settled.items())


def _per_level(case: Case, amount: terms.PerLevel) -> Raw | Worked:
    cert = case.values["cert"]
    scale = case.policy.scales[cert]
    level, prior = case.values["cert_level"], case.values[BEST_LEVEL]
    entries = paid.matching(case, paid.keys_of(case)).payments
    reached = [level if prior is None else prior] if prior is not None else []
    reached += [entry.keys.get("cert_level", level) for entry in entries]
    before = max((scale.rank(one) for one in reached), default=None)
    now, from_rank = scale.rank(level), scale.rank(amount.levels_from)
    steps = _STEPS[case.chosen["first_pass_steps"]](now, before, from_rank)
    if steps <= 0:
        return Worked.none(msg("没有比以前更高的等级"))
    cny = steps * amount.cny
    return Raw(
        cny,
        (
            msg(
                "%(cert)s %(level)s 级，以前最高：%(prior)s",
                cert=cert,
                level=level,
                prior=said(case.rule.by_name[BEST_LEVEL], prior),
            ),
            msg(
                "计 %(steps)s 级 × %(each)s = %(result)s",
                steps=steps,
                each=exact(amount.cny),
                result=exact(cny),
            ),
        ),
    )


def _from(now: int, before: int | None, first: int) -> int:
    """The levels newly passed, ``first`` the lowest that pays."""
    return now - max(first - 1, -1 if before is None else before)


def _single(now: int, before: int | None, from_rank: int) -> int:
    """One for a first pass, and one for each later rise."""
    return int(before is None or now > before or before < from_rank)


_STEPS: dict[str, Callable[[int, int | None, int], int]] = {
    "from_threshold": _from,
    "above_threshold": lambda now, before, from_rank: _from(now, before, from_rank + 1),
    "from_lowest": lambda now, before, _from_rank: _from(now, before, 0),
    "single": _single,
}
_RAW: dict[type, Callable[[Case, Any], Raw | Worked]] = {
    terms.Negotiated: _negotiated,
    terms.Rate: _rate,
    terms.RateUpTo: _rate_up_to,
    terms.Fixed: _fixed,
    terms.Tiers: _tiers,
    terms.PerLevel: _per_level,
}


def _hold(case: Case, raw: Raw) -> Worked:
    """The amount held to its own ceiling and to what is left of the rule's cap."""
    steps, most = list(raw.steps), raw.cny
    cap = raw.ceiling_cny
    if raw.ceiling_cny is not None and most > raw.ceiling_cny:
        most = raw.ceiling_cny
        steps += [raw.ceiling] if raw.ceiling else []
    if case.rule.cap_cny is not None:
        cap = case.rule.cap_cny if cap is None else min(cap, case.rule.cap_cny)
        most = _capped(case, case.rule.cap_cny, most, steps)
    due = _less_this_year(case, most, steps)
    if due == 0 and raw.cny > 0:
        return Worked.none(msg("上限已经用完"), *steps)
    if raw.cny > most:
        steps.append(msg("超出上限的 %(money)s不给", money=exact(raw.cny - most)))
    return Worked(due, tuple(steps), cap, raw.cny - most)


def _capped(case: Case, cap: int, cny: int, steps: list[Message]) -> int:
    per = case.chosen.get("cap_per", case.rule.cap_per) or case.rule.per
    this_year = {payment.at for payment in paid.paid_this_year(case).payments}
    within = paid.paid_within_cap(case).payments
    used = paid.total(payment for payment in within if payment.at not in this_year)
    counts = cap_counts(case.rule, case.policy, per)
    steps.append(msg("上限 %(money)s（%(counts)s）", money=exact(cap), counts=counts))
    if used:
        steps.append(msg("上限里已兑现 %(money)s", money=exact(used)))
    return min(cny, max(0, cap - used))


def _less_this_year(case: Case, cny: int, steps: list[Message]) -> int:
    """A rule that pays anew each year works on the year's sum: what it paid of it is taken off."""
    before = paid.total(paid.paid_this_year(case).payments)
    if not before:
        return cny
    steps.append(msg("减去本年度已兑现的 %(money)s", money=exact(before)))
    return max(0, cny - before)


def _settle(case: Case, offered: Worked) -> Worked:
    """What is paid once the actual investment is known; until then, what was offered."""
    amount = case.rule.amount
    if offered.amount_cny is None or not isinstance(amount, terms.Negotiated):
        return offered
    settlement = amount.basis_at_settlement
    if amount.basis is None or settlement is None or settlement not in case.values:
        return offered
    agreed, actual = _money(case, amount.basis), _money(case, settlement)
    said_so = msg(
        "兑现：%(fact)s %(money)s，是协议的 %(share)s",
        fact=_label(case, settlement),
        money=exact(actual),
        share=percent(Fraction(actual, agreed)),
    )
    due = _SETTLED[case.chosen["settlement"]](offered.amount_cny, agreed, actual)
    steps = (*offered.steps, said_so)
    if due == 0 and offered.amount_cny > 0:
        return Worked.none(msg("投资没有到位，按口径不兑现"), *steps)
    last = msg("按口径兑现 %(money)s", money=exact(due))
    return Worked(due, (*steps, last), offered.cap_cny, offered.cut_cny)


_SETTLED: dict[str, Callable[[int, int, int], int]] = {
    "pro_rata": lambda offered, agreed, actual: min(
        offered, share_of(offered, Fraction(actual, agreed))
    ),
    "as_offered": lambda offered, _agreed, _actual: offered,
    "all_or_nothing": lambda offered, agreed, actual: offered if actual >= agreed else 0,
}


def _limit(case: Case, limit: terms.Limit) -> Worked:
    who = case.policy.known_by.get(case.rule.decided_by or "")
    steps = [msg("额度最高 %(money)s，不是付款", money=exact(limit.cny))]
    if who:
        steps.append(msg("由%(who)s按自己的规定决定", who=who))
    if limit.loss_tolerance is not None:
        steps.append(msg("代偿容忍度最高 %(share)s", share=percent(limit.loss_tolerance)))
    return Worked(limit.cny, tuple(steps), case.rule.cap_cny)


def _recorded(case: Case) -> Worked:
    """No amount: what the record is of."""
    shown = [
        fact
        for fact in case.rule.facts
        if fact.name in case.values
        and fact.name != paid.ALREADY_PAID
        and fact.name not in case.rule.conditions.facts
    ]
    steps = [
        msg("%(fact)s：%(value)s", fact=fact.label, value=said(fact, case.values[fact.name]))
        for fact in shown
    ]
    return Worked(None, (msg("没有写金额，只记业绩"), *steps))
