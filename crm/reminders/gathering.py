"""What the mails of some people are made of, read for all of them in one transaction.

A statement costs more to make than most of them find: of twenty-five people together hardly more
are asked than of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm import clock
from crm.access import load_actor
from crm.reminders.leaves.rules import Away
from crm.reminders.matters import Matters, matters_of_all
from crm.reminders.personal.queries import personal_of_all
from crm.reminders.personal.rules import Personal
from crm.reminders.since import News, began, news_of
from crm.reminders.store import kept_of
from crm.visits.appointments.queries import day_of, who_has_a_day
from crm.visits.appointments.words import Arranged
from models.user import User


@dataclass(frozen=True)
class Gathered:
    """Of one person: how they want their mail, what waits for them, what they have arranged, and
    what others did to their leads since the mail before. Of who is away nothing waits.
    """

    personal: Personal
    since: datetime
    matters: Matters | None = None
    arranged: Sequence[Arranged] = ()
    news: Sequence[News] = ()


def gather(people: Sequence[User], away: Away, at: datetime) -> dict[int, Gathered]:
    """All of it, by the key of the person. They are held (``hold_all``), so that it stays so."""
    today, keys = clock.local_date(at), [person.id for person in people]
    kept, chosen = kept_of(today), personal_of_all(keys)
    personal = {key: chosen.get(key, Personal()) for key in keys}
    since = {key: began(today, one.time_on(today), kept.calendar) for key, one in personal.items()}
    present = [person for person in people if person.id not in away]
    matters = matters_of_all(present, kept, today) if present else {}
    meets = who_has_a_day([person.id for person in present], at)
    news = _news(since, at)
    return {
        person.id: Gathered(
            personal[person.id],
            since[person.id],
            matters.get(person.id),
            day_of(load_actor(person, today), at) if person.id in meets else (),
            news.get(person.id, ()),
        )
        for person in people
    }


def _news(since: dict[int, datetime], at: datetime) -> dict[int, list[News]]:
    """Most people's mail comes at one time, and so did the one before."""
    together: dict[datetime, list[int]] = defaultdict(list)
    for person, moment in since.items():
        together[moment].append(person)
    found: dict[int, list[News]] = {}
    for moment, people in together.items():
        found |= news_of(people, moment, at)
    return found
