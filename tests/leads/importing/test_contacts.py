"""The people a ledger names come to their company: once, with their numbers, and back again."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.companies.contact_archiving import archive_contact
from crm.companies.contacts import (
    ContactInput,
    add_contact,
    contacts_of,
    edit_contact,
    known_of,
    may_see_numbers,
)
from crm.files import FileStore
from crm.imports.outcomes import Outcome
from crm.leads.importing import undoing
from crm.leads.importing.checking import people_of
from crm.leads.importing.matching import Mode
from crm.trash.purging import purge
from models import db
from models.audit import Change, ChangeSet
from models.company import Company, CompanyToken
from models.contact import Contact, ContactRole
from models.enums import Via
from models.import_batch import ImportChange
from models.lead import Lead
from models.token import ContactToken, LeadToken
from models.user import User
from models.visit import VisitContact
from tests.leads.importing.bringing import NOW, bring, count
from tests.leads.importing.ledgers import HEADERS
from tests.leads.importing.ledgers import ledger as usual_ledger
from tests.leads.making import a_lead, a_visit, actor_of
from tests.people import People

COMPANY = "云智信安软件有限公司"
Team = dict[str, User]


def ledger(*rows: dict[str, str]) -> bytes:
    """With columns of people, beside the usual ones."""
    headers = (*HEADERS, "联系人", "联系电话", "职务")
    return usual_ledger(*({"投资方": COMPANY, **row} for row in rows), headers=headers)


def everybody() -> list[ContactRole]:
    """Who is at the ledger's companies."""
    db.session.expire_all()
    keys = db.session.scalars(sa.select(Company.id).order_by(Company.id))
    return [role for key in keys for role in contacts_of(key)]


def written_down() -> list[ContactInput]:
    """The same as they would be typed."""
    return [known_of(role) for role in everybody()]


def test_people_come_with_the_lead_once(session: Any, team: Team) -> None:
    rows = (
        {"联系人": "张三、李四", "联系电话": "13800001111；0573-82811111", "职务": "总经理、副总"},
        {"项目名称": "结算中心", "联系人": "张三 13800001111、王五"},
    )
    brought = bring(ledger(*rows))
    assert brought.outcomes == [Outcome.NEW] * 2
    assert brought.batch.counts["people"] == 3
    assert sorted((p.name, p.phone, p.title) for p in written_down()) == [
        ("张三", "13800001111", "总经理"),
        ("李四", "0573-82811111", "副总"),
        ("王五", "", ""),
    ]
    (first,) = [role for role in everybody() if role.contact.name == "张三"]
    assert may_see_numbers(actor_of(team["scout"]), first)
    assert not may_see_numbers(actor_of(team["other"]), first)
    found = (
        ContactToken.contact_id == first.contact_id,
        ContactToken.team_id == first.contact.team_id,
    )
    assert count(ContactToken, ContactToken.token == "1111", *found) == 1
    trail = (
        sa.select(Change.after, ChangeSet.via).join(ChangeSet).where(Change.subject == "contact")
    )
    kept = session.execute(trail.order_by(Change.id)).first()
    assert (kept.via, kept.after["name"]) == (Via.IMPORT, "张三")
    assert "13800001111" not in str(kept.after)
    for mode in Mode:
        again = bring(ledger(*rows), mode=mode)
        assert (set(again.outcomes), again.batch) == ({Outcome.UNCHANGED}, None)
    assert count(Contact) == 3


def test_add_fills_gaps_replace_overwrites_and_both_go_back(session: Any, team: Team) -> None:
    lead = a_lead(team["scout"], COMPANY, project="华东研发中心")
    by = actor_of(team["scout"])
    company = session.get(Company, lead.company_id)
    add_contact(company, ContactInput("张三", title="经理", decides=True), by, NOW)
    add_contact(company, ContactInput("李四", phone="13900002222"), by, NOW)
    session.commit()
    before = written_down()
    data = ledger(
        {"联系人": "张三、李四", "联系电话": "13800001111、13900003333", "职务": "总监、"}
    )
    assert bring(data, mode=Mode.SKIP).outcomes == [Outcome.UNCHANGED]
    added = bring(data)
    assert added.outcomes == [Outcome.MATCHED]
    assert [str(text) for text in people_of(added.results[0])] == [
        "联系人张三，电话：未填 → 13800001111"
    ]
    assert "李四”已记了另一个电话" in added.said()
    assert [(p.title, p.phone, p.decides) for p in written_down()] == [
        ("经理", "13800001111", True),
        ("", "13900002222", False),
    ]
    replaced = bring(data, mode=Mode.REPLACE)
    assert [(p.title, p.phone) for p in written_down()] == [
        ("总监", "13800001111"),
        ("", "13900003333"),
    ]
    for brought in (replaced, added):
        assert undoing.undo(brought.batch, NOW).kept_people == []
        session.commit()
    assert written_down() == before


def test_who_bears_a_name_there_is_another_only_by_number_and_title(
    session: Any, team: Team
) -> None:
    rows = [
        {"联系人": "王芳", "联系电话": n, "职务": t}
        for n, t in (
            ("13800001111", "财务"),
            ("13800002222", "法务"),
            ("138-0000-1111", ""),
            ("", ""),
        )
    ]
    bring(ledger(*({**row, "项目名称": f"项目{n}"} for n, row in enumerate(rows))))
    assert [(p.phone, p.title) for p in written_down()] == [
        ("13800001111", "财务"),
        ("13800002222", "法务"),
    ]


def test_a_wrong_number_gives_the_row_back(session: Any, team: Team) -> None:
    brought = bring(ledger({"联系人": "张三", "联系电话": "1380000111"}, {"项目名称": "结算中心"}))
    assert brought.outcomes == [Outcome.ERROR, Outcome.NEW]
    assert (brought.results[0].problems[0].column, count(Contact)) == ("contact_phone", 0)
    assert "“1380000111”有 10 位" in brought.said()


def test_who_lies_in_the_trash_is_not_brought_again_and_who_is_purged_is_gone(
    session: Any, app: Flask, people: People, team: Team
) -> None:
    data = ledger({"联系人": "张三 13800001111"})
    brought = bring(data)
    (role,) = everybody()
    entry = archive_contact(role, "打错了", actor_of(team["scout"]), NOW)
    session.commit()
    again = bring(data, mode=Mode.REPLACE)
    assert again.outcomes == [Outcome.UNCHANGED]
    assert "回收站" in again.said()
    assert count(Contact) == 1
    files: FileStore = app.extensions["crm.files"]
    purge(entry.public_id, "本人要求", actor_of(people.administrator()), files)
    session.commit()
    assert count(Contact) == count(ImportChange, ImportChange.subject == "contact") == 0
    assert undoing.undo(brought.batch, NOW).kept_people == []


@pytest.mark.parametrize("many", [False, True])
def test_an_undo_takes_the_people_along(session: Any, team: Team, *, many: bool) -> None:
    rows = [
        {"投资方": f"甲乙{n}软件有限公司", "联系人": f"张三 {13800001111 + n}"} for n in range(250)
    ]
    brought = bring(ledger(*rows[: 250 if many else 2]))
    assert count(Contact) == count(ContactRole) == len(brought.results)
    undone = undoing.undo(brought.batch, NOW)
    session.commit()
    assert undone.kept_people == []
    made = (Contact, ContactRole, Company, ContactToken, LeadToken, CompanyToken)
    assert [count(one) for one in made] == [0] * 6
    assert count(ImportChange, ImportChange.subject == "contact") == 0


def test_people_who_were_used_since_stay(session: Any, team: Team) -> None:
    names = ("见过", "改过", "线索改过", "没动过")
    brought = bring(ledger(*({"投资方": f"甲{n}软件有限公司", "联系人": n} for n in names)))
    by = actor_of(team["lead"])
    roles = {role.contact.name: role for role in everybody()}
    leads = {lead.company_id: lead for lead in session.scalars(sa.select(Lead))}
    edit_contact(roles["改过"], ContactInput("改过", phone="13800001111"), by)
    met = a_visit(leads[roles["见过"].company_id], team["scout"], named=False)
    session.add(VisitContact(visit_id=met.id, contact_id=roles["见过"].contact_id))
    session.commit()
    a_visit(leads[roles["线索改过"].company_id], team["scout"], named=False)
    undone = undoing.undo(brought.batch, NOW)
    session.commit()
    assert sorted(undone.kept_people) == ["改过", "见过"]
    assert set(session.scalars(sa.select(Contact.name))) == {"见过", "改过", "线索改过"}
