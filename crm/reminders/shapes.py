"""A reminder rule as its record keeps it, read as a value; what it may not be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm.messages import Message, Name, msg
from crm.reminders.rulebook import OWN, Conditions, Rule, Step, Tier, To
from models.enums import RuleKind, Stage

LONGEST_NAME = {"zh": 32, "en": 64}
MOST_STEPS = 6
MOST_DAYS = 999

# What nobody owns has nobody who was asked; a decision is asked of whoever may decide.
_TO: dict[RuleKind, frozenset[To]] = {
    RuleKind.UNCOVERED: frozenset({To.TEAM_LEAD, To.TEAM_LEAD_ELSE_MANAGER, To.MANAGER}),
    RuleKind.OFFER: frozenset({To.MANAGER}),
    RuleKind.MENTION: frozenset({To.ASKED}),
    RuleKind.OFFER_APPROVED: frozenset({To.ASKED}),
    RuleKind.OFFER_REFUSED: frozenset({To.ASKED}),
}
_ASKED = frozenset(
    {
        RuleKind.PROMISE_OURS,
        RuleKind.PROMISE_THEIRS,
        RuleKind.DIRECTIVE,
        RuleKind.TASK,
        RuleKind.MATTER,
    }
)
# A rule counts from a day that lies ahead as well as behind; the others only from one that passed.
AHEAD = frozenset(
    {
        RuleKind.NEXT_STEP,
        RuleKind.SIGNING,
        RuleKind.LANDING,
        RuleKind.PROMISE_OURS,
        RuleKind.PROMISE_THEIRS,
        RuleKind.DIRECTIVE,
        RuleKind.TASK,
        RuleKind.MATTER,
        RuleKind.PROTECTION,
        RuleKind.WAKING,
    }
)
# A week is a week, and a landing's anniversary is a day of the calendar.
CALENDAR_ONLY = frozenset({RuleKind.UNCOVERED, RuleKind.AFTERCARE})
# A mail at once is about a lead, and a week is never urgent.
NEVER_AT_ONCE = frozenset({RuleKind.UNCOVERED})
_PROMISES = frozenset({RuleKind.PROMISE_OURS, RuleKind.PROMISE_THEIRS})


def may_remind(kind: RuleKind) -> tuple[To, ...]:
    """Whom a rule of this kind may remind, in the order of the enum."""
    if found := _TO.get(kind):
        return tuple(to for to in To if to in found)
    own = To.ASKED if kind in _ASKED else To.OWNER
    others = set(To) - OWN - {To.TEAM_LEAD_ELSE_MANAGER}
    if kind in _PROMISES:
        # Promises are not everybody's to read.
        others -= {To.LIAISON_LEADER}
    return tuple(to for to in To if to is own or to in others)


def rule_of(
    code: str,
    kind: RuleKind,
    name: Name,
    conditions: Mapping[str, Any],
    steps: Iterable[Mapping[str, Any]],
    *,
    working: bool,
    at_once: bool = False,
) -> Rule:
    """A record's rule; its steps by their day. Raises ValueError for what no rule can be."""
    return Rule(
        code=code,
        kind=kind,
        name=name,
        steps=in_order(Step(int(step["days"]), To(step["to"])) for step in steps),
        conditions=Conditions(
            tiers=frozenset(Tier(one) for one in conditions.get("tiers", ())),
            lists=frozenset(conditions.get("lists", ())),
            except_lists=frozenset(conditions.get("except_lists", ())),
            stages=frozenset(Stage(one) for one in conditions.get("stages", ())),
            teams=frozenset(conditions.get("teams", ())),
        ),
        working=working,
        at_once=at_once,
    )


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps by their day; of one day in the order of whom they remind."""
    places = {to: place for place, to in enumerate(To)}
    return tuple(sorted(steps, key=lambda step: (step.days, places[step.to])))


def as_json(rule: Rule) -> dict[str, Any]:
    """What the record keeps of a rule's conditions and steps."""
    conditions = {
        "tiers": sorted(rule.conditions.tiers),
        "lists": sorted(rule.conditions.lists),
        "except_lists": sorted(rule.conditions.except_lists),
        "stages": sorted(rule.conditions.stages),
        "teams": sorted(rule.conditions.teams),
    }
    return {
        "conditions": {name: values for name, values in conditions.items() if values},
        "steps": [{"days": step.days, "to": step.to.value} for step in rule.steps],
    }


def wrong_name(field: str, text: str) -> Message | None:
    """What is wrong with a rule's name in a language (``zh``, ``en``); None when it will do."""
    if not text:
        return msg("请填规则的名称。")
    if len(text) > LONGEST_NAME[field]:
        return msg("名称最多 %(n)s 个字，请写短一些。", n=LONGEST_NAME[field])
    return None


def wrong_steps(kind: RuleKind, steps: Sequence[Step]) -> Message | None:
    """What is wrong with a rule's steps; None when they will do."""
    if not steps:
        return msg("至少要有一步：几天后提醒谁。")
    if len(steps) > MOST_STEPS:
        return msg("最多 %(n)s 步。", n=MOST_STEPS)
    if len(set(steps)) < len(steps):
        return msg("有两步完全一样，请去掉一步。")
    return next((wrong for step in steps if (wrong := wrong_step(kind, step))), None)


def wrong_step(kind: RuleKind, step: Step) -> Message | None:
    """What is wrong with one step."""
    if abs(step.days) > MOST_DAYS:
        return msg("天数最多 %(n)s。", n=MOST_DAYS)
    if step.days < 0 and kind not in AHEAD:
        return msg("这条规则只能在当天或之后提醒，天数不能是负数。")
    if kind is RuleKind.UNCOVERED and step.days > 6:
        return msg("这条规则每周从周一算起，天数请填 0 到 6。")
    if step.to not in may_remind(kind):
        return msg("这条规则不能提醒这类人，请另选。")
    return None
