"""Whatever happens to leads and people, what they are found by is what a rebuild writes."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from crm.companies import index, service
from crm.companies.contacts import ContactInput, contacts_of, edit_contact
from crm.companies.other_names import add_name
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from models import db
from models.company import Company, NameKind
from models.contact import Contact, ContactRole
from models.enums import Status
from models.lead import CreditShare
from models.token import NO_TEAM, LeadToken
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People
from tests.search.making import a_person, kept

CODE = "91350100M000100Y43"


def is_right() -> bool:
    """Whether what is kept is what a rebuild writes."""
    db.session.commit()
    before = kept()
    index.rebuild(db.session())
    same = kept() == before
    db.session.rollback()
    return same and any(before.values())


def found(table: str, key: int) -> dict[int, set[str]]:
    """The tokens of a record by team."""
    teams: dict[int, set[str]] = {}
    for row in kept()[table]:
        if row[2] == key:
            teams.setdefault(row[0], set()).add(row[1])
    return teams


def test_a_lead_is_found_by_company_code_and_project(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, "科大讯飞股份有限公司", project="华东研发中心")
    company = session.get_one(Company, lead.company_id)
    service.set_credit_code(company, CODE)
    add_name(company, "讯飞智元", NameKind.BRAND)
    assert is_right()
    words = found("lead_token", lead.id)[lead.team_id]
    assert {"讯飞", "kdxf", "xunfei", CODE.lower(), "研发中心", "=科大讯飞", "智元"} <= words
    service.rename_company(company, "云知声有限公司", now=NOW)
    assert is_right()
    assert {"云知声", "讯飞"} <= found("lead_token", lead.id)[lead.team_id]


def test_a_lead_that_is_edited_or_handed_over(session: Any, people: People) -> None:
    scout, taker, boss = people.scout(), people.scout("chengdu"), people.manager()
    lead = a_lead(scout, project="华东研发中心")
    person = a_person(lead, scout)
    edit_lead(lead.public_id, LeadEdit(project="交付中心"), actor_of(scout), NOW)
    assert is_right()
    words = found("lead_token", lead.id)[lead.team_id]
    assert "交付中心" in words
    assert "研发中心" not in words
    old = lead.team_id
    hand_over = LeadEdit(owner=taker.public_id, team="chengdu")
    edit_lead(lead.public_id, hand_over, actor_of(boss), NOW)
    assert is_right()
    assert set(found("lead_token", lead.id)) == {lead.team_id} != {old}
    for lost in (True, False):
        to = Status.LOST if lost else Status.ACTIVE
        move_lead(lead.public_id, MoveRequest(to_status=to, reason="试"), actor_of(boss), NOW)
        assert is_right()
        assert {row[-1] for row in kept()["lead_token"] if row[2] == lead.id} == {lost}
    # Who wrote the person down keeps them, and who has the lead now finds them too.
    assert set(found("contact_token", person.contact_id)) == {old, lead.team_id}


def test_who_shares_in_a_lead_finds_it_and_who_is_there(session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("chengdu")
    lead = a_lead(scout, "科大讯飞股份有限公司", project="华东研发中心")
    person = a_person(lead, scout)
    (team,) = actor_of(other).teams

    def teams() -> set[int]:
        assert is_right()
        of_person = set(found("contact_token", person.contact_id))
        assert of_person == set(found("lead_token", lead.id))
        return of_person

    share = CreditShare(agreement="a", lead_id=lead.id, team_id=team, basis_points=10_000)
    session.add(share)
    assert teams() == {lead.team_id, team}
    assert len(set(map(frozenset, found("lead_token", lead.id).values()))) == 1
    assert not index.unfindable(session())
    session.execute(sa.delete(LeadToken).where(LeadToken.team_id == team))
    assert index.unfindable(session()) == 1
    session.rollback()
    share.team_id = lead.team_id
    assert teams() == {lead.team_id}
    share.team_id = team
    assert teams() == {lead.team_id, team}
    session.delete(share)
    assert teams() == {lead.team_id}


def test_people_come_go_and_change(session: Any, people: People) -> None:
    scout, officer = people.scout(), people.make(park="nanhu")
    lead = a_lead(scout)
    role = a_person(lead, scout, phone="138 1234 5678")
    words = found("contact_token", role.contact_id)[lead.team_id]
    assert {"欧阳明珠", "oymz", "mingzhu", "13812345678", "5678"} <= words
    (there,) = contacts_of(lead.company_id)
    edit_contact(there, ContactInput("欧阳明", phone="021-5556677"), actor_of(scout))
    assert is_right()
    words = found("contact_token", role.contact_id)[lead.team_id]
    assert "0215556677" in words
    assert not {"欧阳明珠", "13812345678"} & words
    other = Contact(name="无人认领", created_by_id=officer.id, created_at=NOW)
    session.add(other)
    session.flush()
    assert set(found("contact_token", other.id)) == {NO_TEAM}
    away = ContactRole(contact_id=other.id, company_id=lead.company_id)
    session.add(away)
    session.flush()
    assert set(found("contact_token", other.id)) == {lead.team_id}
    away.to_on = TODAY
    assert is_right()
    assert set(found("contact_token", other.id)) == {NO_TEAM}


def test_what_is_deleted_is_not_found(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_person(lead, scout)
    contact = Contact(name="要走的人", created_at=NOW)
    session.add(contact)
    session.flush()
    assert found("contact_token", contact.id)
    session.delete(contact)
    session.flush()
    assert not found("contact_token", contact.id)
    assert is_right()


def test_the_command_writes_all_anew(app: Flask, session: Any, people: People) -> None:
    lead = a_lead(people.scout(), "科大讯飞股份有限公司")
    a_person(lead, people.scout())
    before = kept()
    session.commit()
    for table in before:
        session.execute(db.text(f"DELETE FROM {table}"))
    session.commit()
    assert not any(kept().values())
    session.commit()
    done = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert done.exit_code == 0, done.output
    assert kept() == before


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_saving_a_lead_reads_neither_the_trail_nor_all_words(session: Any, people: People) -> None:
    leads = [a_lead(people.scout(), number) for number in ("云知声", "科大讯飞")]
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT")) and not isinstance(parameters, list):
            asked.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    for lead in leads:
        lead.need = "想在长三角设研发中心"
        session.get_one(Company, lead.company_id).cadence_days += 1
    session.commit()
    a_lead(people.scout(), "用友网络科技股份有限公司", project="二期")
    sa.event.remove(db.engine, "before_cursor_execute", note)
    plans = {
        row[3]
        for statement, parameters in asked
        for row in session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
    }
    assert any("ix_company_token_company (company_id=?" in plan for plan in plans)
    assert any("change USING" in plan for plan in plans)
    whole = [plan for plan in plans if plan.startswith("SCAN change") or "(scope=?)" in plan]
    assert not whole


def test_the_migration_fills_what_is_there(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, "科大讯飞股份有限公司", project="华东研发中心")
    a_person(lead, scout)
    a_person(lead, people.scout("chengdu"), "石敢当", "")
    share = {"agreement": "a", "lead_id": lead.id, "basis_points": 10_000}
    session.add(CreditShare(team_id=lead.team_id + 1, **share))
    session.commit()
    before = kept()
    # No foreign key holds these now; they must not be in the way of one.
    row = "INSERT INTO lead_token (team_id, token, lead_id, owner_id) VALUES (1, 'gone', 999, 1)"
    session.execute(db.text(row))
    session.commit()
    flask_migrate.downgrade(revision="0011")
    flask_migrate.upgrade()
    db.engine.dispose()
    assert kept() == before
