"""A planned visit: arranged, moved, called off, and closed by its visit exactly once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.formats import say
from crm.visits.appointments import service
from crm.visits.appointments.queries import day_of
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange
from crm.visits.calendar.entries import EntryKind
from crm.visits.calendar.moving import movable_entry, move
from crm.visits.service import NewVisit, log_visit
from models import db
from models.appointment import Appointment, AppointmentContact
from models.company import Company
from models.contact import Contact
from models.enums import Role, Status, VisitMode
from models.lead import Lead
from models.message import Message as Mail
from models.user import User
from models.visit import Visit
from tests.clients import Client
from tests.leads.making import a_lead, actor_of
from tests.people import People

NOW = datetime(2026, 12, 3, 1, 40, tzinfo=timezone.utc)
AT = datetime(2026, 12, 3, 2, 30, tzinfo=timezone.utc)  # 10:30 in Shanghai
PLAN = Plan(VisitMode.IN, AT, 60, "智创园 2 号楼", "周晓", "园区手册")


def a_contact(lead: Lead, owner: User, name: str = "许嘉宁", email: str = "") -> Contact:
    company = db.session.get_one(Company, lead.company_id)
    role = add_contact(company, ContactInput(name, email=email), actor_of(owner), NOW)
    return db.session.get_one(Contact, role.contact_id)


def an_appointment(
    lead: Lead, owner: User, plan: Plan = PLAN, key: str = "key-0001"
) -> Appointment:
    new = NewAppointment(key, plan, lead=lead.public_id)
    return arrange(new, actor_of(owner), NOW)[0]


def visit_of(one: Appointment, lead: Lead | None, key: str = "visit-0001") -> NewVisit:
    company = db.session.get_one(Company, one.company_id)
    return NewVisit(
        client_key=key,
        lead=lead.public_id if lead else None,
        company=None if lead else company.public_id,
        mode=VisitMode.IN,
        occurred_at=AT,
        reached=False,
        summary="谈了场地",
        appointment=one.public_id,
    )


def test_what_is_wrong_is_said_at_its_field(people: People) -> None:
    scout = people.scout()
    lead, other = a_lead(scout), a_lead(scout)
    stranger = a_contact(other, scout)
    plan = replace(PLAN, starts_at=NOW - timedelta(days=1), minutes=0, mode=VisitMode.MESSAGE)
    with pytest.raises(Refusal) as refused:
        an_appointment(lead, scout, plan)
    assert set(refused.value.errors) == {"starts_at", "minutes", "mode"}
    with pytest.raises(Refusal) as refused:
        an_appointment(lead, scout, replace(PLAN, contacts=(stranger.public_id,)))
    assert set(refused.value.errors) == {"contacts"}
    silent = a_contact(lead, scout)
    with pytest.raises(Refusal) as refused:
        an_appointment(lead, scout, replace(PLAN, invited=(silent.public_id,)), "key-0002")
    assert set(refused.value.errors) == {"invited"}
    db.session.rollback()
    with pytest.raises(NotFound):
        an_appointment(a_lead(people.scout("chengdu")), scout, key="key-0003")


def test_its_visit_closes_it_exactly_once(session: Any, people: People) -> None:
    scout, colleague = people.scout(), people.scout(name="李一")
    lead = a_lead(scout, "易华录软件有限公司")
    plan = replace(PLAN, companions=(colleague.public_id,))
    one = an_appointment(lead, scout, plan)
    again = arrange(NewAppointment("key-0001", PLAN, lead=lead.public_id), actor_of(scout), NOW)
    assert again == (one, False)
    assert [found.public_id for found in day_of(actor_of(colleague), NOW)] == [one.public_id]
    later = AT + timedelta(hours=2)
    logged = log_visit(visit_of(one, lead), actor_of(scout), later)
    assert (one.visit_id, log_visit(visit_of(one, lead), actor_of(scout), later).created) == (
        logged.visit.id,
        False,
    )
    assert day_of(actor_of(scout), NOW) == []
    # Two people log the same meeting: the second is told whose the first is.
    with pytest.raises(Refusal) as refused, session.begin_nested():
        log_visit(visit_of(one, lead, "visit-0002"), actor_of(colleague), later)
    assert refused.value.code == "appointment_closed"
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    with pytest.raises(Conflict):
        service.cancel(one, actor_of(scout), later)


def test_the_visit_of_another_company_does_not_close_it(session: Any, people: People) -> None:
    scout = people.scout()
    one, other = an_appointment(a_lead(scout), scout), a_lead(scout)
    with pytest.raises(Refusal) as refused, session.begin_nested():
        log_visit(visit_of(one, other), actor_of(scout), AT)
    assert set(refused.value.errors) == {"company"}
    assert one.visit_id is None


def test_it_is_moved_called_off_and_taken_back(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    person = a_contact(lead, scout)
    one = an_appointment(lead, scout, replace(PLAN, contacts=(person.public_id,)))
    who = actor_of(scout)
    service.move_to(one, clock.local_date(AT) + timedelta(days=1), who, NOW)
    assert (one.starts_at, one.sequence) == (AT + timedelta(days=1), 1)
    # The plan of the reception is ours: nobody outside has to hear of it.
    service.change(one, replace(PLAN, starts_at=one.starts_at, materials="图纸"), who, NOW)
    assert (one.sequence, session.scalar(sa.select(AppointmentContact.contact_id))) == (1, None)
    service.cancel(one, who, NOW)
    assert (one.sequence, day_of(who, one.starts_at)) == (2, [])
    service.restore(one, who, NOW)
    service.restore(one, who, NOW)
    assert (one.sequence, len(day_of(who, one.starts_at))) == (3, 1)
    # What has passed stays changeable, but nothing is moved into the past.
    later = AT + timedelta(days=3)
    service.change(one, replace(PLAN, starts_at=one.starts_at, place="南湖"), who, later)
    assert one.place == "南湖"
    with pytest.raises(Refusal):
        service.move_to(one, clock.local_date(AT), who, later)


def test_an_invited_person_without_an_address_is_said_where_it_is_dragged(people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    person = a_contact(lead, scout, email="xu@firm.example")
    one = an_appointment(lead, scout, replace(PLAN, invited=(person.public_id,)))
    person.email = None
    db.session.flush()
    who, day = actor_of(scout), clock.local_date(AT)
    entry = movable_entry(who, EntryKind.APPOINTMENT, one.public_id)
    with pytest.raises(Refusal) as refused:
        move(entry, day + timedelta(days=1), who, read=day, now=NOW)
    assert list(refused.value.errors) == ["day"]
    assert person.name in say(refused.value.errors["day"][0])


def test_who_reads_it_and_who_changes_it(people: People) -> None:
    scout, chengdu, guest = people.scout(), people.scout("chengdu"), people.scout("chengdu")
    one = an_appointment(a_lead(scout), scout, replace(PLAN, companions=(guest.public_id,)))
    with pytest.raises(NotFound):
        service.own_appointment(actor_of(chengdu), one.public_id)
    assert service.own_appointment(actor_of(guest), one.public_id) is one
    assert service.own_appointment(actor_of(people.team_lead()), one.public_id) is one
    with pytest.raises(Forbidden):
        service.own_appointment(actor_of(people.make(Role.AUDITOR)), one.public_id)


def test_the_pages_take_one_from_the_calendar_to_its_visit(
    app: Flask, session: Any, people: People
) -> None:
    scout, guest = people.scout(), people.scout("chengdu", name="王二")
    lead = a_lead(scout, "易华录软件有限公司")
    person = a_contact(lead, scout)
    session.commit()
    client = Client(app).sign_in(scout.email)
    day = clock.today() + timedelta(days=1)
    page = client.get(f"/appointments/new?lead={lead.public_id}&on={day}").text
    key = re.findall(r'name="client_key"[^>]*value="([^"]+)"', page)[0]
    assert f'value="{day}T10:00"' in page
    form: dict[str, Any] = {
        "lead": lead.public_id,
        "client_key": key,
        "mode": "in",
        "starts_at": f"{day}T23:30",
        "minutes": "90",
        "place": "智创园 2 号楼",
        "host": "周晓",
        "contacts": [person.public_id],
        "companions": [guest.public_id],
    }
    refused = client.post("/appointments", form | {"minutes": "x"})
    assert (refused.status_code, "23:30" in refused.text) == (422, True)
    for _tap in range(2):
        made = client.post("/appointments", form)
        assert made.status_code == 302, made.text
    one = session.scalars(sa.select(Appointment)).one()
    shown = client.get(f"/appointments/{one.public_id}").text
    assert "王二" in shown
    assert (
        f"/appointments/{one.public_id}" in client.get(f"/leads/{lead.public_id}/appointments").text
    )
    # The guest may read it, and the lead of another team he may not.
    other = Client(app).sign_in(guest.email)
    theirs = other.get(f"/appointments/{one.public_id}").text
    assert f"/leads/{lead.public_id}" not in theirs
    week = client.get(f"/calendar?on={day}").text
    door = re.findall(r'data-moves="(/calendar/appointment/[^"]+)"', week)[0]
    moved = day + timedelta(days=1)
    said = client.post(door, json={"day": str(moved), "read": str(day)})
    assert said.status_code == 201, said.text
    assert (session.refresh(one), clock.local_date(one.starts_at))[1] == moved
    assert client.post(said.json["undo_url"], json={}).status_code == 201
    assert (session.refresh(one), clock.local_date(one.starts_at))[1] == day
    file = client.get(f"/calendar/appointment/{one.public_id}.ics")
    (event,) = Calendar.from_ical(file.data).walk("VEVENT")
    assert (event["SEQUENCE"], event["DTEND"].dt - event["DTSTART"].dt) == (
        one.sequence,
        timedelta(minutes=90),
    )
    log = client.get(f"/visits/new?lead={lead.public_id}&appointment={one.public_id}").text
    assert re.search(rf'name="appointment" value="{one.public_id}"', log)
    assert re.search(rf'value="{person.public_id}"[^>]*|checked', log)
    assert 'value="智创园 2 号楼"' in log
    edited = client.post(f"/appointments/{one.public_id}", form | {"starts_at": f"{moved}T09:00"})
    assert edited.status_code == 302, edited.text
    undo = re.findall(r"/appointments/\w+/reversals\?was=[^&\"]+", client.get("/calendar").text)
    assert client.post(undo[0].replace("&#34;", ""), json={}).status_code == 201
    assert (session.refresh(one), clock.local_date(one.starts_at))[1] == day
    assert client.post(f"/appointments/{one.public_id}/cancellation").status_code == 302
    assert "已取消" in client.get(f"/appointments/{one.public_id}").text
    assert client.post(f"/appointments/{one.public_id}/restoration", json={}).status_code == 201


def test_who_loses_a_lead_calls_off_what_was_arranged_and_gets_it_back(
    app: Flask, session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())
    scout, guest = people.scout(), people.scout("chengdu")
    lead, other = a_lead(scout), a_lead(scout, "别家软件有限公司")
    soon = NOW + timedelta(days=2)
    plan = replace(PLAN, starts_at=soon, companions=(guest.public_id,))
    one, kept = an_appointment(lead, scout, plan), an_appointment(lead, scout, plan, "key-0002")
    past = an_appointment(lead, scout, key="key-0003")
    past.starts_at = NOW - timedelta(days=1)
    foreign = an_appointment(other, scout, plan, "key-0004")
    session.commit()
    client = Client(app).sign_in(scout.email)
    page = f"/leads/{lead.public_id}/stage-changes"
    asked = client.get(f"{page}/new?to_status=lost").text
    boxes = re.findall(r'<input[^>]*name="call_off"[^>]*>', asked)
    assert [box for box in boxes if "checked" in box] == boxes
    assert {key for box in boxes for key in re.findall(r'value="(\w+)"', box)} == {
        one.public_id, kept.public_id,
    }  # fmt: skip
    hold = client.get(f"{page}/new?to_status=on_hold").text
    assert 'name="call_off"' not in hold
    assert 'data-date="2027-01-04"' in hold  # a month on, after the holiday
    form = {"to_status": "lost", "call_off": [one.public_id]}
    refused = client.post(page, form).text  # no reason: nothing is called off, the choice stays
    boxes = re.findall(r'<input[^>]*name="call_off"[^>]*>', refused)
    assert [one.public_id in box for box in boxes if "checked" in box] == [True]
    session.expire_all()
    assert one.open
    wrong = client.post(page, form | {"reason": "黄了", "call_off": [foreign.public_id]})
    assert wrong.status_code == 404
    assert (session.refresh(lead), lead.status)[1] is Status.ACTIVE
    done = client.post(page, form | {"reason": "黄了"})
    assert done.status_code == 302
    session.expire_all()
    assert [it.open for it in (one, kept, past, foreign)] == [False, True, True, True]
    told = sa.select(Mail.recipient_id).where(Mail.calendar_body.contains("METHOD:CANCEL"))
    assert list(session.scalars(told)) == [guest.id]
    assert "1 个约定已取消" in client.get(done.location).text
    assert client.post(f"{page}/2/reversal", json={}).status_code == 201
    session.expire_all()
    assert one.open
