"""Companies and their people in the trash: nowhere to be found, and back as they were."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.access import Actor
from crm.companies import search as exact
from crm.companies import service
from crm.companies.archiving import archive_company, restore_company
from crm.companies.contact_archiving import archive_contact, restore_contact
from crm.companies.contacts import (
    ContactInput,
    add_contact,
    contact_at,
    contacts_of,
    contacts_page,
)
from crm.companies.keys import stored_form
from crm.companies.queries import Filters, companies_page, companies_total, company_or_404
from crm.companies.suggest import suggest
from crm.companies.survivors import company_of
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads.archiving import archive_lead, restore_lead
from crm.leads.inputs import NewLead
from crm.leads.service import create_lead
from crm.search.queries import search
from crm.visits.archiving import archive_visit, restore_visit
from crm.visits.queries import readable_visit
from crm.visits.service import log_visit
from models.company import Company, CompanyRelation, CompanyToken, RelationKind
from models.lead import Lead
from tests.at_once import at_once
from tests.leads.making import CHANNEL, NOW, SEGMENT, a_lead, actor_of
from tests.people import People
from tests.visits.test_service import visit_of

CODE = "91350100M000100Y43"
NAME = "科大讯飞股份有限公司"


def make(name: str = NAME, **more: Any) -> Company:
    return service.create_company(name, now=NOW, **more)


def found(actor: Actor, name: str = NAME) -> set[str]:
    """Where a company is met."""
    known = exact.find_exact([CODE], [stored_form(name)])
    ways = {
        "code": known.by_code,
        "name": known.by_form,
        "typed": suggest(name[:4]),
        "pinyin": suggest("kdxf"),
        "alike": exact.alike([name + "北京分公司"])[name + "北京分公司"],
        "list": companies_page(Filters(), actor=actor).items,
        "asked for": companies_page(Filters(query=name[:4]), actor=actor).items,
        "counted": companies_total(Filters(), actor=actor),
        "searched": search(name[:4], actor, 5).companies,
    }
    return {way for way, there in ways.items() if there}


def test_a_company_is_nowhere_and_comes_back(session: Any, people: People) -> None:
    boss = actor_of(people.manager())
    company = make(credit_code=CODE)
    session.commit()
    before = found(boss)
    assert before >= {"code", "name", "typed", "pinyin", "list", "counted", "searched"}
    tokens = sa.select(CompanyToken.scope, CompanyToken.token).order_by(
        CompanyToken.scope, CompanyToken.token
    )
    told = session.execute(tokens).all()
    archive_company(company.public_id, "重复", boss, NOW)
    session.commit()
    assert found(boss) == set()
    assert company_of(company.public_id) is None
    with pytest.raises(NotFound):
        company_or_404(company.public_id)
    restore_company(company.public_id, boss)
    session.commit()
    assert found(boss) == before
    assert session.execute(tokens).all() == told


def test_what_stands_on_it_is_named(session: Any, people: People) -> None:
    scout, office = people.scout(), actor_of(people.administrator())
    lead = a_lead(scout)
    key = session.get_one(Company, lead.company_id).public_id
    visit = log_visit(visit_of(lead), actor_of(scout), NOW).visit
    other = make()
    tie = CompanyRelation(
        parent_id=other.id, child_id=lead.company_id, kind=RelationKind.SUBSIDIARY
    )
    session.add(tie)
    session.commit()
    with pytest.raises(Refusal) as refused:
        archive_company(key, "", office, NOW)
    assert str(refused.value.message).startswith("它还有 1 条线索、1 次走访和联系、1 家关联企业，")
    session.delete(tie)
    archive_visit(visit.public_id, "", actor_of(scout), NOW)
    archive_lead(lead.public_id, "", actor_of(scout), NOW)
    archive_company(key, "", office, NOW)
    session.commit()
    # What stood on it does not come back before it does.
    for again in (
        lambda: restore_lead(lead.public_id, actor_of(scout), NOW),
        lambda: restore_visit(visit.public_id, actor_of(scout)),
    ):
        with pytest.raises(Refusal, match="先恢复企业"):
            again()
    restore_company(key, office)
    restore_visit(visit.public_id, actor_of(scout))
    assert restore_lead(lead.public_id, actor_of(scout), NOW).last_touch_at == visit.occurred_at


def test_written_down_again_the_first_stays_away(session: Any, people: People) -> None:
    boss = actor_of(people.manager())
    first = make(credit_code=CODE)
    archive_company(first.public_id, "", boss, NOW)
    session.commit()
    second = service.create_unknown("讯飞智谷科技有限公司", now=NOW, credit_code=CODE)
    session.commit()
    with pytest.raises(Refusal, match="讯飞智谷"):
        restore_company(first.public_id, boss)
    archive_company(second.public_id, "", boss, NOW)
    namesake = make()
    session.commit()
    with pytest.raises(Refusal, match="库里已有"):
        restore_company(first.public_id, boss)
    assert namesake.credit_code is None


def test_who_may_archive_a_company(session: Any, people: People) -> None:
    company = make().public_id
    session.commit()
    for user in (people.scout(), people.team_lead()):
        with pytest.raises(Forbidden):
            archive_company(company, "", actor_of(user), NOW)
        with pytest.raises(Forbidden):
            restore_company(company, actor_of(user))


def test_nobody_hangs_a_lead_on_it_meanwhile(app: Flask, session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    company = make().public_id
    session.commit()
    actors = {"lead": actor_of(scout), "away": actor_of(boss)}
    session.commit()
    deeds = {
        "lead": lambda: create_lead(NewLead(company, SEGMENT, CHANNEL), actors["lead"], NOW),
        "away": lambda: archive_company(company, "", actors["away"], NOW),
    }
    got = at_once(app, {name: (actors[name], deeds[name]) for name in actors})
    session.expire_all()
    assert sorted(str(told) == "done" for told in got.values()) == [False, True]
    leads = session.scalar(sa.select(sa.func.count()).select_from(Lead))
    assert leads == (1 if got["lead"] == "done" else 0)


def test_a_person_is_offered_nowhere_and_comes_back(session: Any, people: People) -> None:
    scout, stranger = people.scout(), people.scout("chengdu")
    lead, by = a_lead(scout), actor_of(scout)
    company = session.get_one(Company, lead.company_id)
    typed = ContactInput("沈一帆", "总经理", "13900001234")
    role = add_contact(company, typed, by, NOW)
    key = role.contact.public_id
    known = visit_of(lead, contacts=(key,), new_people=())
    visit = log_visit(known, by, NOW).visit.public_id
    session.commit()

    def met() -> set[str]:
        ways = {
            "offered": contacts_of(company.id),
            "listed": contacts_page(company.id, limit=5).items,
            "named": search("沈一帆", by, 5).contacts,
            "numbered": search("13900001234", by, 5).contacts,
        }
        return {way for way, there in ways.items() if there}

    before = met()
    assert len(before) == 4
    with pytest.raises(NotFound):
        archive_contact(role, "", actor_of(stranger), NOW)
    archive_contact(role, "离职", by, NOW)
    session.commit()
    assert met() == set()
    with pytest.raises(NotFound):
        contact_at(company, key)
    with pytest.raises(Refusal):
        log_visit(visit_of(lead, client_key="key-00000002", contacts=(key,)), by, NOW)
    session.rollback()
    assert [one.name for one in readable_visit(by, visit).contacts] == ["沈一帆"]
    with pytest.raises(NotFound):
        restore_contact(key, actor_of(stranger))
    restore_contact(key, by)
    session.commit()
    assert met() == before
    archive_contact(contact_at(company, key), "", by, NOW)
    add_contact(company, typed, by, NOW)
    with pytest.raises(Refusal, match="沈一帆"):
        restore_contact(key, by)
