"""The policy's data: everything in it is understood, and nothing else is let in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from crm.offers import terms
from crm.offers.amounts import _RAW, _SETTLED, _STEPS
from crm.offers.parsing import SWITCHES, PolicyError, parse
from crm.offers.policy import policy
from tests.offers.cases import CASES, facts_of, result

FILE = Path(__file__).parents[2] / "crm" / "data" / "policy_rules.json"
POLICY = policy()


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The data's text with one thing in it changed."""
    data = json.loads(FILE.read_text("utf-8"))
    change(data)
    return json.dumps(data, ensure_ascii=False)


def test_every_rule_has_a_worked_case() -> None:
    assert set(CASES) == set(POLICY.by_code)


def test_every_amount_type_is_worked_out() -> None:
    types = {type(rule.amount) for rule in POLICY.rules}
    assert types <= set(_RAW) | {terms.Limit, terms.Recorded}
    assert set(_STEPS) == SWITCHES["first_pass_steps"]
    assert set(_SETTLED) == SWITCHES["settlement"]


@pytest.mark.parametrize("code", CASES)
def test_every_combination_of_switches_is_understood(code: str) -> None:
    switches = POLICY.by_code[code].switches
    for values in product(*([o.value for o in s.options] for s in switches)):
        chosen = {s.name: v for s, v in zip(switches, values, strict=True)}
        found = result(code, facts_of(code), **chosen)
        assert {r.switch.name: r.value for r in found.readings} == chosen


def test_every_question_is_asked_of_somebody() -> None:
    asked = {q for rule in POLICY.rules for q in rule.questions} | set(POLICY.general_questions)
    for question in POLICY.questions.values():
        concerns_rules = question.affects & set(POLICY.by_code)
        assert not concerns_rules or question.id in asked, question.id


def test_questions_and_the_rules_they_affect_name_each_other() -> None:
    for rule in POLICY.rules:
        for key in rule.questions:
            assert rule.code in POLICY.questions[key].affects, (rule.code, key)


@pytest.mark.parametrize("rule", POLICY.rules, ids=lambda rule: rule.code)
def test_every_fact_is_asked_or_said_to_be_optional(rule: terms.Rule) -> None:
    """With nothing known at all, a rule asks every fact that is not optional."""
    facts = {fact.name for fact in rule.facts if not (fact.optional or fact.derived)}
    assert {one.fact.name for one in result(rule.code, {}).missing} == facts


def test_everything_people_read_is_in_both_languages() -> None:
    names = [POLICY.title, POLICY.status_name, POLICY.rounding, *POLICY.known_by.values()]
    names += [n for q in POLICY.questions.values() for n in (q.text, q.default)]
    for rule in POLICY.rules:
        names += [rule.name, rule.interpretation, *(f.label for f in rule.facts)]
        names += [o.name for s in rule.switches for o in s.options]
    assert all(name.zh.strip() and name.en.strip() for name in names)
    clause = re.compile(r"[一二三四五](\([一二三四五]\))?\d?")
    assert not [n for n in names if re.search("[一-鿿]", clause.sub("", n.en))]
    # Names that only the data knows are no words.
    codes = {code for code in (*POLICY.by_code, *POLICY.questions) if "-" in code}
    inner = re.compile("[a-z]_[a-z]|" + "|".join(map(re.escape, codes)))
    assert not [text for n in names for text in (n.zh, n.en) if inner.search(text)]


def test_the_version_follows_the_data() -> None:
    same = parse(json.dumps(json.loads(FILE.read_text("utf-8"))))
    assert same.rules_version == POLICY.rules_version
    other = parse(changed(lambda d: d["rules"][0].update(cap_cny=20_000_000)))
    assert other.rules_version != POLICY.rules_version


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda d: d["rules"][2]["amount"].update(type="lottery"),
            "training: amount type 'lottery'",
        ),
        (lambda d: d["rules"][2]["amount"].update(bonus=1), "training: amount ['bonus']"),
        (lambda d: d["rules"][0].update(kind="loan"), "project-subsidy: kind 'loan'"),
        (lambda d: d["rules"][0]["facts"][0].update(type="guess"), "fact type 'guess'"),
        (lambda d: d["rules"][0]["facts"][0].update(known_by="nobody"), "known_by ['nobody']"),
        (lambda d: d["rules"][0]["conditions"]["all"][0].update({"fact": "zz"}), "fact ['zz']"),
        (lambda d: d["rules"][0]["conditions"].update(none=[]), "conditions ['none']"),
        (lambda d: d["rules"][0]["switches"][0].update(name="mood"), "switch mood"),
        (lambda d: d["rules"][0]["switches"][0].update(default="zz"), "has no option 'zz'"),
        (lambda d: d["rules"][0]["questions"].append("q-zz"), "question ['q-zz']"),
        (lambda d: d["rules"][0]["once_per"].append("moon"), "key ['moon']"),
        (lambda d: d["rules"][3]["amount"]["tiers"].reverse(), "tiers do not rise"),
        (lambda d: d["policy"]["scales"]["CS"].update(direction="sideways"), "scale CS"),
        (lambda d: d["rules"][0].pop("cap_cny"), "cap_cny is missing"),
    ],
)
def test_what_is_not_understood_is_refused(
    change: Callable[[dict[str, Any]], object], says: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        parse(changed(change))
    assert says in str(refused.value)
