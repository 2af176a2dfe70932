"""Which part of what waits for somebody on leave a colleague hears meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.access import load_actor, visible_leads, visible_offers, with_actor
from crm.reminders.leaves.rules import Away
from crm.reminders.matters import Matters, Row
from crm.reminders.rulebook import People
from crm.reminders.rules import OFFERED
from models import db
from models.enums import ReminderState, RuleKind
from models.lead import Lead
from models.reminder import Reminder
from models.sets import one_of
from models.user import User


def stand_ins(absent: Iterable[int], away: Away, people: People) -> dict[int, list[int]]:
    """Who may have to hear something for whom of these: each colleague with the absent ones."""
    wanted = sorted(set(absent))
    found: dict[int, list[int]] = {}
    if not wanted:
        return found
    teams: dict[int, set[int | None]] = {person: set() for person in wanted}
    rows = db.session.execute(
        sa.select(Reminder.person_id, Lead.team_id)
        .outerjoin(Lead, Lead.id == Reminder.lead_id)
        .where(one_of(Reminder.person_id, wanted), Reminder.state == ReminderState.PLANNED)
        .distinct()
    )
    for person, team in rows:
        teams[person].add(team)
    for person in wanted:
        others = {one for team in teams[person] for one in away.instead(person, team, people)}
        deputy = away.stand_in(person)
        for one in others | ({deputy} if deputy is not None else set()):
            found.setdefault(one, []).append(person)
    return found


def share_of(matters: Matters, reader: User, away: Away, people: People, today: date) -> Matters:
    """What ``reader`` hears of it: all that they may see as the deputy; of what the deputy may not
    see, what falls to them by their office.
    """
    person = matters.person.id
    deputy = away.stand_in(person)
    seen = _seen(matters, deputy, today) if deputy is not None else set()
    if reader.id == deputy:
        return matters.of(lambda row: row.id in seen)
    mine = _seen(matters, reader.id, today)
    team_of = {item.lead.lead_id: item.lead.team_id for item in matters.items}

    def falls_to_me(row: Row) -> bool:
        team = team_of.get(row.lead_id) if row.lead_id is not None else None
        return (
            row.id not in seen
            and row.id in mine
            and reader.id in away.instead(person, team, people)
        )

    return matters.of(falls_to_me)


@dataclass(frozen=True)
class Sight:
    """Which leads each of some colleagues may read, and of which their offers, too."""

    leads: frozenset[tuple[int, int]] = frozenset()
    offers: frozenset[tuple[int, int]] = frozenset()

    def of(self, person_id: int, lead_id: int, kind: RuleKind) -> bool:
        """Whether that colleague may read what a rule of that kind says of the lead."""
        return (person_id, lead_id) in (self.offers if kind in OFFERED else self.leads)


def sight_of(wanted: Mapping[int, Collection[int]], today: date) -> Sight:
    """What these colleagues may read of these leads (two statements; none for nobody)."""
    if not wanted:
        return Sight()
    people = db.session.scalars(
        sa.select(User).where(one_of(User.id, wanted)).options(with_actor(today))
    ).unique()
    actors = [load_actor(person, today) for person in people]
    each = [
        sa.select(
            sa.literal(actor.id).label("person"),
            Lead.id.label("lead"),
            visible_offers(actor).label("offered"),
        ).where(one_of(Lead.id, wanted[actor.id]), visible_leads(actor))
        for actor in actors
    ]
    rows = db.session.execute(sa.union_all(*each)).all()
    return Sight(
        frozenset((row.person, row.lead) for row in rows),
        frozenset((row.person, row.lead) for row in rows if row.offered),
    )


def _seen(matters: Matters, person_id: int, today: date) -> set[int]:
    """The reminders of which that colleague may read what they are about."""
    actor = load_actor(db.session.get_one(User, person_id), today)
    leads = {row.lead_id for row in matters.rows if row.lead_id is not None}
    seen: set[int] = set()
    offered: set[int] = set()
    if leads:
        found = db.session.execute(
            sa.select(Lead.id, visible_offers(actor).label("offered")).where(
                one_of(Lead.id, leads), visible_leads(actor)
            )
        ).all()
        seen = {row.id for row in found}
        offered = {row.id for row in found if row.offered}
    return {
        row.id
        for row in matters.rows
        if row.lead_id is None or row.lead_id in (offered if row.kind in OFFERED else seen)
    }
