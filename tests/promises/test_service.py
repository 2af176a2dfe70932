"""Promises of both sides: from a visit, in the book, moved, kept; on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm.access import Scope
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.promises import queries, service
from crm.promises.queries import BookFilter
from crm.promises.rules import NewPromise, Standing
from crm.visits.briefing import briefing_of
from crm.visits.service import NewVisit, log_visit
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import Role, Side, Stage, TaskState, VisitMode
from models.lead import Lead
from models.task import Task
from models.visit import Visit
from tests.at_once import at_once
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

SOON = TODAY + timedelta(days=3)
OURS = NewPromise(Side.OURS, "给出人才公寓的书面答复", SOON)


def _contact(session: Any, lead: Lead, name: str = "周启明") -> str:
    contact = Contact(name=name, created_at=NOW)
    session.add(contact)
    session.flush()
    session.add(ContactRole(contact_id=contact.id, company_id=lead.company_id))
    session.commit()
    return str(contact.public_id)


def _visit(session: Any, lead: Lead, *promises: NewPromise, **more: Any) -> NewVisit:
    company = session.get_one(Company, lead.company_id).public_id
    values: dict[str, Any] = {
        "client_key": "phone-00000001",
        "lead": lead.public_id,
        "company": company,
        "mode": VisitMode.CALL,
        "occurred_at": NOW,
        "promises": promises,
    }
    return NewVisit(**values | more)


def test_a_visit_writes_the_promises_of_both_sides_once(session: Any, people: People) -> None:
    scout = people.scout()
    lead, actor = a_lead(scout), actor_of(scout)
    theirs = NewPromise(Side.THEIRS, "发来三年规划", SOON, _contact(session, lead))
    new = _visit(session, lead, OURS, NewPromise(), theirs)
    visit = log_visit(new, actor, NOW).visit
    assert not log_visit(new, actor, NOW).created
    found = queries.promises_from(visit.id, actor)
    assert [(one.side, one.who, one.task.due_on, one.visit) for one in found] == [
        (Side.OURS, scout.name, SOON, visit.public_id),
        (Side.THEIRS, "周启明", SOON, visit.public_id),
    ]
    promised = briefing_of(actor, visit.public_id).promised
    assert {one.task.text for one in promised} == {OURS.text, theirs.text}


def test_what_is_wrong_is_told_at_its_row_and_nothing_is_saved(
    session: Any, people: People
) -> None:
    scout, stranger = people.scout(), people.scout("chengdu")
    lead = a_lead(scout)
    late = NewPromise(Side.OURS, "看场地", TODAY - timedelta(days=1), stranger.public_id)
    with pytest.raises(Refusal) as refused:
        log_visit(
            _visit(session, lead, NewPromise(due_on=SOON), NewPromise(), late),
            actor_of(scout),
            NOW,
        )
    assert set(refused.value.errors) == {"promise_1", "promise_3_on", "promise_3_who"}
    session.rollback()
    assert session.query(Visit).count() == session.query(Task).count() == 0
    # What waited on a phone may have come due since, but is no older than the visit.
    was = NOW - timedelta(days=2)
    sent = NewPromise(Side.OURS, "看场地", TODAY - timedelta(days=1))
    made = log_visit(_visit(session, lead, sent, occurred_at=was), actor_of(scout), NOW).visit
    assert len(queries.promises_from(made.id, actor_of(scout))) == 1


def test_who_may_read_and_change_a_promise(session: Any, people: People) -> None:
    scout, mate, boss = people.scout(), people.scout(), people.team_lead()
    lead = a_lead(scout)
    lead.stage = Stage.NEGOTIATING
    key = service.make(lead.public_id, OURS, actor_of(scout), now=NOW).public_id
    owed = NewPromise(Side.OURS, "给方案", SOON, mate.public_id)
    other = service.make(lead.public_id, owed, actor_of(scout), now=NOW).public_id
    session.commit()

    def seen(user: Any) -> set[str]:
        found = queries.promises_of(lead.public_id, actor_of(user))
        return {one.task.public_id for one in found}

    assert seen(scout) == seen(boss) == seen(people.manager()) == {key, other}
    assert seen(mate) == {other}
    assert seen(people.scout("chengdu")) == set()
    with pytest.raises(NotFound):
        service.keep(key, actor_of(mate), now=NOW)
    auditor = actor_of(people.make(Role.AUDITOR))
    with pytest.raises(Forbidden):
        service.keep(key, auditor, now=NOW)
    service.keep(other, actor_of(mate), now=NOW)


def test_it_is_moved_with_its_reason_and_taken_back(session: Any, people: People) -> None:
    scout = people.scout()
    lead, actor = a_lead(scout), actor_of(scout)
    key = service.make(lead.public_id, OURS, actor, now=NOW).public_id
    later = SOON + timedelta(days=4)
    with pytest.raises(Refusal) as refused:
        service.give_another_day(key, SOON, " ", actor, now=NOW)
    assert set(refused.value.errors) == {"due_on", "reason"}
    service.give_another_day(key, later, "等场地方案", actor, now=NOW)
    one = queries.readable_promise(key, actor)
    assert [str(day.words) for day in one.moved] == [f"原定 {SOON}，改到 {later}：等场地方案"]
    service.put_back(key, SOON, later, actor, now=NOW)
    assert queries.readable_promise(key, actor).task.due_on == SOON
    with pytest.raises(Conflict):
        service.put_back(key, SOON, later, actor, now=NOW)
    service.withdraw(key, "政策改了", actor, now=NOW)
    with pytest.raises(Conflict):
        service.keep(key, actor, now=NOW)
    service.reopen(key, actor)
    assert queries.readable_promise(key, actor).reason is None


def test_two_who_keep_it_at_once_keep_it_once(app: Flask, session: Any, people: People) -> None:
    scout, boss = people.scout(), people.team_lead()
    lead = a_lead(scout)
    key = service.make(lead.public_id, OURS, actor_of(scout), now=NOW).public_id
    actors = {"scout": actor_of(scout), "boss": actor_of(boss)}
    session.commit()
    got = at_once(
        app,
        {
            name: (who, lambda who=who: service.keep(key, who, now=NOW))
            for name, who in actors.items()
        },
    )
    assert sorted(str(type(one).__name__) for one in got.values()) == ["Conflict", "str"]


def test_the_book_is_read_by_side_standing_and_whose(session: Any, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    lead, other = a_lead(scout), a_lead(mate)
    actor = actor_of(scout)
    late = session.get_one(Task, service.make(lead.public_id, OURS, actor, now=NOW).id)
    late.due_on = TODAY - timedelta(days=1)
    kept = service.make(lead.public_id, OURS, actor, now=NOW)
    service.keep(kept.public_id, actor, now=NOW)
    theirs = NewPromise(Side.THEIRS, "发来三年规划", SOON)
    service.make(lead.public_id, theirs, actor, now=NOW)
    service.make(other.public_id, OURS, actor_of(mate), now=NOW)
    session.commit()
    boss = actor_of(people.team_lead())

    def book(who: Any, **wanted: Any) -> list[str]:
        chosen = BookFilter(**wanted)
        page = queries.book_page(who, chosen, TODAY)
        total = queries.book_total(who, chosen, TODAY)
        assert total in {None, len(page.items)}
        assert len(list(queries.every_promise(who, chosen, TODAY))) == len(page.items)
        return [one.company for one in page.items]

    assert len(book(boss, scope=Scope.TEAM)) == 2
    assert len(book(actor, scope=Scope.TEAM)) == 1  # a mate's promise is not theirs to read
    assert len(book(actor, scope=Scope.MINE, standing=Standing.OVERDUE)) == 1
    assert len(book(boss, scope=Scope.TEAM, standing=Standing.KEPT)) == 1
    assert len(book(boss, scope=Scope.TEAM, side=Side.THEIRS)) == 1
    assert len(book(boss, scope=Scope.TEAM, person=mate.public_id)) == 1
    manager = actor_of(people.manager())
    assert len(book(manager, scope=Scope.CITY, team="beijing")) == 2
    assert book(manager, scope=Scope.CITY, park="nanhu") == []
    assert late.state is TaskState.OPEN
