"""When a lead that has landed is to be visited again, as its page says it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm.clock import local_date
from crm.messages import Message, Name, nmsg
from crm.reminders.facts import tier_of
from crm.reminders.rulebook import Rule
from crm.reminders.shapes import rule_of
from models.enums import RuleKind, Stage
from models.lead import Lead
from models.reminder_rule import ReminderRule


def column() -> sa.Label[Any]:
    """The rules that ask for visits after landing, which ``next_visit`` reads, as a column of any
    query: a JSON text with their conditions and steps; null when there are none.
    """
    parts = sa.literal('{"conditions": ') + sa.cast(ReminderRule.conditions, sa.Text)
    rule = parts + ', "steps": ' + sa.cast(ReminderRule.steps, sa.Text) + "}"
    found = sa.select(sa.func.aggregate_strings(rule, ", ")).where(
        ReminderRule.kind == RuleKind.AFTERCARE,
        ReminderRule.enabled,
        ReminderRule.removed_at.is_(None),
    )
    return found.scalar_subquery().label("aftercare")


def next_visit(
    found: str | None, lead: Lead, lists: Collection[str], today: date
) -> Message | None:
    """What a landed lead's page says of its next visit; its company and team are loaded.

    ``lists`` are the codes of the lists that the company stands on.
    """
    if lead.stage is not Stage.LANDED or lead.landed_on is None:
        return None
    tier = tier_of(rewarded=lead.company.rewarded, lists=lists)
    rules = [
        rule
        for rule in _rules(found)
        if rule.conditions.admit(tier, lists, lead.stage, lead.team.code)
    ]
    touched = lead.company.last_touch_at
    return visit_after(rules, lead.landed_on, local_date(touched) if touched else None, today)


def visit_after(
    rules: Iterable[Rule], landed_on: date, touched_on: date | None, today: date
) -> Message | None:
    """The day on which a rule asks for a visit that nobody has made since: the last that has come,
    else the next; None when there is none any more.
    """
    days = sorted({step.days for rule in rules for step in rule.steps})
    on = {n: landed_on + timedelta(days=n) for n in days}
    asked = [n for n in days if touched_on is None or on[n] > touched_on]
    if reached := [n for n in asked if on[n] <= today]:
        return nmsg("落地满 %(n)s 天（%(day)s），该回访了。", reached[-1], day=on[reached[-1]])
    if asked:
        return nmsg("下次回访 %(day)s，落地满 %(n)s 天。", asked[0], day=on[asked[0]])
    return None


def _rules(found: str | None) -> list[Rule]:
    named = "aftercare", RuleKind.AFTERCARE, Name("", "")
    return [
        rule_of(*named, one["conditions"], one["steps"], working=False)
        for one in json.loads(f"[{found or ''}]")
    ]
