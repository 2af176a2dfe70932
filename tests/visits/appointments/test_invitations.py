"""Invitations: through a real mail server, and as a calendar reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar, Event

from crm.reminders.outbox import send_due
from crm.visits.appointments import service
from models.enums import VisitMode
from models.message import Message
from tests.leads.making import a_lead, actor_of
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.visits.appointments.test_arranging import NOW, PLAN, a_contact, an_appointment

__all__ = ["mail_server"]

# 23:30 in Shanghai, until 00:30 of the next year.
LATE = datetime(2026, 12, 31, 15, 30, tzinfo=timezone.utc)


@pytest.fixture
def sending(app_with: Callable[..., Flask], mail_server: MailServer) -> Flask:
    """The application with a mail server."""
    return app_with(mail_url=mail_server.url, mail_timeout=30.0)


def event_in(mail: EmailMessage) -> tuple[str, Event]:
    """The method by the part's header, and the one event."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    method = part.get_param("method")
    assert method == calendar["METHOD"]
    return str(method), event


def _plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_who_takes_part_is_told_of_each_state_once(
    session: Any, people: People, sending: Flask, mail_server: MailServer
) -> None:
    scout, colleague = people.scout(name="陈思远"), people.scout(email="li@test.example")
    lead = a_lead(scout, "易华录软件有限公司")
    person = a_contact(lead, scout, email="xu@company.example")
    silent = a_contact(lead, scout, "周启明", email="zhou@company.example")
    plan = replace(
        PLAN,
        starts_at=LATE,
        companions=(colleague.public_id,),
        contacts=(silent.public_id,),
        invited=(person.public_id,),
    )
    one = an_appointment(lead, scout, plan)
    who = actor_of(scout)
    service.change(one, replace(plan, minutes=90), who, NOW)
    service.change(one, replace(plan, minutes=90, companions=()), who, NOW)
    service.cancel(one, who, NOW)
    session.commit()
    with sending.app_context():
        assert send_due(NOW + timedelta(minutes=1)).sent == 7
    mails: dict[str, list[EmailMessage]] = {}
    for mail in mail_server.mails:
        mails.setdefault(str(mail["To"]), []).append(mail)
    # Whoever is not ticked hears nothing.
    assert set(mails) == {"li@test.example", "xu@company.example"}
    theirs = [event_in(mail) for mail in mails["xu@company.example"]]
    assert [(method, event["SEQUENCE"]) for method, event in theirs] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("REQUEST", 2),
        ("CANCEL", 3),
    ]
    assert len({event["UID"] for _method, event in theirs}) == 1
    first = theirs[0][1]
    assert first["DTSTART"].dt == LATE
    assert first["DTEND"].dt == LATE + timedelta(hours=1)
    assert str(first["LOCATION"]) == "智创园 2 号楼"
    assert "@" in first["ORGANIZER"]
    assert [str(first["ATTENDEE"])] == ["MAILTO:xu@company.example"]
    assert theirs[-1][1]["STATUS"] == "CANCELLED"
    ours = [event_in(mail) for mail in mails["li@test.example"]]
    assert [(method, event["SEQUENCE"]) for method, event in ours] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
    assert "12月31日 周四 23:30–" in _plain(mails["xu@company.example"][0])
    # Neither our pages, nor what is ours alone, nor anybody else's address.
    for word in ("http", "周晓", "园区手册", "li@test.example"):
        assert word not in mails["xu@company.example"][0].as_string()
    assert f"/appointments/{one.public_id}" in _plain(mails["li@test.example"][0])


def test_a_person_who_was_purged_leaves_no_address(session: Any, people: People) -> None:
    from crm.trash.purging import _purge_contact  # noqa: PLC0415

    scout = people.scout()
    lead = a_lead(scout)
    person = a_contact(lead, scout, email="xu@company.example")
    an_appointment(lead, scout, replace(PLAN, mode=VisitMode.OUT, invited=(person.public_id,)))
    _purge_contact(person)
    session.commit()
    (message,) = session.query(Message).all()
    assert (message.to_address, message.calendar_body, message.contact_id) == ("", None, None)
