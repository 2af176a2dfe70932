"""When, how and with whom, put right: what followed follows anew."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from crm.errors import Conflict, Refusal
from crm.visits.edits import FACTS, amendments_of, edit_visit, known_of, own_visit, put_back
from crm.visits.service import log_visit
from crm.visits.totals import Cell, counted
from models.company import Company, CompanyRelation, RelationKind
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.visit import Visit, VisitTotal
from tests.clients import Client
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People
from tests.visits.test_service import visit_of


def totals(session: Any) -> dict[Cell, int]:
    rows = session.scalars(sa.select(VisitTotal).where(VisitTotal.n != 0))
    return {Cell(row.day, row.author_id, row.mode): row.n for row in rows}


def test_last_touches_and_counts_follow(session: Any, people: People) -> None:
    scout = people.scout()
    lead, child = a_lead(scout), a_lead(scout)
    tie = CompanyRelation(
        parent_id=lead.company_id, child_id=child.company_id, kind=RelationKind.SUBSIDIARY
    )
    session.add(tie)
    session.commit()
    who = actor_of(scout)
    first, last = NOW - timedelta(days=9), NOW - timedelta(days=1)
    log_visit(visit_of(lead, occurred_at=first), who, NOW)
    visit = log_visit(visit_of(lead, client_key="key-00000002", occurred_at=last), who, NOW).visit
    session.commit()

    def touched() -> set[Any]:
        session.expire_all()
        companies = session.scalars(
            sa.select(Company.last_touch_at).where(
                Company.id.in_([lead.company_id, child.company_id])
            )
        )
        return {lead.last_touch_at, child.last_touch_at, *companies}

    before = known_of(visit)
    # Earlier than the other one: that is the last touch again, of relatives too.
    edit_visit(visit, {"occurred_at": first - timedelta(days=3)}, who, NOW)
    session.commit()
    assert touched() == {first}
    assert visit.back_dated
    assert totals(session) == dict(counted(session))
    put_back(visit, before, known_of(visit), who, NOW)
    session.commit()
    assert touched() == {last}
    assert not visit.back_dated
    # Nobody was there after all, and it was a call.
    edit_visit(visit, {"reached": "0", "mode": "call"}, who, NOW)
    session.commit()
    assert touched() == {first}
    assert totals(session) == dict(counted(session))
    assert sum(totals(session).values()) == 1
    with pytest.raises(Conflict):
        put_back(visit, before, before, who, NOW)
    assert visit.amended_at is None


def test_what_is_refused_of_a_new_visit_is_refused_here(session: Any, people: People) -> None:
    scout = people.scout()
    lead, other = a_lead(scout), a_lead(scout)
    who = actor_of(scout)
    stranger = add_contact(
        session.get_one(Company, other.company_id), ContactInput("外人"), who, NOW
    ).contact.public_id
    visit = log_visit(visit_of(lead), who, NOW).visit
    session.commit()
    wrong = {"occurred_at": NOW + timedelta(hours=1), "mode": "", "contacts": []}
    with pytest.raises(Refusal) as refused:
        edit_visit(visit, wrong, who, NOW)
    assert set(refused.value.errors) == {"occurred_at", "mode", "contacts"}
    with pytest.raises(Refusal) as refused:
        edit_visit(visit, {"contacts": [stranger]}, who, NOW)
    assert set(refused.value.errors) == {"contacts"}
    session.rollback()
    assert not edit_visit(visit, {name: known_of(visit)[name] for name in FACTS}, who, NOW)


@pytest.mark.parametrize(("hours", "traced"), [(23, False), (25, True)])
def test_after_a_day_readers_see_before_and_after(
    app: Flask, session: Any, people: People, hours: int, traced: bool
) -> None:
    scout, colleague = people.scout(name="陈思远"), people.scout(name="李一")
    lead = a_lead(scout)
    now = clock.now()
    said = replace(visit_of(lead), occurred_at=now - timedelta(days=2, minutes=7))
    visit = log_visit(said, actor_of(scout), now).visit
    visit.recorded_at = now - timedelta(hours=hours)
    session.commit()
    client = Client(app).sign_in(scout.email)
    page = client.get(f"/visits/{visit.public_id}/edit").text
    read = re.findall(r'name="read"[^>]*value="([^"]*)"', page)[0]
    met = session.scalars(sa.select(Contact.public_id)).all()
    at = known_of(visit)["occurred_at"].astimezone(clock.ZONE)
    form = {
        "read": read,
        "occurred_at": f"{at:%Y-%m-%dT%H:%M}",
        "mode": VisitMode.VIDEO.value,
        "reached": "1",
        "contacts": met,
        "companions": [colleague.public_id],
        "summary": "谈了场地",
    }
    future = client.post(
        f"/visits/{visit.public_id}/edit", form | {"occurred_at": "2999-01-01T10:00"}
    )
    assert (future.status_code, 'data-field="occurred_at"' in future.text) == (422, True)
    saved = client.post(f"/visits/{visit.public_id}/edit", form)
    assert saved.status_code == 302, saved.text
    session.expire_all()
    assert (visit.mode, visit.amended_at is not None) == (VisitMode.VIDEO, traced)
    shown = client.get(f"/visits/{visit.public_id}").text
    assert ("从“外出拜访”改为“视频”" in shown) is traced
    assert ("从“没有”改为“李一”" in shown) is traced
    undo = re.findall(r"/visits/\w+/reversals\?was=[\w.\-]+", shown)
    assert client.post(undo[0], json={}).status_code == 201
    session.expire_all()
    assert visit.mode is VisitMode.OUT
    assert len(amendments_of(own_visit(actor_of(scout), visit.public_id))) == 2 * traced


def test_a_lead_is_touched_no_later_than_its_visits(session: Any, people: People) -> None:
    """Moving a visit later moves the last touch with it."""
    scout = people.scout()
    lead = a_lead(scout)
    visit = log_visit(
        visit_of(lead, occurred_at=NOW - timedelta(days=5)), actor_of(scout), NOW
    ).visit
    edit_visit(visit, {"occurred_at": NOW - timedelta(days=2)}, actor_of(scout), NOW)
    session.commit()
    assert session.get_one(Lead, lead.id).last_touch_at == NOW - timedelta(days=2)
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
