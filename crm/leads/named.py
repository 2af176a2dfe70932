"""What a condition of the board or list names by a code: whether there is such a thing, and which
leads are of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from crm.access import present
from crm.leads.origins import known_referrer, led_by, of_event, of_import
from crm.leads.tiers import of_tier
from models import db
from models.channel import Channel
from models.event import Event
from models.import_batch import ImportBatch
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment
from models.target import ListEdition, ListEntry, TargetList
from models.team import Team
from models.user import User

Condition = sa.ColumnElement[bool]


def _place(choice: str) -> sa.Select[int]:
    """``park:CODE`` or ``district:CODE``."""
    kind, _, code = choice.partition(":")
    if kind == "park":
        return sa.select(Park.id).where(Park.code == code)
    if kind == "district":
        return sa.select(District.id).where(District.code == code)
    return sa.select(District.id).where(sa.false())


BY_CODE: Mapping[str, Callable[[str], sa.Select[int]]] = {
    "segment": lambda code: sa.select(Segment.id).where(Segment.code == code),
    "list": lambda code: sa.select(TargetList.id).where(TargetList.code == code),
    "channel": lambda code: sa.select(Channel.id).where(Channel.code == code),
    "team": lambda code: sa.select(Team.id).where(Team.code == code),
    "owner": lambda key: sa.select(User.id).where(User.public_id == key),
    "place": _place,
    "event": lambda key: sa.select(Event.id).where(Event.public_id == key, present(Event)),
    "batch": lambda key: sa.select(ImportBatch.id).where(ImportBatch.public_id == key),
    "referrer": known_referrer,
}


def not_there(asked: Mapping[str, str]) -> list[str]:
    """The conditions, by their names in ``BY_CODE``, whose code names nothing (one query)."""
    queries = {name: BY_CODE[name](code) for name, code in asked.items() if code}
    if not queries:
        return []
    there = db.session.execute(
        sa.select(*(query.exists().label(name) for name, query in queries.items()))
    ).one()
    return [name for name in queries if not getattr(there, name)]


def _in_segment(code: str) -> Condition:
    """The segment and everything below it."""
    top = sa.select(Segment.path).where(Segment.code == code).scalar_subquery()
    return Lead.segment_id.in_(
        sa.select(Segment.id).where(Segment.path.startswith(top, autoescape=False))
    )


def _on_list(code: str) -> Condition:
    return Lead.company_id.in_(
        sa.select(ListEntry.company_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.code == code, ListEntry.company_id.is_not(None))
    )


def _through(code: str) -> Condition:
    wanted = sa.select(Channel.id).where(Channel.code == code).scalar_subquery()
    return Lead.channel_id == wanted


def _of_team(code: str) -> Condition:
    return Lead.team_id == sa.select(Team.id).where(Team.code == code).scalar_subquery()


def _of_owner(public_id: str) -> Condition:
    return Lead.owner_id == sa.select(User.id).where(User.public_id == public_id).scalar_subquery()


def _in_place(choice: str) -> Condition:
    kind, _, code = choice.partition(":")
    if kind == "park":
        return Lead.park_id == sa.select(Park.id).where(Park.code == code).scalar_subquery()
    return Lead.district_id == sa.select(District.id).where(District.code == code).scalar_subquery()


LEADS_OF: Mapping[str, Callable[[str], Condition]] = {
    "segment": _in_segment,
    "list": _on_list,
    "tier": of_tier,
    "channel": _through,
    "team": _of_team,
    "owner": _of_owner,
    "place": _in_place,
    "event": of_event,
    "batch": of_import,
    "referrer": led_by,
}
