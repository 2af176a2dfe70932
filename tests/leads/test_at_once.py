"""Two do something to one record at the same moment: one wins, the other is told, nothing is lost.

Real threads on both engines. PostgreSQL holds the row (``SELECT … FOR UPDATE``); SQLite begins a
writing transaction with the write lock. Taken out, these fail.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.companies.contacts import ContactInput, add_contact, contact_at, edit_contact, known_of
from crm.companies.edits import CompanyEdit, change_company
from crm.companies.edits import known_of as known_of_company
from crm.companies.queries import company_or_404
from crm.companies.service import create_company
from crm.errors import Conflict, Refusal
from crm.leads.edits import edit_lead
from crm.leads.edits import known_of as known_of_lead
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.moves import move_lead
from crm.leads.next_steps import change_next_step, open_next_step, set_next_step
from crm.leads.next_steps import known_of as known_of_step
from crm.leads.rules import MoveRequest
from crm.leads.service import create_lead
from crm.together import Read, Stale
from models import db
from models.audit import Change
from models.company import Company
from models.enums import Status
from models.import_batch import ImportBatch
from models.lead import Lead
from models.stage_change import StageChange
from models.task import Task
from tests.at_once import at_once
from tests.leads.importing.bringing import bring
from tests.leads.importing.ledgers import ledger
from tests.leads.making import CHANNEL, NOW, SEGMENT, TODAY, a_lead, actor_of
from tests.people import People

CODE = "91350100M000100Y43"
UNKNOWN = "没有人登记过的软件有限公司"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
NAMES = ("何立群", "陈思远", "钟文", "沈立军")


def one_won(got: dict[str, Any]) -> str:
    """The name of the one; the others were told."""
    won = [name for name, told in got.items() if told == "done"]
    assert len(got) == len(NAMES)
    assert len(won) == 1, got
    assert all(isinstance(told, Conflict) for name, told in got.items() if name not in won)
    return won[0]


def test_holds_at_once(app: Flask, session: Any, people: People) -> None:
    lead = a_lead(people.scout())
    key, version = lead.public_id, lead.version
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def hold(name: str) -> Any:
        request = MoveRequest(
            to_status=Status.ON_HOLD,
            reason=name,
            hold_until=TODAY + timedelta(days=30),
            version=version,
        )
        return lambda: move_lead(key, request, actors[name], NOW)

    won = one_won(at_once(app, {name: (actors[name], hold(name)) for name in NAMES}))
    session.expire_all()
    changes = session.scalars(sa.select(StageChange).order_by(StageChange.seq)).all()
    assert [change.seq for change in changes] == [1, 2]
    assert changes[1].reason == won
    assert session.get(Lead, lead.id).status is Status.ON_HOLD


def test_moves_at_once_are_numbered(app: Flask, session: Any, people: People) -> None:
    """Who sends no version is not refused: the moves come one after the other, none is lost."""
    lead = a_lead(people.scout())
    key = lead.public_id
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def lose_and_take_up(name: str) -> Any:
        def deed() -> None:
            for status in (Status.LOST, Status.ACTIVE):
                move_lead(key, MoveRequest(to_status=status, reason=name), actors[name], NOW)

        return deed

    got = at_once(app, {name: (actors[name], lose_and_take_up(name)) for name in NAMES})
    assert got == dict.fromkeys(NAMES, "done")
    session.expire_all()
    changes = session.scalars(sa.select(StageChange).order_by(StageChange.seq)).all()
    assert [change.seq for change in changes] == list(range(1, 2 * len(NAMES) + 2))
    assert [c.reason for c in changes[1::2]] == [c.reason for c in changes[2::2]]


def test_edits_of_a_lead_at_once(app: Flask, session: Any, people: People) -> None:
    lead = a_lead(people.scout())
    key, read = lead.public_id, str(Read.of(known_of_lead(lead)))
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def edit(name: str) -> Any:
        return lambda: edit_lead(
            key, LeadEdit(need=name), actors[name], NOW, read=Read.from_text(read)
        )

    got = at_once(app, {name: (actors[name], edit(name)) for name in NAMES})
    won = one_won(got)
    told = [one for name, one in got.items() if name != won]
    assert all(isinstance(one, Stale) and one.by == won for one in told)
    session.expire_all()
    assert session.get(Lead, lead.id).need == won


def test_edits_of_different_fields_at_once_are_all_kept(
    app: Flask, session: Any, people: People
) -> None:
    company = create_company("同时改软件有限公司", now=NOW)
    role = add_contact(company, ContactInput("周启明"), actor_of(people.manager()), NOW)
    key, person = company.public_id, role.contact.public_id
    known = known_of(role)
    a_lead(people.scout(), company=key)
    fields = {"何立群": "title", "陈思远": "phone", "钟文": "wechat", "沈立军": "email"}
    values = {"title": "总经理", "phone": "0573 1", "wechat": "zhouqm", "email": "z@jx.example"}
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    read = str(Read.of(vars(known)))
    session.commit()

    def edit(name: str) -> Any:
        typed = ContactInput(**{**vars(known), fields[name]: values[fields[name]]})

        def deed() -> None:
            theirs = contact_at(company_or_404(key), person)
            edit_contact(theirs, typed, actors[name], Read.from_text(read))

        return deed

    got = at_once(app, {name: (actors[name], edit(name)) for name in NAMES})
    assert got == dict.fromkeys(NAMES, "done")
    session.expire_all()
    found = known_of(contact_at(company_or_404(key), person))
    assert {name: getattr(found, name) for name in values} == values


def test_edits_of_a_person_at_once(app: Flask, session: Any, people: People) -> None:
    company = create_company("同时改软件有限公司", now=NOW)
    role = add_contact(company, ContactInput("周启明"), actor_of(people.manager()), NOW)
    key, person = company.public_id, role.contact.public_id
    read = str(Read.of(vars(known_of(role))))
    a_lead(people.scout(), company=key)
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def edit(name: str) -> Any:
        def deed() -> None:
            theirs = contact_at(company_or_404(key), person)
            typed = ContactInput("周启明", title=name)
            edit_contact(theirs, typed, actors[name], Read.from_text(read))

        return deed

    won = one_won(at_once(app, {name: (actors[name], edit(name)) for name in NAMES}))
    session.expire_all()
    assert contact_at(company_or_404(key), person).title == won


def test_edits_of_a_company_at_once(app: Flask, session: Any, people: People) -> None:
    company = create_company("同时改软件有限公司", now=NOW)
    key = company.public_id
    known = known_of_company(company)
    read = str(Read.of(known.as_values()))
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def edit(name: str) -> Any:
        wanted = CompanyEdit(name=known.name, short_name=name)
        return lambda: change_company(
            company_or_404(key), wanted, now=NOW, read=Read.from_text(read)
        )

    won = one_won(at_once(app, {name: (actors[name], edit(name)) for name in NAMES}))
    session.expire_all()
    assert company_or_404(key).short_name == won
    edits = sa.select(Change).where(Change.subject == "company", Change.field == "short_name")
    assert len(session.scalars(edits).all()) == 1


@pytest.mark.parametrize("before", [True, False], ids=["put off", "first"])
def test_next_steps_at_once(app: Flask, session: Any, people: People, *, before: bool) -> None:
    lead = a_lead(people.scout())
    if before:
        set_next_step(lead, "约时间", TODAY, now=NOW, by=lead.owner_id)
    key, read = lead.id, str(Read.of(known_of_step(open_next_step(lead))))
    actors = {name: actor_of(people.manager(name=name)) for name in NAMES}
    session.commit()

    def step(name: str) -> Any:
        def deed() -> None:
            theirs = session.get_one(Lead, key)
            change_next_step(
                theirs, name, TODAY, now=NOW, by=actors[name].id, read=Read.from_text(read)
            )

        return deed

    won = one_won(at_once(app, {name: (actors[name], step(name)) for name in NAMES}))
    session.expire_all()
    found = open_next_step(session.get_one(Lead, key))
    assert found is not None
    assert found.text == won
    assert len(session.scalars(sa.select(Task)).all()) == 1 + before


def test_a_credit_code_is_written_down_once(app: Flask, session: Any, people: People) -> None:
    actors = [actor_of(people.scout(name=name)) for name in NAMES]
    session.commit()

    def make(name: str) -> Any:
        return create_company(f"{name}软件有限公司", now=NOW, credit_code=CODE)

    deeds = {one: (who, partial(make, one)) for one, who in zip(NAMES, actors, strict=True)}
    got = at_once(app, deeds)
    [won] = [name for name, told in got.items() if told == "done"]
    told = [one.errors["credit_code"][0] for one in got.values() if isinstance(one, Refusal)]
    assert len(told) == len(NAMES) - 1, got
    assert all(f"{won}软件有限公司" in str(one) for one in told)


# On SQLite who imports is the only one who writes.
@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_list_and_a_person_write_down_one_company(
    app: Flask, session: Any, people: People
) -> None:
    scout = actor_of(people.scout())
    people.team_lead("chengdu")  # whose the rows are
    session.commit()
    looked, registered = threading.Event(), threading.Event()

    def meanwhile(*_of_batch: Any) -> None:
        """Somebody registers it now: they wait or, should nothing hold them, are through."""
        looked.set()
        with db.engine.connect() as others:
            while not registered.is_set() and not others.scalar(sa.text(WAITING)):
                pass

    def register() -> None:
        looked.wait()
        create_lead(NewLead(UNKNOWN, SEGMENT, CHANNEL, project="另一个项目"), scout, NOW)
        db.session.commit()
        registered.set()

    def import_it() -> None:
        bring(ledger({"投资方": UNKNOWN, "责任小分队": "成都小分队"}))

    # An import that is written at once makes its batch when it has looked for its companies.
    sa.event.listen(ImportBatch, "after_insert", meanwhile)
    try:
        got = at_once(app, {"list": (scout, import_it), "person": (scout, register)})
    finally:
        sa.event.remove(ImportBatch, "after_insert", meanwhile)
    assert got == {"list": "done", "person": "done"}
    named = sa.select(sa.func.count()).where(Company.name == UNKNOWN)
    assert session.scalar(named) == 1
