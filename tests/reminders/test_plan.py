"""Planning writes each reminder once, whoever plans and however often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.messages import Name
from crm.reminders import plan as planning
from crm.reminders.plan import PlanResult, plan
from crm.reminders.rulebook import Book, Rule, Step, To
from crm.working_days import WorkingCalendar
from models.enums import ReminderState, RuleKind, Status, TaskKind
from models.reminder import Reminder
from models.user import User
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, morning


def reminders(session: Any) -> list[Reminder]:
    return list(session.scalars(sa.select(Reminder).order_by(Reminder.id)))


def test_each_cause_is_written_with_whom_it_concerns_and_why(leads: Leads, session: Any) -> None:
    lead = leads.make("北京和利时", age=3)
    step = leads.task(lead, "答复南湖场地方案", TODAY - timedelta(days=2))
    result = plan(MORNING)
    assert (result.planned, result.already_planned) == (1, 0)
    assert result.by_rule == {"next_step": 1}
    (kept,) = reminders(session)
    assert (kept.lead_id, kept.person_id, kept.due_on) == (
        lead.id,
        leads.owner.id,
        date(2026, 12, 1),
    )
    assert kept.occurrence == f"task {step.id} due 2026-12-01 +1"
    assert kept.state is ReminderState.PLANNED


def test_planning_again_adds_nothing_and_says_so(leads: Leads, session: Any) -> None:
    leads.make(age=61)
    leads.make(age=20, cadence=14)
    first = plan(MORNING)
    again = plan(MORNING)
    # Neither has a clock for stalling: what is due is the cadence alone.
    assert (first.planned, first.already_planned) == (2, 0)
    assert (again.planned, again.already_planned, again.by_rule) == (0, 2, {})
    assert len(reminders(session)) == 2


@pytest.mark.parametrize("late", [0, 1, 20])
def test_a_missed_run_loses_nothing(leads: Leads, late: int) -> None:
    lead = leads.make(age=10, cadence=14)
    leads.touch(lead, TODAY - timedelta(days=14))
    assert plan(morning(TODAY - timedelta(days=1))).planned == 0
    assert plan(morning(TODAY + timedelta(days=late))).by_rule == {"cadence_top": 1}


def test_a_touch_starts_a_new_cause(leads: Leads, session: Any) -> None:
    lead = leads.make(age=40, cadence=14)
    leads.touch(lead, TODAY - timedelta(days=30))
    plan(MORNING)
    leads.touch(lead, TODAY)
    assert plan(morning(TODAY + timedelta(days=13))).planned == 0
    assert plan(morning(TODAY + timedelta(days=14))).planned == 1
    assert len({kept.occurrence for kept in reminders(session)}) == 2


def test_a_dry_run_counts_and_writes_nothing(leads: Leads, session: Any) -> None:
    leads.make(age=61)
    result = plan(MORNING, dry_run=True)
    assert (result.planned, result.by_rule) == (1, {"cadence": 1})
    assert reminders(session) == []


def test_held_and_lost_leads_sleep_until_they_wake(leads: Leads) -> None:
    wakes = TODAY + timedelta(days=5)
    leads.make(age=90, status=Status.ON_HOLD, hold_until=wakes, held_since=TODAY)
    leads.make(age=90, status=Status.LOST)
    assert plan(MORNING).planned == 0
    assert plan(morning(wakes)).by_rule == {"waking": 1}


def test_what_was_called_off_and_is_due_again_is_planned_again(leads: Leads, session: Any) -> None:
    lead = leads.make(age=3)
    leads.task(lead, "回电", TODAY, TaskKind.DIRECTIVE)
    plan(MORNING)
    (kept,) = reminders(session)
    kept.state = ReminderState.CANCELLED
    session.commit()
    dry = plan(MORNING, dry_run=True)
    assert (dry.planned, dry.already_planned) == (1, 0)
    assert plan(MORNING).planned == 1
    session.expire_all()
    assert reminders(session)[0].state is ReminderState.PLANNED


def test_a_lead_that_changed_hands_reminds_its_new_owner(
    leads: Leads, session: Any, people: People
) -> None:
    lead = leads.make(age=61)
    plan(MORNING)
    other = people.scout()
    lead.owner_id = other.id
    session.commit()
    assert plan(MORNING).planned == 1
    assert [kept.person_id for kept in reminders(session)] == [leads.owner.id, other.id]


def test_chunks_leave_no_lead_out(
    leads: Leads, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK", 3)
    for _ in range(7):
        leads.make(age=61)
    assert plan(MORNING).planned == 7


def test_a_day_at_the_end_of_the_calendar_stops_nobody(leads: Leads) -> None:
    leads.task(leads.make(age=61), "长期", date.max, TaskKind.PROMISE)
    leads.make(age=61)
    assert plan(MORNING).by_rule == {"cadence": 2}


class Torn(WorkingCalendar):
    """A calendar that cannot say what one day is."""

    def is_working_day(self, day: date) -> bool:
        assert day != TODAY - timedelta(days=39), "torn"
        return super().is_working_day(day)


def test_one_lead_that_cannot_be_planned_leaves_the_others_theirs(
    leads: Leads, session: Any
) -> None:
    wrong, *others = (leads.make() for _ in range(3))
    for lead, ago in zip((wrong, *others), (40, 60, 80), strict=True):
        leads.task(lead, "再联系", TODAY - timedelta(days=ago))
    name, steps = Name("下一步", "Next step"), (Step(3, To.OWNER),)
    rule = Rule("next_step", RuleKind.NEXT_STEP, name, steps, working=True)
    result = plan(MORNING, book=Book((rule,), Torn({})))
    assert (result.planned, result.unplanned) == (2, 1)
    assert {kept.lead_id for kept in reminders(session)} == {lead.id for lead in others}


def test_two_planners_at_once_write_once_and_count_truly(
    leads: Leads, session: Any, app: Flask, make_app: Callable[..., Flask], scout: User
) -> None:
    leads.many(40, age=61)
    results: list[PlanResult] = []
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            results.append(plan(MORNING))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.planned for result in results) == 40
    assert sum(result.already_planned for result in results) == 40
    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 40
