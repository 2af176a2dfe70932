"""Whom a rule's steps remind, when, and of which leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.leads.time_words import Clear
from crm.messages import Name
from crm.reminders.facts import Decided, LastStep, LeadClock, Listed, Touch, Waiting
from crm.reminders.rulebook import Book, People
from crm.reminders.rules import asked, dues
from crm.working_days import official_calendar
from models.enums import Stage, Status
from tests.reminders.book import BOOK, delivered
from tests.reminders.test_rules import QUIET, TODAY, ago, only, step

OTHERS = (Listed("industry-leader", Name("龙头", "Leader"), Name("行业龙头", "Leaders")),)
LEADER, BOSS, OTHER_BOSS = 20, 30, 31
OFFICES = People(team_leads={1: (LEADER,)}, managers=(BOSS, OTHER_BOSS))
TEAM = replace(BOOK, people=OFFICES)


def told(lead: LeadClock, today: date = TODAY, book: Book = TEAM) -> dict[int, list[str]]:
    """What each person hears."""
    found: dict[int, list[str]] = {}
    for due in dues(lead, today, book):
        found.setdefault(due.person_id, []).append(f"{due.rule}: {due.occurrence}")
    return found


@pytest.mark.parametrize(
    ("rewarded", "lists", "days", "people"),
    [
        (True, QUIET.lists, 14, [9]),
        (True, QUIET.lists, 21, [9, LEADER]),
        (True, QUIET.lists, 30, [9, LEADER, BOSS, OTHER_BOSS]),
        (False, OTHERS, 29, []),
        (True, OTHERS, 30, [9]),
        (False, OTHERS, 45, [9, LEADER]),
        (False, OTHERS, 60, [9, LEADER, BOSS, OTHER_BOSS]),
        (False, (), 59, []),
        (False, (), 60, [9]),
        (False, (), 90, [9, LEADER]),
    ],
)
def test_the_longer_nobody_calls_the_more_people_hear_of_it(
    rewarded: bool, lists: tuple[Listed, ...], days: int, people: list[int]
) -> None:
    lead = replace(QUIET, rewarded=rewarded, lists=lists, last_touch=Touch(8, ago(days)))
    assert list(told(lead)) == people


def test_who_hears_of_anothers_lead_is_told_whose_it_is() -> None:
    lead = replace(QUIET, last_touch=Touch(812, ago(21)))
    said = {due.person_id: str(due.reason) for due in dues(lead, TODAY, TEAM)}
    assert said[LEADER] == "陈思远负责：2026-11-12起 21 天未联系，中国软件百强第 17 位。"
    assert said[9] == "2026-11-12起 21 天未联系，中国软件百强第 17 位。"


def test_a_person_hears_of_a_cause_by_its_last_step_alone() -> None:
    near = replace(QUIET, expected_signing_on=TODAY + timedelta(days=5))
    assert told(near) == {9: [f"signing: signing {near.expected_signing_on} -7"]}
    # Who owns the lead and leads the team hears once, by the later step.
    own = replace(QUIET, owner_id=LEADER, last_touch=Touch(812, ago(25)))
    assert told(own) == {LEADER: ["cadence_top: touch 812 +21"]}


@pytest.mark.parametrize(
    ("today", "heard"),
    [
        (date(2026, 9, 29), []),
        # The last working day before the national holiday, whose weekend is worked.
        (date(2026, 9, 30), ["next_step: task 77 due 2026-10-08 -1"]),
        (date(2026, 10, 7), ["next_step: task 77 due 2026-10-08 -1"]),
        (date(2026, 10, 8), ["next_step: task 77 due 2026-10-08"]),
        (date(2026, 10, 9), ["next_step: task 77 due 2026-10-08 +1"]),
    ],
)
def test_working_days_are_chinas(today: date, heard: list[str]) -> None:
    book = replace(BOOK, calendar=official_calendar([2026]))
    lead = replace(QUIET, next_step=step(date(2026, 10, 8)), last_touch=Touch(1, today))
    assert told(lead, today, book) == ({9: heard} if heard else {})


def test_a_lead_without_a_next_step_says_since_when() -> None:
    lead = replace(QUIET, next_step=None, last_step=LastStep(70, ago(3)))
    due = only(lead)
    assert (due.rule, due.occurrence) == ("no_step", "no step after task 70 +1")
    assert str(due.reason) == "2026-11-30起没有下一步，已 3 天，请定下来。"


@pytest.mark.parametrize(("days", "step_of"), [(30, 30), (95, 90), (200, 180), (400, 365)])
def test_aftercare_asks_until_somebody_was_there(days: int, step_of: int) -> None:
    lead = replace(QUIET, stage=Stage.LANDED, landed_on=ago(days), last_touch=Touch(1, ago(days)))
    assert told(lead) == {9: [f"aftercare: landed {ago(days)} +{step_of}"]}
    assert told(replace(lead, last_touch=Touch(2, TODAY))) == {}


def test_an_offer_waits_for_managers_but_never_for_its_proposer() -> None:
    lead = replace(QUIET, offer=Waiting(3, BOSS, "何静", ago(2)))
    assert told(lead) == {OTHER_BOSS: ["offer: offer 3 +1"]}


def test_a_refused_offer_is_said_to_whom_it_asks_alone_and_goes_with_its_lead() -> None:
    lead = replace(QUIET, decided=Decided(3, LEADER, "何静", ago(2)))
    assert told(lead) == {LEADER: ["offer_refused: offer 3 refused"]}
    assert told(replace(lead, status=Status.ON_HOLD)) == told(lead)
    assert told(replace(lead, status=Status.LOST)) == {}
    (due,) = asked(lead, TODAY, TEAM, person=LEADER, own=True)
    assert str(due.reason) == "何静 2026-12-01 退回了政策测算，请看原因，改好后重新提出。"
    assert asked(lead, TODAY, TEAM, person=BOSS) == []


def test_an_approved_offer_says_what_it_opens_to_whom_it_concerns_alone() -> None:
    lead = replace(QUIET, decided=Decided(3, LEADER, "何静", ago(2), approved=True))
    assert told(lead) == {LEADER: ["offer_approved: offer 3 approved"]}
    assert told(replace(lead, status=Status.ON_HOLD)) == told(lead)
    assert told(replace(lead, status=Status.LOST)) == {}
    (due,) = asked(lead, TODAY, TEAM, person=LEADER, own=True)
    assert str(due.reason) == "何静 2026-12-01 批准了政策测算，可以去签约了。"
    assert due.clears == (Clear.GATE,)
    signed = replace(lead, stage=Stage.COMMITTED)
    (due,) = asked(signed, TODAY, TEAM, person=LEADER, own=True)
    assert str(due.reason) == "何静 2026-12-01 批准了政策测算，请告诉企业。"
    assert due.clears == ()
    assert asked(lead, TODAY, TEAM, person=BOSS) == []


def test_a_rules_conditions_leave_the_others_out() -> None:
    cadence = delivered()["cadence_top"]
    cold = replace(QUIET, last_touch=Touch(8, ago(99)), team="beijing")
    for narrowed, speaks in (
        ({"stages": frozenset({Stage.ENGAGED})}, False),
        ({"stages": frozenset({Stage.NEGOTIATING})}, True),
        ({"teams": frozenset({"shenzhen"})}, False),
        ({"teams": frozenset({"beijing"})}, True),
        ({"lists": frozenset({"world-software-500"})}, False),
        ({"lists": frozenset({"china-software-100"})}, True),
    ):
        rule = replace(cadence, conditions=replace(cadence.conditions, **narrowed))
        assert bool(dues(cold, TODAY, Book((rule,)))) is speaks, narrowed


def test_who_looks_on_hears_of_a_cause_once() -> None:
    lead = replace(QUIET, last_touch=Touch(812, ago(40)))
    (due,) = asked(lead, TODAY, TEAM)
    assert due.person_id == 9
    (hers,) = asked(lead, TODAY, TEAM, person=LEADER)
    assert hers.person_id == LEADER


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(-30, 30))
def test_the_last_day_that_a_query_asks_for_is_the_last_that_the_rules_reach(
    today: date, days: int
) -> None:
    rule = replace(delivered()["next_step"], working=True)
    one = replace(rule.steps[0], days=days)
    book = Book((rule,), official_calendar(range(2023, 2028)))
    last = book.last_anchor(rule, one, today)
    assert book.day_of(rule, last, one) <= today < book.day_of(rule, last + timedelta(days=1), one)
