"""Directives: who gives and answers them, and whom they remind; both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from crm.access import visible_leads
from crm.access.readers import readers_of
from crm.access.scopes import Scope
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads import directives
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.reminders.agenda import agenda_for
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models import db
from models.enums import Role, Stage, TaskState
from models.lead import CreditShare, Lead
from models.message import Message
from models.place import Park
from models.reminder import Reminder
from models.team import Team
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

SOON = TODAY + timedelta(days=2)
LATER = NOW + timedelta(days=2)


def given(session: Any, lead: Lead, boss: User, to: str = "") -> str:
    task = directives.give(
        lead.public_id, "场地请两边同时拿方案", SOON, to, actor_of(boss), now=NOW
    )
    session.commit()
    return task.public_id


def rules_of(user: User, scope: Scope = Scope.MINE, days: int = 2) -> list[str]:
    found = agenda_for(actor_of(user), TODAY + timedelta(days=days), scope=scope)
    return [due.rule for item in found.items for due in (item.first, *item.also)]


def test_who_asks_is_not_reminded_of_it_beside_the_list_of_what_they_asked(
    session: Any, people: People
) -> None:
    scout, boss, other = people.scout(), people.manager(), people.manager()
    leader = people.make(Role.LIAISON_LEADER)
    lead, both = a_lead(scout), a_lead(scout)
    for one in (lead, both):
        one.liaison_id = leader.id
    session.commit()
    given(session, lead, boss)
    given(session, both, leader)
    given(session, both, other)
    assert rules_of(boss, Scope.CITY) == ["directive_due"] * 2
    assert rules_of(other, Scope.CITY) == ["directive_due"] * 2
    assert rules_of(leader) == ["directive_due"] * 2
    found = agenda_for(actor_of(boss), TODAY + timedelta(days=3), scope=Scope.CITY)
    assert (found.total, found.late) == (1, 1)
    mine = agenda_for(actor_of(leader), TODAY + timedelta(days=3))
    assert (mine.total, mine.late) == (2, 2)


def test_the_owner_answers_unless_another_is_asked(session: Any, people: People) -> None:
    scout, colleague, boss = people.scout(), people.scout(), people.manager()
    lead = a_lead(scout)
    given(session, lead, boss)
    assert "directive_due" in rules_of(scout)
    assert "directive_due" not in rules_of(colleague)
    other = a_lead(scout)
    given(session, other, boss, to=colleague.public_id)
    assert rules_of(colleague) == ["directive_due"]
    assert rules_of(scout).count("directive_due") == 1
    # Whoever must answer hears of it when it is given, not only on its day.
    assert "directive_due" in rules_of(scout, days=0)


def test_its_mail_goes_to_who_must_answer_and_stops_with_the_answer(
    session: Any, people: People
) -> None:
    scout, colleague, boss = people.scout(), people.scout(), people.manager()
    lead = a_lead(scout)
    public_id = given(session, lead, boss, to=colleague.public_id)
    plan(LATER)
    queue_digests(LATER)
    mails = session.scalars(sa.select(Message).where(Message.kind == "digest")).all()
    assert [mail.to_address for mail in mails if "批示" in mail.text_body] == [colleague.email]
    directives.answer(public_id, "周四看场地", actor_of(colleague), now=LATER)
    session.commit()
    assert rules_of(colleague) == []


def test_an_answer_is_given_once_and_stays(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    public_id = given(session, lead, boss)
    with pytest.raises(Forbidden):
        directives.answer(public_id, "我自己答", actor_of(boss), now=NOW)
    with pytest.raises(NotFound):
        directives.answer(public_id, "不是我的", actor_of(people.scout("chengdu")), now=NOW)
    with pytest.raises(Refusal) as empty:
        directives.answer(public_id, "  ", actor_of(scout), now=NOW)
    assert list(empty.value.errors) == ["answer"]
    assert [one.text for one in directives.unanswered_of(actor_of(boss), 9)]
    directives.answer(public_id, "周四看场地", actor_of(scout), now=NOW)
    session.commit()
    assert directives.readable_directive(public_id, actor_of(boss)).answer == "周四看场地"
    assert directives.unanswered_of(actor_of(boss), 9) == []
    with pytest.raises(Conflict):
        directives.answer(public_id, "再答一次", actor_of(scout), now=NOW)
    with pytest.raises(Conflict):
        directives.retract(public_id, actor_of(boss), now=NOW)
    session.rollback()
    with pytest.raises(DatabaseError):
        session.execute(sa.text("UPDATE directive_answer SET text = '改过'"))


def test_only_managers_and_the_leads_liaison_direct(session: Any, people: People) -> None:
    scout, leader = people.scout(), people.make(Role.LIAISON_LEADER)
    lead = a_lead(scout)
    for who in (scout, people.team_lead()):
        with pytest.raises(Forbidden):
            given(session, lead, who)
    with pytest.raises(NotFound):
        given(session, lead, leader)
    lead.liaison_id = leader.id
    session.commit()
    public_id = given(session, lead, leader)
    directives.retract(public_id, actor_of(leader), now=NOW)
    session.commit()
    assert directives.readable_directive(public_id, actor_of(scout)).state is TaskState.CANCELLED
    assert "directive_due" not in rules_of(scout)


def test_another_day_keeps_the_old_one_and_moves_the_reminder(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    public_id = given(session, lead, boss)
    plan(LATER)
    later = SOON + timedelta(days=7)
    for day, reason, wrong in ((later, " ", "reason"), (SOON, "等场地", "due_on")):
        with pytest.raises(Refusal) as refused:
            directives.give_another_day(public_id, day, reason, actor_of(boss), now=NOW)
        assert list(refused.value.errors) == [wrong]
    with pytest.raises(Forbidden):
        directives.give_another_day(public_id, later, "等场地", actor_of(scout), now=NOW)
    directives.give_another_day(public_id, later, "等场地", actor_of(boss), now=NOW)
    session.commit()
    one = directives.readable_directive(public_id, actor_of(scout))
    assert (one.due_on, [day.was_on for day in one.days]) == (later, [SOON])
    found = agenda_for(actor_of(scout), TODAY + timedelta(days=2)).items
    asked = [due.since for item in found for due in item.dues if due.rule == "directive_due"]
    assert asked == [later]
    # What was planned for the day it had is not sent any more.
    queue_digests(LATER)
    sent = sa.select(Reminder.occurrence).where(Reminder.message_id.is_not(None))
    assert [
        one for one in session.scalars(sent) if one.startswith("task") and str(SOON) in one
    ] == []
    with pytest.raises(DatabaseError):
        session.execute(sa.text("UPDATE directive_day SET reason = '改过'"))
    session.rollback()
    directives.retract(public_id, actor_of(boss), now=NOW)
    with pytest.raises(Conflict):
        directives.give_another_day(public_id, SOON, "提前", actor_of(boss), now=NOW)
    with pytest.raises(Forbidden):
        directives.restore(public_id, actor_of(people.manager()), now=NOW)
    directives.restore(public_id, actor_of(boss), now=NOW)
    session.commit()
    assert "directive_due" in rules_of(scout, days=9)


def test_what_is_wrong_is_said_at_its_field(session: Any, people: People) -> None:
    lead, boss = a_lead(people.scout()), people.manager()
    stranger = people.scout("chengdu").public_id
    with pytest.raises(Refusal) as wrong:
        directives.give(
            lead.public_id, "", TODAY - timedelta(days=1), stranger, actor_of(boss), now=NOW
        )
    assert set(wrong.value.errors) == {"text", "due_on", "to"}


def test_it_is_handed_over_with_the_lead(session: Any, people: People) -> None:
    scout, other, boss = people.scout(), people.scout(), people.manager()
    lead = a_lead(scout)
    given(session, lead, boss)
    edit_lead(lead.public_id, LeadEdit(owner=other.public_id), actor_of(boss), NOW)
    session.commit()
    assert "directive_due" in rules_of(other)
    assert "directive_due" not in rules_of(scout)


def test_who_may_read_a_lead_is_the_same_from_both_sides(session: Any, people: People) -> None:
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    scout, sharing, leader = (
        people.scout(),
        people.scout("chengdu"),
        people.make(Role.LIAISON_LEADER),
    )
    users = [
        *(scout, sharing, leader, people.scout(), people.team_lead(), people.manager()),
        *(people.scout("shenzhen"), people.make(Role.LIAISON_LEADER), people.administrator()),
        people.make(Role.AUDITOR),
        people.make(Role.SECURITY_OFFICER),
        people.make(Role.PARK_OFFICER, park="nanhu"),
        people.make(Role.PARK_OFFICER),
        people.scout("wuhan")
        if session.scalar(sa.select(Team.id).where(Team.code == "wuhan"))
        else scout,
    ]
    gone = people.scout()
    gone.active = False
    lead, later, shared = a_lead(scout), a_lead(scout), a_lead(scout)
    lead.liaison_id = leader.id
    later.stage, later.park_id, later.district_id = Stage.NEGOTIATING, park.id, park.district_id
    team = session.scalar(sa.select(Team.id).where(Team.code == "chengdu"))
    session.add(CreditShare(agreement="a", lead_id=shared.id, team_id=team, basis_points=10_000))
    session.commit()
    for one in (lead, later, shared):
        found = {user.id for user in readers_of(one, TODAY)}
        for user in users:
            sees = sa.select(Lead.id).where(Lead.id == one.id, visible_leads(actor_of(user)))
            assert (user.id in found) == (db.session.scalar(sees) is not None), user.role
        assert gone.id not in found
