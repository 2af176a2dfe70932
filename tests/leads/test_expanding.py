"""Whatever happens to leads and groups, what is kept of expansions is a recount."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.companies.relations import add_relation, remove_relation
from crm.leads import expanding, expansions
from crm.leads.archiving import archive_lead
from models import db, engine
from models.company import Company
from models.creating import create, numbered
from models.enums import Stage, Status
from models.expansion import Expansion
from models.lead import Lead
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People


def _kept(session: Any) -> set[int]:
    session.expire_all()
    kept = set(session.scalars(sa.select(Expansion.lead_id)))
    assert kept == set(session.scalars(expansions.counted()))
    return kept


def _landed(user: User, on: date = TODAY, **more: Any) -> Lead:
    lead = a_lead(user, **more)
    lead.stage, lead.landed_on = Stage.LANDED, on
    db.session.commit()
    return lead


def _holds(session: Any, parent: Lead, child: Lead, share_bp: int | None = None) -> int:
    ends = (session.get_one(Company, lead.company_id) for lead in (parent, child))
    relation = add_relation(*ends, share_bp=share_bp, now=NOW)
    session.commit()
    return relation.id


def test_the_rows_follow_leads_and_groups(session: Any, people: People) -> None:
    scout = people.scout()
    first, second, third = (_landed(scout, TODAY - timedelta(days=9 - n)) for n in range(3))
    a, b, c = first.id, second.id, third.id
    assert _kept(session) == set()
    _holds(session, first, second)
    _holds(session, first, third, 5_000)
    assert _kept(session) == {b}
    held = _holds(session, first, third, 5_001)
    assert _kept(session) == {b, c}
    # The first went back, was lost, lies in the trash, landed later than the others.
    first.stage = Stage.REGISTERED
    session.commit()
    assert _kept(session) == {c}
    first.stage, first.status = Stage.LANDED, Status.LOST
    session.commit()
    assert _kept(session) == {c}
    first.status, first.landed_on = Status.ACTIVE, TODAY
    session.commit()
    assert _kept(session) == {a, c}
    archive_lead(second.public_id, "重复", actor_of(people.manager()), NOW)
    session.commit()
    assert _kept(session) == {a}
    # A company of its own again, and one company with two landings.
    remove_relation(session.get_one(Company, first.company_id), held)
    session.commit()
    assert _kept(session) == set()
    first.project, third.company_id = "二期", first.company_id
    session.commit()
    assert _kept(session) == {a}
    session.delete(session.get_one(Expansion, a))
    session.commit()
    expanding.rebuild(session)
    assert _kept(session) == {a}


def test_a_company_in_two_groups(session: Any, people: People) -> None:
    leads = [_landed(people.scout(), TODAY - timedelta(days=9 - n)) for n in range(3)]
    parent, other, child = leads
    _holds(session, other, child)
    held = _holds(session, parent, child)
    assert _kept(session) == {child.id}
    # Of the group that it leaves it was the second, of the other it still is.
    remove_relation(session.get_one(Company, parent.company_id), held)
    session.commit()
    assert _kept(session) == {child.id}


def test_landings_that_are_made_as_rows(session: Any, people: People) -> None:
    lead = _landed(people.scout(), TODAY - timedelta(days=9))
    names = [column.name for column in Lead.__table__.columns if not column.primary_key]
    row = {name: getattr(lead, name) for name in names}
    rows = numbered(session(), Lead, [{**row, "public_id": "again", "project": "二期"}])
    create(session(), {Lead: rows})
    session.commit()
    assert _kept(session) == {rows[0]["id"]}


def test_two_landings_of_a_group_at_once(app: Flask, session: Any, people: People) -> None:
    # Of two teams: they share no count, which would hold one up until the other has committed.
    leads = [a_lead(scout) for scout in (people.scout(), people.scout("chengdu"))]
    _holds(session, *leads)
    keys = [lead.id for lead in leads]
    session.commit()
    start = threading.Barrier(2)
    failed: list[Exception] = []

    def land(key: int) -> None:
        engine.set_writing(True)
        with app.app_context():
            try:
                for _ in range(10):
                    start.wait()
                    lead = db.session.get_one(Lead, key)
                    lead.stage, lead.landed_on = Stage.LANDED, TODAY
                    db.session.commit()
                    start.wait()
                    kept = set(db.session.scalars(sa.select(Expansion.lead_id)))
                    assert kept == {max(keys)}
                    db.session.rollback()
                    start.wait()
                    lead.stage, lead.landed_on = Stage.REGISTERED, None
                    db.session.commit()
            except Exception as error:
                failed.append(error)
                start.abort()

    threads = [threading.Thread(target=land, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    assert _kept(session) == set()
