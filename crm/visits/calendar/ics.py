"""Entries as iCalendar (RFC 5545), for phones and Outlook.

Times are written in UTC, so that a visit across midnight or a traveller's phone gets no hour wrong.
What has no hour is an all-day event that keeps nobody busy. It leaves the house: like a mail it
says whom and what about, and no amounts, notes or numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta, timezone

from icalendar import Calendar, Event

from crm.formats import say
from crm.leads.words import MODE_WORDS
from crm.visits.appointments.words import what as planned
from crm.visits.calendar.entries import KIND_WORDS, Entry, EntryKind

# How long a visit is taken to last, and how often a subscriber may look again.
_LASTS = timedelta(hours=1)
_AGAIN = "PT1H"
_MAKER = "-//software-investment CRM//calendar//ZH"


def as_ics(
    entries: Iterable[Entry], name: str, host: str, address: Callable[[Entry], str]
) -> bytes:
    """A calendar of that name. ``address`` gives an entry's page; ``host`` makes its id unique."""
    calendar = calendar_of("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _AGAIN)
    for entry in entries:
        calendar.add_component(event_of(entry, host, address(entry), title(entry)))
    return bytes(calendar.to_ical())


def calendar_of(method: str) -> Calendar:
    """An empty calendar that is to be taken so: PUBLISH, REQUEST or CANCEL."""
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def title(entry: Entry) -> str:
    """What an event is called: whom it is about first, then what."""
    what = say(MODE_WORDS[entry.mode] if entry.mode else KIND_WORDS[entry.kind])
    if entry.kind is EntryKind.APPOINTMENT and entry.mode:
        return say(planned(entry.mode, entry.company))
    if entry.kind is EntryKind.VISIT or not entry.text:
        return f"{entry.company} · {what}"
    return f"{entry.company} · {what}：{entry.text}"


def event_of(entry: Entry, host: str, url: str, summary: str) -> Event:
    """An entry as an event under a name of its own, the same wherever it goes."""
    event = Event()
    event.add("uid", f"{entry.kind.value}-{entry.public_id}@{host}")
    event.add("dtstamp", entry.stamp.astimezone(timezone.utc))
    event.add("summary", summary)
    if url:
        event.add("url", url)
        event.add("description", url)
    if entry.place:
        event.add("location", entry.place)
    if entry.kind is EntryKind.APPOINTMENT:
        event.add("sequence", entry.sequence)
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("categories", [say(KIND_WORDS[entry.kind])])
    if entry.at is None:
        event.add("dtstart", entry.day)
        # Without an end it lasts the day; behind the last one of the calendar there is none.
        if (last := entry.last or entry.day) < date.max:
            event.add("dtend", last + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        at = entry.at.astimezone(timezone.utc)
        event.add("dtstart", at)
        event.add("dtend", entry.until.astimezone(timezone.utc) if entry.until else at + _LASTS)
    return event
