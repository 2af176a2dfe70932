"""Which part of what waits for somebody on leave a colleague hears meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from crm.access import load_actor, visible_leads, visible_offers
from crm.reminders.leaves.rules import Away
from crm.reminders.matters import Matters, Row
from crm.reminders.rulebook import People
from crm.reminders.rules import OFFERED
from models import db
from models.enums import ReminderState
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
