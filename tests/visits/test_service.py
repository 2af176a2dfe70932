"""One entry is the touch, the evidence, the need and the next step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.companies.service import create_company
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads import claims
from crm.visits.people import NewPerson
from crm.visits.service import NewVisit, log_visit
from models import db
from models.company import Company, CompanyRelation, RelationKind
from models.contact import Contact, ContactRole
from models.enums import Role, TaskKind, TaskState, VisitMode
from models.lead import CreditShare, Lead
from models.task import Task
from models.visit import Visit, VisitContact, VisitLead, VisitUser
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

HOUR_AGO = NOW - timedelta(hours=1)
ZHOU = NewPerson("周启明", "战略发展部总经理", "13800000000")


def visit_of(about: Lead | None = None, **changes: Any) -> NewVisit:
    """A visit out that reached somebody new."""
    new = NewVisit(
        client_key="key-00000001",
        lead=about.public_id if about else None,
        mode=VisitMode.OUT,
        occurred_at=HOUR_AGO,
        reached=True,
        new_people=(ZHOU,),
        summary="谈了场地",
    )
    return replace(new, **changes)


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_visit_is_saved_with_who_was_there(session: Any, people: People) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout)
    logged = log_visit(
        visit_of(lead, companions=(colleague.public_id, scout.public_id), outcome="再谈"),
        actor_of(scout),
        NOW,
    )
    session.commit()
    assert logged.created
    visit = session.get_one(Visit, logged.visit.id)
    assert (visit.company_id, visit.occurred_at, visit.recorded_at) == (
        lead.company_id,
        HOUR_AGO,
        NOW,
    )
    assert session.scalars(sa.select(VisitLead.lead_id)).all() == [lead.id]
    assert session.scalars(sa.select(VisitUser.user_id)).all() == [colleague.id]
    contact = session.scalars(sa.select(Contact)).one()
    role = session.scalars(sa.select(ContactRole)).one()
    assert (contact.name, contact.phone, contact.team_id) == ("周启明", "13800000000", lead.team_id)
    assert (role.company_id, role.title) == (lead.company_id, "战略发展部总经理")


def test_a_person_is_made_once_and_then_known(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    log_visit(visit_of(lead), actor_of(scout), NOW)
    contact = session.scalars(sa.select(Contact)).one()
    chosen = visit_of(lead, client_key="key-00000002", contacts=(contact.public_id,), new_people=())
    log_visit(chosen, actor_of(scout), NOW)
    log_visit(visit_of(lead, client_key="key-00000003"), actor_of(scout), NOW)
    assert count(Contact) == 1
    assert session.scalars(sa.select(VisitContact.contact_id)).all() == [contact.id] * 3


def test_somebody_of_another_company_was_not_met_here(session: Any, people: People) -> None:
    scout = people.scout()
    lead, other = a_lead(scout), a_lead(scout)
    log_visit(visit_of(other), actor_of(scout), NOW)
    session.commit()
    stranger = session.scalars(sa.select(Contact)).one().public_id
    with pytest.raises(Refusal) as refusal:
        log_visit(
            visit_of(lead, client_key="key-00000002", contacts=(stranger,)), actor_of(scout), NOW
        )
    session.rollback()
    assert list(refusal.value.errors) == ["contacts"]
    wrong = {"contacts": (stranger,), "companions": ("nobody",), "next_step": "再约"}
    with pytest.raises(Refusal) as refusal:
        log_visit(visit_of(lead, client_key="key-00000002", **wrong), actor_of(scout), NOW)
    assert set(refusal.value.errors) == {"contacts", "companions", "next_step_on"}
    assert count(Visit) == 1


def test_a_touch_is_known_of_lead_company_relatives_and_claim(session: Any, people: People) -> None:
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead, subsidiary, parent, theirs = (
        a_lead(scout),
        a_lead(scout),
        a_lead(scout),
        a_lead(elsewhere),
    )
    stranger = a_lead(scout)
    for child, mother in ((subsidiary, lead), (lead, parent), (theirs, lead)):
        session.add(
            CompanyRelation(
                parent_id=mother.company_id,
                child_id=child.company_id,
                kind=RelationKind.SUBSIDIARY,
            )
        )
    before = claims.current_claim(theirs).protected_until
    later = NOW + timedelta(days=30)
    log_visit(visit_of(lead, occurred_at=later - timedelta(hours=2)), actor_of(scout), later)
    session.commit()
    session.expire_all()
    moment = later - timedelta(hours=2)
    for touched in (lead, subsidiary, parent, theirs):
        assert touched.last_touch_at == moment
        assert session.get_one(Company, touched.company_id).last_touch_at == moment
    assert stranger.last_touch_at is None
    until = TODAY + timedelta(days=30 + 90)
    assert [claims.current_claim(one).protected_until for one in (lead, subsidiary, parent)] == [
        until
    ] * 3
    assert claims.current_claim(theirs).protected_until == before


def test_a_visit_recorded_late_turns_nothing_back(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    log_visit(visit_of(lead), actor_of(scout), NOW)
    until = claims.current_claim(lead).protected_until
    log_visit(
        visit_of(lead, client_key="key-00000002", occurred_at=NOW - timedelta(days=40)),
        actor_of(scout),
        NOW,
    )
    session.commit()
    assert lead.last_touch_at == HOUR_AGO
    assert claims.current_claim(lead).protected_until == until


def test_an_ended_relation_carries_no_touch(session: Any, people: People) -> None:
    scout = people.scout()
    lead, sold = a_lead(scout), a_lead(scout)
    session.add(
        CompanyRelation(
            parent_id=lead.company_id,
            child_id=sold.company_id,
            kind=RelationKind.SUBSIDIARY,
            to_on=TODAY - timedelta(days=1),
        )
    )
    log_visit(visit_of(lead), actor_of(scout), NOW)
    session.expire_all()
    assert sold.last_touch_at is None


@pytest.mark.parametrize("mode", [VisitMode.MESSAGE, VisitMode.CALL])
def test_an_answered_message_is_a_touch(session: Any, people: People, mode: VisitMode) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    log_visit(visit_of(lead, mode=mode), actor_of(scout), NOW)
    assert lead.last_touch_at == HOUR_AGO


def test_reaching_nobody_is_no_touch_but_stands(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    logged = log_visit(visit_of(lead, reached=False, new_people=()), actor_of(scout), NOW)
    assert logged.created
    assert lead.last_touch_at is None


def test_the_next_step_is_replaced(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, next_step="打电话", next_step_on=TODAY)
    log_visit(
        visit_of(lead, next_step=" 发场地方案 ", next_step_on=date(2026, 12, 7)),
        actor_of(scout),
        NOW,
    )
    session.commit()
    steps = session.scalars(sa.select(Task).order_by(Task.id)).all()
    assert [(step.text, step.state) for step in steps] == [
        ("打电话", TaskState.MOVED),
        ("发场地方案", TaskState.OPEN),
    ]
    assert (lead.next_step_on, steps[1].assignee_id) == (date(2026, 12, 7), scout.id)


def test_the_database_holds_one_open_next_step(session: Any, people: People) -> None:
    lead = a_lead(people.scout(), next_step="打电话", next_step_on=TODAY)
    session.add(Task(lead_id=lead.id, kind=TaskKind.NEXT_STEP, text="又一个", created_at=NOW))
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
    session.rollback()


def test_what_they_want_and_plan_is_known_of_the_lead(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    said = visit_of(
        lead,
        need="先租 3000㎡",
        planned_investment_cny=120_000_000,
        planned_headcount=80,
        space_m2=3000,
    )
    log_visit(said, actor_of(scout), NOW)
    silent = visit_of(lead, client_key="key-00000002")
    log_visit(silent, actor_of(scout), NOW)
    assert (lead.need, lead.planned_investment_cny, lead.planned_headcount) == (
        "先租 3000㎡",
        120_000_000,
        80,
    )
    assert (lead.planned_revenue_cny, lead.space_m2) == (None, 3000)


def test_a_company_brings_the_teams_open_leads(session: Any, people: People) -> None:
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    second = a_lead(scout, company=company, project="研发中心")
    theirs = a_lead(elsewhere, company=company, project="结算中心")
    logged = log_visit(visit_of(company=company), actor_of(scout), NOW)
    about = session.scalars(
        sa.select(VisitLead.lead_id).where(VisitLead.visit_id == logged.visit.id)
    ).all()
    assert set(about) == {lead.id, second.id}
    assert theirs.last_touch_at == HOUR_AGO
    said = {
        "client_key": "key-00000002",
        "need": "先租 3000㎡",
        "next_step": "发方案",
        "next_step_on": TODAY,
        "planned_investment_cny": 120_000_000,
    }
    for named in ((), (lead.public_id, second.public_id)):
        with pytest.raises(Refusal) as refusal:
            log_visit(visit_of(company=company, leads=named, **said), actor_of(scout), NOW)
        session.rollback()
        assert sorted(refusal.value.errors) == ["need", "next_step", "planned_investment_cny"]
    log_visit(visit_of(second, leads=(lead.public_id,), **said), actor_of(scout), NOW)
    session.commit()
    assert (second.need, second.planned_investment_cny) == ("先租 3000㎡", 120_000_000)
    assert (lead.need, lead.planned_investment_cny, lead.next_step_on) == (None, None, None)


def test_the_only_lead_of_a_company_learns_what_was_said(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    said = visit_of(company=company, planned_headcount=80, next_step="发方案", next_step_on=TODAY)
    log_visit(said, actor_of(scout), NOW)
    assert (lead.planned_headcount, lead.next_step_on) == (80, TODAY)


def test_a_company_without_a_lead_can_be_visited(session: Any, people: People) -> None:
    scout = people.scout()
    company = create_company("无人登记软件有限公司", now=NOW)
    logged = log_visit(visit_of(company=company.public_id), actor_of(scout), NOW)
    assert logged.visit.company_id == company.id
    assert company.last_touch_at == HOUR_AGO
    with pytest.raises(Refusal) as refusal:
        log_visit(
            visit_of(
                company=company.public_id,
                client_key="key-00000002",
                next_step="再去",
                next_step_on=TODAY,
            ),
            actor_of(scout),
            NOW,
        )
    assert list(refusal.value.errors) == ["next_step"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"occurred_at": NOW + timedelta(hours=1)}, "occurred_at"),
        ({"new_people": ()}, "contacts"),
        ({"mode": None}, "mode"),
        ({"lead": None}, "company"),
        ({"company": "nosuchthing2"}, "company"),
        ({"next_step": "再去"}, "next_step_on"),
        ({"planned_headcount": -1}, "planned_headcount"),
        ({"space_m2": 0}, "space_m2"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(
    session: Any, people: People, changes: dict[str, Any], field: str
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    with pytest.raises(Refusal) as refusal:
        log_visit(visit_of(lead, **changes), actor_of(scout), NOW)
    session.commit()
    assert list(refusal.value.errors) == [field]
    assert (count(Visit), count(Contact), lead.last_touch_at) == (0, 0, None)


def test_a_lead_of_another_company_is_logged_apart(session: Any, people: People) -> None:
    scout = people.scout()
    lead, other = a_lead(scout), a_lead(scout)
    company = session.get_one(Company, other.company_id).public_id
    with pytest.raises(Refusal) as refusal:
        log_visit(visit_of(lead, company=company), actor_of(scout), NOW)
    assert list(refusal.value.errors) == ["lead"]


def test_who_may_not_see_the_lead_logs_nothing_on_it(session: Any, people: People) -> None:
    lead = a_lead(people.scout())
    with pytest.raises(NotFound):
        log_visit(visit_of(lead), actor_of(people.scout("shenzhen")), NOW)
    with pytest.raises(Forbidden):
        log_visit(visit_of(lead), actor_of(people.administrator()), NOW)
    assert count(Visit) == 0


def test_a_helper_logs_but_changes_no_plans(session: Any, people: People) -> None:
    """Who sees a lead by a share of it adds evidence; the record is its team's to change."""
    helper, leader, owner = (
        people.scout("shenzhen"),
        people.make(Role.LIAISON_LEADER),
        people.scout(),
    )
    lead = a_lead(owner, next_step="打电话", next_step_on=TODAY)
    lead.liaison_id = leader.id
    session.add(
        CreditShare(agreement="a" * 12, lead_id=lead.id, user_id=helper.id, basis_points=10_000)
    )
    log_visit(visit_of(lead, need="要补贴"), actor_of(helper), NOW)
    session.commit()
    assert (lead.need, lead.last_touch_at) == (None, HOUR_AGO)
    assert session.scalars(sa.select(Visit.need)).all() == ["要补贴"]
    company = session.get_one(Company, lead.company_id).public_id
    step = {"client_key": "key-00000002", "next_step": "再去", "next_step_on": TODAY}
    for reader in (helper, leader):
        for about in ({"lead": lead.public_id}, {"company": company, "leads": (lead.public_id,)}):
            with pytest.raises(Refusal) as refusal:
                log_visit(visit_of(**about, **step), actor_of(reader), NOW)
            session.rollback()
            assert list(refusal.value.errors) == ["next_step"]
    steps = session.scalars(sa.select(Task)).all()
    assert [(one.text, one.state) for one in steps] == [("打电话", TaskState.OPEN)]
    assert (lead.next_step_on, count(Visit)) == (TODAY, 1)


def test_sent_twice_is_one_visit(session: Any, people: People) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout)
    first = log_visit(visit_of(lead), actor_of(scout), NOW)
    session.commit()
    again = log_visit(visit_of(lead), actor_of(scout), NOW)
    other = log_visit(visit_of(lead), actor_of(colleague), NOW)
    assert (first.created, again.created, other.created) == (True, False, True)
    assert again.visit.id == first.visit.id
    assert count(Visit) == 2


def test_a_double_tap_in_the_same_moment_is_one_visit(
    app: Flask, session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    new = visit_of(lead, next_step="再去", next_step_on=TODAY)
    actor = actor_of(scout)
    session.remove()
    start = Barrier(2)

    def tap(_number: int) -> tuple[int, bool]:
        with app.app_context():
            start.wait()
            logged = log_visit(new, actor, NOW)
            db.session.commit()
            return logged.visit.id, logged.created

    with ThreadPoolExecutor(2) as hands:
        taps = list(hands.map(tap, range(2)))
    assert len({key for key, _ in taps}) == 1
    assert sorted(created for _, created in taps) == [False, True]
    assert (count(Visit), count(Task), count(Contact)) == (1, 1, 1)
