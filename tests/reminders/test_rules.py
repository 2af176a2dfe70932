"""Who is due, why, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.messages import Name
from crm.reminders.facts import Due, LastStep, LeadClock, Listed, OpenTask, Touch, Waiting
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda, dues, order
from models.enums import Stage, Status, TaskKind
from tests.reminders.book import BOOK

TODAY = date(2026, 12, 3)
TOMORROW = TODAY + timedelta(days=1)
BADGE = Name("百强", "China 100")
QUIET = LeadClock(
    lead_id=5,
    owner_id=9,
    company="北京和利时",
    stage=Stage.NEGOTIATING,
    status=Status.ACTIVE,
    registered_on=date(2026, 9, 1),
    rewarded=True,
    lists=(Listed("china-software-100", BADGE, Name("中国软件百强", "CS 100"), 17),),
    owner="陈思远",
    team_id=1,
    last_touch=Touch(812, TODAY),
    next_step=OpenTask(76, TaskKind.NEXT_STEP, "再联系", None),
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def step(
    due_on: date | None, kind: TaskKind = TaskKind.NEXT_STEP, *, theirs: bool = False
) -> OpenTask:
    return OpenTask(77, kind, "答复南湖场地方案。", due_on, theirs=theirs)


def only(lead: LeadClock) -> Due:
    (found,) = dues(lead, TODAY, BOOK)
    return found


def test_a_lead_that_was_just_touched_is_not_due() -> None:
    assert dues(QUIET, TODAY, BOOK) == []
    assert agenda([QUIET], TODAY, BOOK) == []


CASES: list[tuple[LeadClock, str, str, str, str]] = [
    (
        replace(QUIET, next_step=step(ago(2))),
        "next_step",
        "task 77 due 2026-12-01 +1",
        "已逾期 2 天",
        "约好 2026-12-01 答复南湖场地方案，还没有做。",
    ),
    (
        replace(QUIET, next_step=step(TODAY)),
        "next_step",
        "task 77 due 2026-12-03",
        "今天到期",
        "约好今天答复南湖场地方案。",
    ),
    (
        replace(QUIET, tasks=(step(ago(1), TaskKind.PROMISE),)),
        "promise_broken",
        "task 77 due 2026-12-02 +1",
        "已逾期 1 天",
        "答应对方 2026-12-02 答复南湖场地方案，还没有做到。",
    ),
    (
        replace(QUIET, tasks=(step(TODAY, TaskKind.PROMISE),)),
        "promise_broken",
        "task 77 due 2026-12-03",
        "今天到期",
        "今天要做到答应对方的：答复南湖场地方案。",
    ),
    (
        replace(QUIET, tasks=(step(ago(1), TaskKind.PROMISE, theirs=True),)),
        "promise_theirs",
        "task 77 due 2026-12-02 +1",
        "已逾期 1 天",
        "对方答应 2026-12-02 答复南湖场地方案，还没有给。",
    ),
    (
        replace(QUIET, tasks=(step(TODAY, TaskKind.TASK),)),
        "task_due",
        "task 77 due 2026-12-03",
        "今天到期",
        "待办 2026-12-03 要办好：答复南湖场地方案。",
    ),
    (
        replace(QUIET, tasks=(step(TODAY, TaskKind.DIRECTIVE),)),
        "directive_due",
        "task 77 due 2026-12-03",
        "今天到期",
        "批示要在 2026-12-03 办好：答复南湖场地方案。",
    ),
    (
        replace(QUIET, tasks=(step(ago(1), TaskKind.MATTER),)),
        "matter_due",
        "task 77 due 2026-12-02",
        "已逾期 1 天",
        "需协调的事 2026-12-02 前要有结果：答复南湖场地方案。",
    ),
    (
        replace(QUIET, protected_until=TODAY + timedelta(days=6)),
        "protection",
        "protected until 2026-12-09 -14",
        "6 天后退回公海",
        "到 2026-12-09 没有接触就退回公海，其他小分队可以接手。上次接触 2026-12-03。",
    ),
    (
        replace(QUIET, protected_until=ago(1)),
        "protection",
        "protected until 2026-12-02 -3",
        "保护期已过",
        "保护期到 2026-12-02 为止，其他小分队可以接手。上次接触 2026-12-03。",
    ),
    (
        replace(QUIET, expected_signing_on=TODAY + timedelta(days=7)),
        "signing",
        "signing 2026-12-10 -7",
        "还有 7 天",
        "预计 2026-12-10 签约，请和对方再确认一次。",
    ),
    (
        replace(QUIET, expected_landing_on=ago(3)),
        "landing",
        "landing 2026-11-30 +1",
        "已逾期 3 天",
        "预计 2026-11-30 落地，已经过了，还没有落地。",
    ),
    (
        replace(QUIET, last_touch=Touch(812, ago(21))),
        "cadence_top",
        "touch 812 +14",
        "21 天没有联系",
        "2026-11-12起 21 天未联系，中国软件百强第 17 位。",
    ),
    (
        replace(QUIET, last_touch=None, registered_on=ago(21)),
        "cadence_top",
        "lead 5 registered +14",
        "还没有联系过",
        "2026-11-12登记，21 天还没有联系过，中国软件百强第 17 位。",
    ),
    (
        replace(QUIET, stalls_on=ago(3), days_in_stage=94),
        "stalled",
        "negotiating stalled 2026-11-30",
        "停滞 94 天",
        "洽谈满 90 天算停滞，现在 94 天；上次接触 2026-12-03。",
    ),
    (
        replace(QUIET, status=Status.ON_HOLD, hold_until=TODAY, last_touch=None),
        "waking",
        "held until 2026-12-03",
        "该恢复跟进了",
        "暂缓到 2026-12-03，请决定恢复跟进还是再缓一缓。",
    ),
]


@pytest.mark.parametrize(("lead", "rule", "cause", "headline", "reason"), CASES)
def test_each_rule_says_why(
    lead: LeadClock, rule: str, cause: str, headline: str, reason: str
) -> None:
    due = only(lead)
    assert (due.rule, due.occurrence, str(due.headline), str(due.reason)) == (
        rule,
        cause,
        headline,
        reason,
    )


@pytest.mark.parametrize("lead", [case[0] for case in CASES])
def test_a_missed_run_loses_no_cause(lead: LeadClock) -> None:
    causes = {(due.rule, due.cause) for due in dues(lead, TODAY, BOOK)}
    later = dues(lead, TODAY + timedelta(days=40), BOOK)
    assert causes <= {(due.rule, due.cause) for due in later}


@pytest.mark.parametrize(
    "lead",
    [
        replace(QUIET, next_step=step(TODAY + timedelta(days=4))),
        replace(QUIET, next_step=None, last_step=LastStep(70, TODAY)),
        replace(
            QUIET,
            tasks=(
                step(TODAY + timedelta(days=1), TaskKind.PROMISE),
                step(TODAY, TaskKind.PROMISE, theirs=True),
                step(TODAY + timedelta(days=1), TaskKind.TASK),
                step(None, TaskKind.MATTER),
            ),
        ),
        # "No end", as some offices write it: nothing can be counted on from there.
        replace(
            QUIET,
            next_step=step(date.max),
            protected_until=date.max,
            tasks=tuple(step(date.max, kind) for kind in TaskKind),
        ),
        replace(QUIET, expected_signing_on=TODAY + timedelta(days=61)),
        replace(QUIET, stage=Stage.LANDED, landed_on=ago(29)),
        replace(QUIET, stage=Stage.LANDED, landed_on=ago(35), last_touch=Touch(1, ago(5))),
        replace(QUIET, offer=Waiting(3, 9, "陈思远", TODAY)),
        replace(QUIET, last_touch=Touch(812, ago(13))),
        replace(QUIET, stalls_on=TODAY + timedelta(days=1)),
        replace(QUIET, protected_until=TODAY + timedelta(days=15)),
        replace(QUIET, stage=Stage.COMMITTED, expected_signing_on=ago(1), protected_until=ago(1)),
        replace(QUIET, stage=Stage.LANDED, expected_landing_on=ago(1), last_touch=None),
        replace(QUIET, status=Status.ON_HOLD, hold_until=TODAY + timedelta(days=1)),
        replace(QUIET, status=Status.LOST, next_step=step(ago(2)), last_touch=None),
    ],
)
def test_what_is_not_due_yet_or_no_more_keeps_quiet(lead: LeadClock) -> None:
    assert dues(lead, TODAY, BOOK) == []


def test_a_company_on_no_list_is_named_by_its_days_alone() -> None:
    lead = replace(QUIET, rewarded=False, lists=(), last_touch=Touch(1, ago(61)))
    assert str(only(lead).reason) == "2026-10-03起 61 天未联系。"


def test_the_most_urgent_reason_speaks_and_the_others_follow() -> None:
    lead = replace(QUIET, next_step=step(ago(2)), stalls_on=ago(3), last_touch=Touch(812, ago(30)))
    (item,) = agenda([lead], TODAY, BOOK)
    assert item.first.rule == "next_step"
    assert [due.rule for due in item.also] == ["cadence_top", "stalled"]


def test_todays_order() -> None:
    leads = [
        replace(QUIET, stalls_on=ago(3), days_in_stage=94),
        replace(QUIET, rewarded=False, lists=(), last_touch=Touch(1, ago(99))),
        replace(QUIET, last_touch=Touch(1, ago(20))),
        replace(QUIET, last_touch=Touch(1, ago(40))),
        replace(QUIET, expected_signing_on=TODAY),
        replace(QUIET, protected_until=TODAY),
        replace(QUIET, next_step=step(TODAY), expected_landing_on=date(2027, 9, 1)),
        replace(QUIET, next_step=step(TODAY), expected_landing_on=date(2027, 3, 1)),
        replace(QUIET, next_step=step(ago(1))),
        replace(QUIET, tasks=(step(ago(1), TaskKind.DIRECTIVE),)),
        replace(QUIET, tasks=(step(ago(1), TaskKind.PROMISE),)),
    ]
    numbered = [replace(lead, lead_id=number) for number, lead in enumerate(leads)]
    assert [item.lead.lead_id for item in agenda(numbered, TODAY, BOOK)] == [
        10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ]  # fmt: skip


def test_a_rule_that_is_off_says_nothing() -> None:
    others = tuple(rule for rule in BOOK.rules if rule.code != "cadence_top")
    assert dues(replace(QUIET, last_touch=None), TODAY, Book(others)) == []


near = st.none() | st.dates(ago(120), TODAY + timedelta(days=120))
leads_of_all_kinds = st.builds(
    replace,
    st.just(QUIET),
    stage=st.sampled_from(Stage),
    status=st.sampled_from(Status),
    rewarded=st.booleans(),
    last_touch=st.none() | st.builds(Touch, st.integers(1, 99), st.dates(ago(120), TODAY)),
    next_step=st.none() | st.builds(step, near),
    stalls_on=near,
    protected_until=near,
    hold_until=near,
    expected_signing_on=near,
    expected_landing_on=near,
)


def numbered(found: list[LeadClock]) -> list[LeadClock]:
    return [replace(lead, lead_id=number) for number, lead in enumerate(found)]


@given(
    st.lists(leads_of_all_kinds, max_size=12)
    .map(numbered)
    .flatmap(lambda found: st.tuples(st.just(found), st.permutations(found)))
)
def test_each_lead_stands_at_most_once_in_an_order_that_no_input_order_changes(
    both: tuple[list[LeadClock], list[LeadClock]],
) -> None:
    found, shuffled = both
    ids = [item.lead.lead_id for item in agenda(found, TODAY, BOOK)]
    assert len(ids) == len(set(ids))
    assert set(ids) == {lead.lead_id for lead in found if dues(lead, TODAY, BOOK)}
    assert ids == [item.lead.lead_id for item in agenda(shuffled, TODAY, BOOK)]


@given(leads_of_all_kinds)
def test_occurrences_of_a_lead_differ_and_the_order_is_strict(lead: LeadClock) -> None:
    found = dues(lead, TODAY, BOOK)
    assert len({(due.rule, due.occurrence) for due in found}) == len(found)
    keys = [due.sort_key for due in order(reversed(found))]
    assert all(a < b for a, b in pairwise(keys))
