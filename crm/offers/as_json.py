"""A calculation as machines read it, for the command and for whoever asks the page for JSON."""

from __future__ import annotations

from typing import Any

from crm.formats import say
from crm.offers.incentives import Calculation, Result
from crm.offers.readings import Reading


def as_json(found: Calculation) -> dict[str, Any]:
    """One object; sentences are said in the reader's language, amounts are whole CNY or null."""
    policy = found.policy
    asked = {q.id: q for result in found.results for q in result.questions}
    return {
        "policy": {
            "id": policy.id,
            "title": say(policy.title),
            "status": policy.status,
            "status_name": say(policy.status_name),
            "binding": policy.binding,
        },
        "rules_version": policy.rules_version,
        "rules": [_rule(result) for result in found.results],
        "totals": {kind.value: cny for kind, cny in found.totals.items()},
        "caveats": [say(text) for text in found.caveats],
        "questions": {
            key: {"text": say(q.text), "read_as": say(q.default), "answer": q.answer}
            for key, q in {
                **{k: policy.questions[k] for k in policy.general_questions},
                **asked,
            }.items()
        },
    }


def _rule(result: Result) -> dict[str, Any]:
    rule = result.rule
    return {
        "code": rule.code,
        "clause": rule.clause,
        "name": say(rule.name),
        "kind": rule.kind.value,
        "beneficiaries": list(rule.beneficiaries),
        "verdict": result.verdict.value,
        "amount_cny": result.amount_cny,
        "cap_cny": result.cap_cny,
        "cut_cny": result.cut_cny,
        "missing": [one.fact.name for one in result.missing],
        "ask": [
            {
                "fact": one.fact.name,
                "name": say(one.fact.label),
                "type": one.fact.type.value,
                "known_by": one.fact.known_by,
                "who": say(one.who),
            }
            for one in result.missing
        ],
        "ruling": [question.id for question in result.ruling],
        "questions": [question.id for question in result.questions],
        "working": [say(step) for step in result.working],
        "reading": {
            "interpretation": say(rule.interpretation),
            "interpreted": sorted(rule.interpreted),
            "switches": [_switch(reading) for reading in result.readings],
        },
        "payer_level": rule.payer_level,
        "stacking": rule.stacking,
    }


def _switch(reading: Reading) -> dict[str, Any]:
    return {
        "name": reading.switch.name,
        "value": reading.value,
        "default": reading.switch.default,
        "says": say(reading.name),
        "question": reading.switch.question,
    }
