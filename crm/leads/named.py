"""What a condition of the board or list names by a code, and whether there is such a thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from crm.access import present
from crm.leads.origins import known_referrer
from models import db
from models.channel import Channel
from models.event import Event
from models.import_batch import ImportBatch
from models.place import District, Park
from models.segment import Segment
from models.target import TargetList
from models.team import Team
from models.user import User


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
