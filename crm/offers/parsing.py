"""Reads the policy from its data, and refuses whatever the code would not understand.

A rule with an unknown type, operator, switch or key must never be silently left out of a
calculation: it is a ``PolicyError`` at the first reading, that says where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from crm.messages import Name
from crm.offers import terms
from crm.offers.terms import Kind, Operator

Row = Mapping[str, Any]
E = TypeVar("E", bound=StrEnum)

# The fact that carries an amount people propose.
PROPOSED = "proposed_amount_cny"
# The switches that calculations understand, with every option of each.
SWITCHES: Mapping[str, frozenset[str]] = {
    "cap_per": frozenset({"project", "company", "company_year", "order"}),
    "settlement": frozenset({"pro_rata", "as_offered", "all_or_nothing"}),
    "jump": frozenset({"highest_only", "sum_of_new"}),
    "deduct_lower": frozenset({"no", "yes"}),
    "no_prior_year": frozenset({"needs_fact", "growth_met", "growth_unmet"}),
    "per_title": frozenset({"one", "per_title"}),
    "entry_holder": frozenset({"local_entity", "group"}),
    "per": frozenset({"product", "company"}),
    "upgrade": frozenset({"full", "difference"}),
    "first_pass_steps": frozenset({"from_threshold", "above_threshold", "from_lowest", "single"}),
    "cert_line": frozenset({"once", "per_line"}),
    "counts_at": frozenset({"landed", "registered", "committed"}),
}
_SOURCES = ("per", "cap_per", "once", "basis")


class PolicyError(ValueError):
    """The policy's data says something that the code does not understand."""


def parse(text: str) -> terms.Policy:
    """The policy in a data file's text; PolicyError when anything in it is not understood."""
    data = json.loads(text, parse_float=Decimal)
    policy, names = data["policy"], data["names"]
    rules = tuple(_within(row["id"], _rule, row, names) for row in data["rules"])
    questions = {row["id"]: _question(row) for row in policy["questions"]}
    scales = {code: terms.Scale(row["lowest"], row["best"]) for code, row in _scales(policy)}
    found = terms.Policy(
        id=policy["id"],
        title=_name(policy, "title_zh", "title_en"),
        status=policy["status"],
        status_name=_name(policy, "status_zh", "status_en"),
        binding=policy["binding"],
        rules_version=_digest(data),
        rules=rules,
        questions=questions,
        general_questions=_general(questions, rules),
        scales=scales,
        scale_question=_scale_question(rules, questions, scales),
        known_by=_names(names["known_by"]),
        kinds={Kind(code): name for code, name in _names(names["kinds"]).items()},
        keys={
            code: terms.Key(_name(row), tuple(row["facts"])) for code, row in names["keys"].items()
        },
        applies_to=_names(names["applies_to"]),
        home_place=policy["home_place"],
        services=tuple(
            terms.Service(row["id"], row["clause"], _name(row)) for row in data["services"]
        ),
        rounding=_name(policy["reading"], "rounding_zh", "rounding_en"),
        at_or_above=_name(policy["reading"], "at_or_above_zh", "at_or_above_en"),
    )
    for rule in rules:
        _within(rule.code, _hangs_together, rule, found)
    return found


def _within(code: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """Do part of the reading; what goes wrong is said to be in that rule."""
    try:
        return work(*arguments)
    except PolicyError as error:
        raise PolicyError(f"{code}: {error}") from error
    except KeyError as error:
        raise PolicyError(f"{code}: {error.args[0]} is missing") from error


def _digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(row: Row, zh: str = "zh", en: str = "en") -> Name:
    return Name(row[zh], row[en])


def _names(rows: Mapping[str, Row]) -> dict[str, Name]:
    return {code: _name(row) for code, row in rows.items()}


def _code(kind: type[E], value: Any, what: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise PolicyError(f"{what} {value!r} is not understood") from error


def _scales(policy: Row) -> Iterable[tuple[str, Row]]:
    for code, row in policy["scales"].items():
        lowest, best = row["lowest"], row["best"]
        known = lowest is not None and best is not None
        direction = ("ascending" if best > lowest else "descending") if known else None
        if row["direction"] != direction:
            raise PolicyError(f"scale {code}: direction {row['direction']!r} is not understood")
        yield code, row


def _question(row: Row) -> terms.Question:
    return terms.Question(
        id=row["id"],
        clause=row["clause"],
        text=_name(row),
        default=_name(row, "default_zh", "default_en"),
        affects=frozenset(row["affects"]),
        answer=row["answer"],
    )


def _general(
    questions: Mapping[str, terms.Question], rules: tuple[terms.Rule, ...]
) -> tuple[str, ...]:
    codes = {rule.code for rule in rules}
    return tuple(question.id for question in questions.values() if codes <= question.affects)


def _scale_question(
    rules: tuple[terms.Rule, ...],
    questions: Mapping[str, terms.Question],
    scales: Mapping[str, terms.Scale],
) -> str | None:
    """The question of every levelled rule that is not about a switch and no general one."""
    if all(scale.known for scale in scales.values()):
        return None
    levelled = [rule for rule in rules if isinstance(rule.amount, terms.PerLevel)]
    switched = {switch.question for rule in levelled for switch in rule.switches}
    left = [q for q in levelled[0].questions if q not in switched] if levelled else []
    if len(left) != 1 or left[0] not in questions:
        raise PolicyError("an unknown scale waits for no question")
    return left[0]


def _rule(row: Row, names: Row) -> terms.Rule:
    return terms.Rule(
        code=row["id"],
        clause=row["clause"],
        name=_name(row),
        kind=_code(Kind, row["kind"], "kind"),
        conditions=_conditions(row["conditions"]),
        amount=_amount(row["amount"]),
        beneficiaries=tuple(row["beneficiaries"]),
        applies_to=row["applies_to"],
        per=row["per"],
        cap_cny=row["cap_cny"],
        cap_per=row["cap_per"],
        once=row["once"],
        once_per=tuple(row["once_per"]),
        facts=tuple(_fact(fact, names["values"]) for fact in row["facts"]),
        switches=tuple(_switch(switch) for switch in row["switches"]),
        questions=tuple(row["questions"]),
        interpretation=_name(row, "interpretation_zh", "interpretation_en"),
        interpreted=_interpreted(row),
        payer_level=row["payer_level"],
        stacking=row["stacking"],
        decided_by=row.get("decided_by"),
        focus=tuple(terms.Focus(_name(one), one["fact"]) for one in row.get("focus", ())),
        upgrades=row.get("upgrades"),
    )


def _interpreted(row: Row) -> frozenset[str]:
    sources = {name: row.get(f"{name}_source") for name in _SOURCES}
    sources["basis"] = row["amount"].get("basis_source")
    return frozenset(name for name, source in sources.items() if source == "interpretation")


def _conditions(row: Row) -> terms.Conditions:
    if unknown := set(row) - {"all", "any"}:
        raise PolicyError(f"conditions {sorted(unknown)} are not understood")
    return terms.Conditions(
        *(tuple(_condition(line) for line in row.get(part, ())) for part in ("all", "any"))
    )


def _condition(line: Row) -> terms.Condition:
    given = [name for name in line if name != "fact"]
    if len(given) != 1:
        raise PolicyError(f"condition on {line['fact']} needs one operator")
    value = line[given[0]]
    if isinstance(value, list):
        value = tuple(value)
    if isinstance(value, Decimal):
        value = Fraction(value)
    return terms.Condition(line["fact"], _code(Operator, given[0], "operator"), value)


def _fact(row: Row, names: Mapping[str, Row]) -> terms.Fact:
    derived = row.get("derived")
    return terms.Fact(
        name=row["name"],
        type=_code(terms.FactType, row["type"], "fact type"),
        label=_name(row),
        known_by=row["known_by"],
        values=tuple(terms.Choice(v, _name(names[v])) for v in row.get("values", ())),
        optional=row.get("optional", False),
        none=_name(row["none"]) if "none" in row else None,
        derived=_derivation(derived) if derived else None,
    )


def _derivation(row: Row) -> terms.Derivation:
    new, old = row["from"]
    wanted = (f"{new} / {old} - 1", "needs_fact", "needs_ruling")
    if (row["formula"], row["if_missing"], row["if_prior_zero"]) != wanted:
        raise PolicyError(f"formula {row['formula']!r} is not understood")
    return terms.Derivation(new, old)


def _switch(row: Row) -> terms.Switch:
    name = row["name"]
    options = tuple(terms.Choice(one["value"], _name(one)) for one in row["options"])
    understood = SWITCHES.get(name, frozenset())
    if unknown := {one.value for one in options} - understood:
        raise PolicyError(f"switch {name} {sorted(unknown)} is not understood")
    if row["default"] not in {one.value for one in options}:
        raise PolicyError(f"switch {name} has no option {row['default']!r}")
    return terms.Switch(name, _name(row), row["default"], options, row["question"])


def _amount(row: Row) -> terms.Amount:
    build = _AMOUNTS.get(row["type"])
    if build is None:
        raise PolicyError(f"amount type {row['type']!r} is not understood")
    amount, understood = build(row)
    if unknown := set(row) - understood - {"type", "basis_source"}:
        raise PolicyError(f"amount {sorted(unknown)} is not understood")
    return amount


def _negotiated(row: Row) -> terms.Negotiated:
    if row.get("basis_at_offer", row.get("basis")) != row.get("basis"):
        raise PolicyError("basis and basis_at_offer differ")
    return terms.Negotiated(row.get("basis"), row.get("basis_at_settlement"), row.get("pool_cny"))


def _tiers(row: Row) -> terms.Tiers:
    tiers = tuple((start, pays) for start, pays in row["tiers"])
    if list(tiers) != sorted(tiers) or any(a[1] >= b[1] for a, b in pairwise(tiers)):
        raise PolicyError("tiers do not rise")
    return terms.Tiers(row["basis"], tiers, row["first_time_each_tier"])


def _limit(row: Row) -> terms.Limit:
    tolerance = row.get("loss_tolerance_at_most")
    return terms.Limit(row["cny"], None if tolerance is None else Fraction(tolerance))


# How each type of amount is read, and the words it may use.
_AMOUNTS: dict[str, Callable[[Row], tuple[terms.Amount, set[str]]]] = {
    "negotiated": lambda row: (
        _negotiated(row),
        {"basis", "basis_at_offer", "basis_at_settlement", "pool_cny"},
    ),
    "rate": lambda row: (terms.Rate(Fraction(row["rate"]), row["basis"]), {"rate", "basis"}),
    "rate_up_to": lambda row: (
        terms.RateUpTo(Fraction(row["rate"]), row["basis"]),
        {"rate", "basis"},
    ),
    "tier": lambda row: (_tiers(row), {"basis", "tiers", "first_time_each_tier"}),
    "fixed": lambda row: (terms.Fixed(row["cny"]), {"cny"}),
    "per_level": lambda row: (
        terms.PerLevel(row["cny"], row["levels_from"]),
        {"cny", "levels_from"},
    ),
    "limit": lambda row: (_limit(row), {"cny", "loss_tolerance_at_most"}),
    "recorded": lambda _row: (terms.Recorded(), set()),
}


def _hangs_together(rule: terms.Rule, policy: terms.Policy) -> None:
    """Whatever a rule names is there: facts, questions, keys, who knows, scales."""
    asked = set(rule.questions) | {switch.question for switch in rule.switches}
    named = rule.conditions.facts | {f.fact for f in rule.focus if f.fact} | _bases(rule.amount)
    keys = set(rule.once_per)
    known = {fact.known_by for fact in rule.facts} | ({rule.decided_by} - {None})
    for what, unknown in (
        ("question", asked - set(policy.questions)),
        ("fact", named - set(rule.by_name)),
        ("key", keys - set(policy.keys)),
        ("known_by", known - set(policy.known_by)),
        ("applies_to", {rule.applies_to} - set(policy.applies_to)),
        ("cap_per", {rule.cap_per} - {None} - SWITCHES["cap_per"]),
        ("rule", {rule.upgrades} - {None} - set(policy.by_code)),
        ("scale", _levelled(rule) - set(policy.scales)),
    ):
        if unknown:
            raise PolicyError(f"{what} {sorted(map(str, unknown))} is not known")


def _levelled(rule: terms.Rule) -> set[str]:
    if not isinstance(rule.amount, terms.PerLevel):
        return set()
    return {choice.value for fact in rule.facts for choice in fact.values}


def _bases(amount: terms.Amount) -> set[str]:
    match amount:
        case terms.Rate() | terms.Tiers():
            return {amount.basis}
        case terms.RateUpTo():
            return {amount.basis, PROPOSED}
        case terms.Negotiated():
            return {amount.basis, amount.basis_at_settlement, PROPOSED} - {None}  # type: ignore[return-value]
        case _:
            return set()
