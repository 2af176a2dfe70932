"""Mails that put an appointment into the calendars of who takes part (iMIP, RFC 6047).

They are written into the outbox in the appointment's own transaction. Mail leaves the house: it
holds when, where and with whom, and no amounts, notes or numbers; to people of theirs neither our
links nor each other's addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import css_inline
import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale, gettext
from icalendar import Event, vCalAddress, vText

from crm import clock
from crm.access import Actor
from crm.config import Config
from crm.formats import clock_time, language, say, written_day
from crm.mail.letter import new_message_id
from crm.mail.links import link
from crm.visits.appointments.words import what
from crm.visits.calendar.entries import Entry, EntryKind
from crm.visits.calendar.ics import calendar_of, event_of
from models import db
from models.appointment import Appointment
from models.company import Company
from models.contact import Contact
from models.message import Message
from models.user import User

KIND = "invitation"
_CHINESE = "zh_Hans_CN"
_SUBJECT_ROOM = 255


@dataclass(frozen=True)
class Invited:
    """Who gets a mail, by key: people of ours and of theirs."""

    users: frozenset[int]
    contacts: frozenset[int]

    def without(self, others: Invited) -> Invited:
        """Those who are not among the others."""
        return Invited(self.users - others.users, self.contacts - others.contacts)


@dataclass(frozen=True)
class Written:
    """A mail ready for the outbox, with the entry for a calendar."""

    subject: str
    text: str
    html: str
    calendar: str


def tell(one: Appointment, whom: Invited, method: str, actor: Actor, now: datetime) -> None:
    """Queue a mail to each: REQUEST asks them to come, CANCEL calls it off.

    Whoever arranged it is told when somebody else did this.
    """
    # One state is told once: who is called off here is not who is asked to come.
    users = set(whom.users)
    if actor.id != one.author_id and (method == "REQUEST" or one.cancelled_at):
        users.add(one.author_id)
    company = db.session.get_one(Company, one.company_id)
    author = db.session.get_one(User, one.author_id)
    ours = db.session.scalars(
        sa.select(User).where(User.id.in_(users), User.active).order_by(User.id)
    ).all()
    theirs = db.session.scalars(
        sa.select(Contact).where(Contact.id.in_(whom.contacts)).order_by(Contact.id)
    ).all()
    for person in ours:
        written = write(one, company, author, person, ours, method)
        _queue(one, written, person.email, now, recipient_id=person.id)
    for contact in theirs:
        if contact.email:
            written = write(one, company, author, contact, [contact], method)
            _queue(one, written, contact.email, now, contact_id=contact.id)
    db.session.flush()


def write(
    one: Appointment,
    company: Company,
    author: User,
    to: User | Contact,
    attendees: Sequence[Any],
    method: str,
) -> Written:
    """The mail to one person, in their language; people of theirs read Chinese."""
    config: Config = current_app.extensions["crm.config"]
    ours = isinstance(to, User)
    with force_locale((to.locale if isinstance(to, User) else None) or _CHINESE):
        site = config.site_name_en if language() == "en" else config.site_name_zh
        title = (
            say(what(one.mode, company.short_name))
            if ours
            else gettext("%(site)s 与 %(company)s 见面", site=site, company=company.short_name)
        )
        when = _when(one)
        context: dict[str, Any] = {
            "lang": "en" if language() == "en" else "zh-CN",
            "site_name": site,
            "person": to.name,
            "host": author.name,
            "called_off": method == "CANCEL",
            "changed": method == "REQUEST" and one.sequence > 0,
            "title": title,
            "when": when,
            "place": one.place,
            "url": link("appointments.show", public_id=one.public_id) if ours else "",
            "demo": config.demo,
        }
        subject = _subject(context)
        html = css_inline.inline(_render("invitation.html", context | {"subject": subject}))
        text = _render("invitation.txt", context)
        entry = _entry(one, company, title, context["url"])
    _add_people(entry, author, attendees)
    calendar = calendar_of(method)
    calendar.add_component(entry)
    body = bytes(calendar.to_ical()).decode()
    return Written(subject[:_SUBJECT_ROOM], text, html, body)


def _subject(context: dict[str, Any]) -> str:
    values = {"title": context["title"], "when": context["when"]}
    if context["called_off"]:
        return str(gettext("已取消：%(title)s，%(when)s", **values))
    if context["changed"]:
        return str(gettext("有改动：%(title)s，%(when)s", **values))
    return str(gettext("邀请：%(title)s，%(when)s", **values))


def _when(one: Appointment) -> str:
    """12月3日 周四 10:30–11:30; over midnight the end says its day, too."""
    first, last = clock.local_date(one.starts_at), clock.local_date(one.ends_at)
    start = f"{written_day(first)} {clock_time(one.starts_at)}"
    if first == last:
        return f"{start}–{clock_time(one.ends_at)}"
    return f"{start}–{written_day(last)} {clock_time(one.ends_at)}"


def _render(name: str, context: dict[str, Any]) -> str:
    # As the digest: not what pages know, for a mail has no reader who is signed in.
    return current_app.jinja_env.get_template(f"emails/invitation/{name}").render(context)


def _entry(one: Appointment, company: Company, title: str, url: str) -> Event:
    config: Config = current_app.extensions["crm.config"]
    entry = Entry(
        EntryKind.APPOINTMENT,
        clock.local_date(one.starts_at),
        one.public_id,
        company.short_name,
        one.updated_at,
        at=one.starts_at,
        until=one.ends_at,
        mode=one.mode,
        place=one.place,
        sequence=one.sequence,
        cancelled=one.cancelled_at is not None,
    )
    return event_of(entry, config.base_url.split("://", 1)[-1], url, title)


def _add_people(event: Event, author: User, attendees: Sequence[Any]) -> None:
    organizer = vCalAddress(f"MAILTO:{author.email}")
    organizer.params["CN"] = vText(author.name)
    event["ORGANIZER"] = organizer
    for person in attendees:
        if person.id == author.id and isinstance(person, User):
            continue
        attendee = vCalAddress(f"MAILTO:{person.email}")
        attendee.params["CN"] = vText(person.name)
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee, encode=False)


def _queue(one: Appointment, written: Written, to: str, now: datetime, **whom: int) -> None:
    config: Config = current_app.extensions["crm.config"]
    db.session.add(
        Message(
            message_id=new_message_id(config.mail_from),
            kind=KIND,
            # Once a person and state of the appointment.
            period=f"{one.public_id} {one.sequence}",
            to_address=to,
            subject=written.subject,
            text_body=written.text,
            html_body=written.html,
            calendar_body=written.calendar,
            due_at=now,
            created_at=now,
            **whom,
        )
    )
