"""A landed lead's page says the next visit that the rules ask for, which nobody has made yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.leads.queries import page_options
from crm.reminders.aftercare import column, next_visit, visit_after
from crm.reminders.rulebook import Step, To
from models.enums import RuleKind, Stage
from models.lead import Lead
from models.reminder_rule import ReminderRule
from tests.leads.making import NOW, TODAY, a_lead
from tests.people import People
from tests.reminders.book import delivered

LANDED = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("touched", "after", "says"),
    [
        (None, 10, "下次回访 2026-04-01，落地满 30 天。"),
        (-5, 30, "落地满 30 天（2026-04-01），该回访了。"),
        (29, 100, "落地满 90 天（2026-05-31），该回访了。"),
        (30, 30, "下次回访 2026-05-31，落地满 90 天。"),
        (100, 200, "落地满 180 天（2026-08-29），该回访了。"),
        (365, 400, None),
    ],
)
def test_the_visit_that_nobody_has_made_yet(
    touched: int | None, after: int, says: str | None
) -> None:
    rule = delivered()["aftercare"]
    on = None if touched is None else LANDED + timedelta(days=touched)
    said = visit_after([rule], LANDED, on, LANDED + timedelta(days=after))
    assert (None if said is None else str(said)) == says


def test_two_rules_are_one_row_of_days() -> None:
    rule = replace(delivered()["aftercare"], steps=(Step(90, To.OWNER),))
    sooner = replace(rule, steps=(Step(7, To.MANAGER), Step(14, To.OWNER)))
    touched = (LANDED + timedelta(days=n) for n in (7, 14))
    said = [visit_after([rule, sooner], LANDED, on, LANDED) for on in touched]
    assert [str(one) for one in said] == [
        "下次回访 2026-03-16，落地满 14 天。",
        "下次回访 2026-05-31，落地满 90 天。",
    ]


def test_the_rules_are_the_administrators(session: Any, people: People) -> None:
    made = a_lead(people.scout("beijing")).id
    lead = session.get_one(Lead, made, options=page_options(), populate_existing=True)
    lead.stage, lead.landed_on, lead.company.last_touch_at = Stage.LANDED, TODAY, NOW
    rule = session.scalars(
        sa.select(ReminderRule).where(ReminderRule.kind == RuleKind.AFTERCARE)
    ).one()

    def said(its: Lead = lead, lists: tuple[str, ...] = ()) -> str:
        session.flush()
        return str(next_visit(session.scalar(sa.select(column())), its, lists, TODAY))

    assert "落地满 30 天" in said()
    rule.conditions = {"teams": ["shenzhen"]}
    assert said() == "None"
    rule.conditions = {"tiers": ["listed"]}
    assert (said(), "落地满 30 天" in said(lists=("cs100",))) == ("None", True)
    session.add(
        ReminderRule(
            code="own",
            kind=RuleKind.AFTERCARE,
            zh="“自己的”",
            en="Own",
            conditions={},
            steps=[{"days": 3, "to": "owner"}],
        )
    )
    assert "落地满 3 天" in said()
    session.scalars(sa.select(ReminderRule).where(ReminderRule.code == "own")).one().enabled = False
    assert said() == "None"
    lead.stage = Stage.REGISTERED
    assert said(lists=("cs100",)) == "None"
