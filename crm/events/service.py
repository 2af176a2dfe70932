"""Make events and change what is known of them. Services flush; the edge commits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, Right, present, require
from crm.archive import put_away, take_out
from crm.errors import Forbidden, NotFound, Refusal
from crm.events.rules import Errors, EventInput, wrong_event
from crm.held import held
from crm.leads import lookups
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.archive import ArchiveEntry
from models.channel import Channel
from models.enums import Role
from models.event import Event, EventUser
from models.team import Team
from models.user import User


def create_event(typed: EventInput, actor: Actor, now: datetime) -> Event:
    """Write down an event; whoever writes it down is there unless others are named.

    Raises Forbidden, and Refusal that names every wrong field at once.
    """
    require(actor, Right.WRITE_EVENTS)
    columns, people = _checked(typed.stripped())
    event = Event(created_at=now, created_by_id=actor.id, **columns)
    db.session.add(event)
    db.session.flush()
    _set_people(event, people)
    return event


def edit_event(public_id: str, typed: EventInput, actor: Actor, read: Read | None = None) -> Event:
    """Change an event; ``read`` is what the person had read of it.

    Raises Forbidden, NotFound, Refusal, and Stale for what two people changed.
    """
    require(actor, Right.WRITE_EVENTS)
    event = held_event(public_id)
    known = known_of(event)
    wanted = merged(
        asdict(known),
        asdict(typed.stripped()),
        read,
        [event],
        {"channel": ("channel_id",), "team": ("team_id",)},
    )
    columns, people = _checked(EventInput(**{**wanted, "people": tuple(wanted["people"])}))
    for name, value in columns.items():
        setattr(event, name, value)
    _set_people(event, people)
    db.session.flush()
    return event


def held_event(public_id: str) -> Event:
    """An event that is not in the trash, its row held. Raises NotFound."""
    return held(Event, Event.public_id == public_id, present(Event))


def known_of(event: Event) -> EventInput:
    """An event as it would be typed (two statements)."""
    channel, team = db.session.execute(
        sa.select(Channel.code, Team.code)
        .select_from(Channel)
        .outerjoin(Team, Team.id == event.team_id)
        .where(Channel.id == event.channel_id)
    ).one()
    people = db.session.scalars(
        sa.select(User.public_id)
        .join(EventUser, EventUser.user_id == User.id)
        .where(EventUser.event_id == event.id)
    )
    return EventInput(
        name=event.name,
        channel=channel,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        city=event.city,
        venue=event.venue,
        purpose=event.purpose,
        team=team or "",
        people=tuple(sorted(people)),
    )


def _checked(typed: EventInput) -> tuple[dict[str, Any], set[int]]:
    """The columns of an event and the keys of its people. Raises Refusal."""
    errors: Errors = wrong_event(typed)
    columns = {
        "name": typed.name,
        "channel_id": lookups.channel_id(typed.channel, errors),
        "starts_on": typed.starts_on,
        "ends_on": typed.ends_on,
        "city": typed.city,
        "venue": typed.venue,
        "purpose": typed.purpose,
        "team_id": lookups.team_id(typed.team, errors) if typed.team else None,
    }
    people = set(
        db.session.scalars(
            sa.select(User.id).where(User.public_id.in_(typed.people), User.active.is_(True))
        )
    )
    if len(people) < len(set(typed.people)):
        errors["people"] = [msg("有一位没有账号，请重新选。")]
    if errors:
        raise Refusal(errors)
    return columns, people


def _set_people(event: Event, wanted: set[int]) -> None:
    there = {
        row.user_id: row
        for row in db.session.scalars(sa.select(EventUser).where(EventUser.event_id == event.id))
    }
    for key in wanted - set(there):
        db.session.add(EventUser(event_id=event.id, user_id=key))
    for key in set(there) - wanted:
        db.session.delete(there[key])
    db.session.flush()


def may_archive(event: Event, actor: Actor) -> bool:
    """Whether the actor may put the event away and bring it back: who wrote it down, the lead of
    its team, managers."""
    if actor.role is Role.MANAGER or event.created_by_id == actor.id:
        return True
    return actor.role is Role.TEAM_LEAD and event.team_id in actor.teams


def archivable_events(actor: Actor) -> sa.ColumnElement[bool]:
    """The same as a condition."""
    if actor.role is Role.MANAGER:
        return sa.true()
    own = Event.created_by_id == actor.id
    if actor.role is not Role.TEAM_LEAD:
        return own
    return sa.or_(own, Event.team_id.in_(actor.teams))


def archive_event(public_id: str, reason: str, actor: Actor, now: datetime) -> ArchiveEntry:
    """Put an event into the trash with its guests; visits and leads stay what they are.

    Raises Forbidden, NotFound and Refusal.
    """
    require(actor, Right.WRITE_EVENTS)
    event = held_event(public_id)
    if not may_archive(event, actor):
        raise Forbidden(msg("别人登记的活动，请找登记人、队长或局领导归档。"))
    return put_away(event, actor, now, reason)


def restore_event(public_id: str, actor: Actor) -> Event:
    """Bring an event back. Raises NotFound for what is not theirs to bring back."""
    require(actor, Right.WRITE_EVENTS)
    event = held(Event, Event.public_id == public_id)
    if not may_archive(event, actor):
        raise NotFound
    take_out(event)
    return event
