"""The database's candidates and the rules agree, whatever the limit; both engines."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm import clock
from crm.access.scopes import Scope
from crm.leads import comments
from crm.reminders.agenda import LOOKED_ON, agenda_for, due_leads
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import DECISIONS
from crm.reminders.plan import plan
from crm.reminders.rules import agenda, dues
from crm.reminders.store import book_for, book_of
from models.company import Company
from models.enums import OfferState, Role, RuleKind, Side, Stage, Status, TaskKind
from models.lead import Claim, Lead
from models.offer import Offer
from models.promise import Promise
from models.task import Task
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of, some_leads
from tests.people import People


@pytest.fixture
def busy(session: Any, people: People, once: Callable[..., Any]) -> tuple[Any, list[int]]:
    """A scout with leads of every kind, some due for several reasons, some for none."""

    def make() -> tuple[int, list[int], int]:
        scout = people.scout()
        dice = random.Random(3)
        leads = some_leads(scout, 40)
        for lead in leads:
            _muddle(session, lead, dice)
        boss, leader = people.manager(), people.make(Role.TEAM_LEAD)
        for number, lead in enumerate(dice.sample(leads, 16)):
            by = leader if number % 3 == 0 else scout
            state = OfferState.APPROVED if number % 2 else OfferState.REFUSED
            session.add(_decided(lead, state, by, boss, dice, answered=number % 5 == 0))
        session.commit()
        return scout.id, [lead.id for lead in leads], people.count

    # Whoever is made after them has another address.
    key, keys, people.count = once("busy", make)
    return actor_of(session.get_one(User, key)), keys


def _muddle(session: Any, lead: Lead, dice: random.Random) -> None:
    def day(chance: float = 0.5) -> Any:
        near = TODAY + timedelta(days=dice.randint(-20, 20))
        return near if dice.random() < chance else None

    lead.stage = dice.choice(list(Stage))
    lead.expected_signing_on, lead.expected_landing_on = day(0.3), day(0.3)
    lead.created_at = NOW - timedelta(days=dice.randint(0, 90), hours=dice.randint(0, 23))
    company = session.get_one(Company, lead.company_id)
    company.cadence_days, company.rewarded = dice.choice([(14, True), (30, False), (60, False)])
    if dice.random() < 0.5:
        company.last_touch_at = NOW - timedelta(hours=dice.randint(1, 2000))
    claim = session.query(Claim).filter_by(lead_id=lead.id).one()
    claim.protected_until = TODAY + timedelta(days=dice.randint(-5, 60))
    if dice.random() < 0.2:
        lead.status, lead.hold_until, lead.held_since = Status.ON_HOLD, TODAY, TODAY
        lead.hold_until = day(1)
        lead.stalls_on = None
    else:
        lead.stalls_on = day()
    for kind in TaskKind:
        if due := day(0.3):
            task = Task(lead_id=lead.id, kind=kind, text="事", due_on=due, created_at=NOW)
            session.add(task)
            session.flush()
            if kind is TaskKind.PROMISE:
                session.add(Promise(task_id=task.id, side=dice.choice(list(Side))))
            if kind is TaskKind.NEXT_STEP:
                lead.next_step_on = due


def _decided(
    lead: Lead, state: OfferState, by: User, boss: User, dice: random.Random, *, answered: bool
) -> Offer:
    decided = NOW - timedelta(days=dice.randint(0, 9))
    return Offer(
        lead_id=lead.id,
        version=1,
        rules_version="v",
        no_incentive=True,
        note="企业书面放弃",
        state=state,
        reason="请再谈",
        proposer_id=by.id,
        approver_id=boss.id,
        created_at=decided,
        decided_at=decided,
        answered_at=NOW if answered else None,
    )


def test_it_is_the_rules_own_agenda(busy: tuple[Any, list[int]]) -> None:
    actor, keys = busy
    of_actor = {"person": actor.id, "own": True}
    everything = agenda(lead_clocks(keys, TODAY), TODAY, book_for(actor, TODAY), **of_actor)
    assert {due.kind for item in everything for due in item.dues} >= DECISIONS
    late = [i for i in everything if any(due.tone == "red" for due in (i.first, *i.also))]
    assert len(everything) > 20
    for limit in (1, 5, 25, 100):
        found = agenda_for(actor, TODAY, limit=limit)
        assert found.items == everything[:limit]
        assert (found.total, found.late) == (len(everything), len(late))


def test_who_looks_on_hears_of_dates_and_promises(session: Any, busy: Any, people: People) -> None:
    account = people.manager()
    manager = actor_of(account)
    found = agenda_for(manager, TODAY, scope=Scope.CITY, limit=100)
    dues_of = [due for item in found.items for due in item.dues]
    kinds = {due.kind for due in dues_of if due.person_id != manager.id}
    assert kinds <= LOOKED_ON
    assert found.total == len(found.items) > 0
    # What somebody asks of them stands before what is more urgent to others.
    last = found.items[-1].lead.lead_id
    lead = session.get_one(Lead, last)
    owner = session.get_one(User, lead.owner_id)
    comments.write(lead.public_id, "看一下", [account.public_id], actor_of(owner), now=NOW)
    session.commit()
    first = agenda_for(manager, TODAY, scope=Scope.CITY, limit=5).items[0]
    assert (first.lead.lead_id, first.first.kind) == (last, RuleKind.MENTION)


def test_another_scouts_day_is_empty(busy: Any, people: People) -> None:
    found = agenda_for(actor_of(people.scout()), clock.local_date(NOW))
    assert (found.items, found.total, found.late) == ([], 0, 0)


@pytest.mark.parametrize("ahead", [-30, -1, 0, 1, 7, 40])
def test_the_planner_leaves_out_no_lead_that_is_due(
    busy: tuple[Any, list[int]], ahead: int
) -> None:
    today = TODAY + timedelta(days=ahead)
    book = book_of(today)
    every = [(lead.lead_id, dues(lead, today, book)) for lead in lead_clocks(busy[1], today)]
    assert due_leads(today, book) == sorted(lead_id for lead_id, found in every if found)
    planned = plan(NOW + timedelta(days=ahead))
    assert planned.by_rule == Counter(due.rule for _, found in every for due in found)


def test_beyond_most_it_counts_no_further_and_still_stands_in_order(
    busy: tuple[Any, list[int]],
) -> None:
    actor, keys = busy
    everything = agenda(lead_clocks(keys, TODAY), TODAY, book_for(actor, TODAY))
    most = 5
    assert len(everything) > most
    found = agenda_for(actor, TODAY, limit=3, most=most)
    assert (found.total, found.more) == (most, True)
    assert found.items == everything[:3]
    exact = agenda_for(actor, TODAY, limit=3, most=len(everything))
    assert (exact.total, exact.more) == (len(everything), False)


def test_one_lead_with_many_promises_hides_no_other(session: Any, people: People) -> None:
    scout = people.scout()
    many, one = a_lead(scout), a_lead(scout)
    for days in range(9, 2, -1):
        due = TODAY - timedelta(days=days)
        session.add(
            Task(lead_id=many.id, kind=TaskKind.PROMISE, text="事", due_on=due, created_at=NOW)
        )
    due = TODAY - timedelta(days=1)
    session.add(Task(lead_id=one.id, kind=TaskKind.PROMISE, text="事", due_on=due, created_at=NOW))
    session.commit()
    found = agenda_for(actor_of(scout), TODAY, limit=2)
    assert [item.lead.lead_id for item in found.items] == [many.id, one.id]
    assert (found.total, found.late) == (2, 2)


def test_a_promise_is_told_to_who_may_read_it_only(session: Any, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    lead = a_lead(scout)
    late = TODAY - timedelta(days=1)
    for kind, to in ((TaskKind.PROMISE, scout), (TaskKind.TASK, mate)):
        session.add(
            Task(
                lead_id=lead.id,
                kind=kind,
                text="事",
                due_on=late,
                assignee_id=to.id,
                created_at=NOW,
            )
        )
    session.commit()

    def heard(user: Any, scope: Scope) -> set[str]:
        found = agenda_for(actor_of(user), TODAY, scope=scope)
        return {due.rule for item in found.items for due in (item.first, *item.also)}

    assert heard(scout, Scope.MINE) == heard(scout, Scope.TEAM) == {"promise_broken"}
    assert heard(mate, Scope.MINE) == heard(mate, Scope.TEAM) == {"task_due"}
    assert heard(people.team_lead(), Scope.TEAM) == {"promise_broken"}
    assert heard(people.manager(), Scope.CITY) == {"promise_broken"}
