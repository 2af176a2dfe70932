"""What was paid before, and what that leaves: nothing is paid twice for the same keys.

An entry of ``already_paid`` says its rule, the keys it was paid for and how much. What an entry
does not say counts as this very case, so that a thin record never leads to a second payment.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.amounts import LARGEST_CNY
from crm.messages import Message, msg
from crm.offers.case import Case
from crm.offers.terms import Operator, Policy, Rule, Tiers

ALREADY_PAID = "already_paid"
# Keys that are steps of the amount itself: what was paid of them is worked out with the amount.
STEPS = frozenset({"tier", "cert_level"})
# Which keys, beyond the rule's own, tell payments apart under a reading; and which no longer do.
_ADDED = {("per_title", "per_title"): "first_entry", ("cert_line", "per_line"): "cert_line"}
_DROPPED = {("per", "company"): "product"}
_CAP_KEYS = {"project": ("project",), "company": (), "company_year": ("year",), "order": None}


@dataclass(frozen=True)
class Payment:
    """Something a rule paid before; ``at`` is its place in the list."""

    at: int
    rule: str | None
    amount_cny: int | None
    keys: Mapping[str, Any]


@dataclass(frozen=True)
class Matched:
    """The payments for this very case; ``missing``: facts without which one can not tell."""

    payments: tuple[Payment, ...]
    missing: frozenset[str] = frozenset()


def problem_of(entries: Iterable[Any], rule: Rule, policy: Policy) -> Message | None:
    """What is wrong with a rule's list of payments, or None."""
    return next((p for one in entries if (p := _problem(one, rule, policy))), None)


def _problem(entry: Any, rule: Rule, policy: Policy) -> Message | None:
    if not isinstance(entry, Mapping):
        return msg('already_paid 的每一条要写成 {"rule": …, "amount_cny": …}。')
    code, amount = entry.get("rule"), entry.get("amount_cny", 0)
    if code is not None and code not in policy.by_code:
        return msg("already_paid 里没有“%(rule)s”这条政策。", rule=str(code))
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    counted = code in {None, rule.code} and rule.cap_cny is not None
    if not whole or not 0 <= amount <= LARGEST_CNY or (counted and "amount_cny" not in entry):
        return msg(
            "already_paid 的 amount_cny 要填整数，单位是元，不能小于 0；有上限的政策每条都要写。"
        )
    keys = set(entry) - {"rule", "amount_cny"}
    if unknown := keys - set(policy.keys):
        return msg(
            "already_paid 里没有“%(name)s”这一项。可以填的有：%(known)s。",
            name="、".join(sorted(map(str, unknown))),
            known="、".join(sorted(policy.keys)),
        )
    return _wrong_step(entry, rule) if code in {None, rule.code} else None


def _wrong_step(entry: Mapping[str, Any], rule: Rule) -> Message | None:
    if isinstance(rule.amount, Tiers) and "tier" in entry:
        starts = [start for start, _pays in rule.amount.tiers]
        if entry["tier"] not in starts:
            return msg(
                "already_paid 的 tier 请从这些里选：%(tiers)s。",
                tiers="、".join(map(str, starts)),
            )
    level = entry.get("cert_level", 1)
    if not isinstance(level, int) or isinstance(level, bool):
        return msg("already_paid 的 cert_level 要填整数。")
    return None


def payments(case: Case) -> tuple[Payment, ...]:
    """The rule's own payments before, and those that do not say of which rule they are."""
    return tuple(p for p in _all(case) if p.rule in {None, case.rule.code})


def _all(case: Case) -> list[Payment]:
    known = keys_of(case) | set(case.rule.once_per)
    found = []
    for at, entry in enumerate(case.values.get(ALREADY_PAID) or ()):
        keys = {k: v for k, v in entry.items() if k not in {"rule", "amount_cny"}}
        # Without a rule it may be any that knows all these keys; without keys it may be any.
        if entry.get("rule") is not None or set(keys) <= known:
            found.append(Payment(at, entry.get("rule"), entry.get("amount_cny"), keys))
    return found


def keys_of(case: Case) -> set[str]:
    """What tells payments of this rule apart, as its switches read it."""
    keys = set(case.rule.once_per)
    for (switch, value), key in _ADDED.items():
        if case.chosen.get(switch) == value:
            keys.add(key)
    for (switch, value), key in _DROPPED.items():
        if case.chosen.get(switch) == value:
            keys.discard(key)
    return keys


def matching(case: Case, keys: Iterable[str]) -> Matched:
    """The payments before that agree with the case in all of these keys."""
    return _agreeing(payments(case), set(keys) - STEPS, case)


def _agreeing(before: Iterable[Payment], keys: Iterable[str], case: Case) -> Matched:
    same: list[Payment] = []
    missing: set[str] = set()
    for payment in before:
        answers = [_agrees(payment, key, case) for key in keys]
        if False in answers:
            continue
        lacking = [one for one in answers if isinstance(one, str)]
        missing.update(lacking)
        if not lacking:
            same.append(payment)
    return Matched(tuple(same), frozenset(missing))


def _agrees(payment: Payment, key: str, case: Case) -> bool | str:
    """Whether a payment is for the case's value of a key, or the fact that would tell."""
    if key not in payment.keys:
        return True
    fact = next((f for f in case.policy.keys[key].facts if f in case.rule.by_name), None)
    if fact is None:
        return True
    if fact not in case.values:
        return fact
    return _plain(payment.keys[key]) == _plain(case.values[fact])


def _plain(value: Any) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def paid_once(case: Case) -> Matched | None:
    """Payments that stand in the way of another one; None where the rule may pay again."""
    rule = case.rule
    if ALREADY_PAID not in rule.by_name or rule.once is False or STEPS & set(rule.once_per):
        return None
    return matching(case, keys_of(case))


def paid_within_cap(case: Case) -> Matched:
    """Payments that use up the same cap, as its switch reads it."""
    per = case.chosen.get("cap_per", case.rule.cap_per)
    keys = _CAP_KEYS.get(per) if per else None
    return Matched(()) if keys is None else matching(case, keys)


def paid_this_year(case: Case) -> Matched:
    """Payments for the same keys of a rule that pays anew each year."""
    recurs = case.rule.once is False and case.rule.once_per
    if not recurs or case.chosen.get("cap_per") == "order":
        return Matched(())
    return matching(case, keys_of(case))


def paid_by_upgraded(case: Case) -> Matched:
    """What the rule below this one paid for the same record (a product's lower recognition)."""
    code = case.rule.upgrades
    if code is None or case.chosen.get("upgrade") != "difference":
        return Matched(())
    lower = case.policy.by_code[code]
    below = [p for p in _all(case) if p.rule == code or (p.rule is None and _is_of(p, lower))]
    levels = {line.fact for line in lower.conditions.all}
    return _agreeing(below, keys_of(case) - levels, case)


def _is_of(payment: Payment, rule: Rule) -> bool:
    wanted = {c.fact: c.value for c in rule.conditions.all if c.operator is Operator.EQ}
    return bool(wanted) and all(payment.keys.get(key) == value for key, value in wanted.items())


def total(paid: Iterable[Payment], otherwise: int = 0) -> int:
    """What payments sum to; one that does not say its amount counts as ``otherwise``."""
    return sum(otherwise if p.amount_cny is None else p.amount_cny for p in paid)
