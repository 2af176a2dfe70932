"""The codes that leads and companies are described with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import db
from models.channel import Channel
from models.place import District, Park, Place
from models.team import Team


def codes() -> dict[str, Sequence[Any]]:
    """Every team, channel, district, park (with its district) and city (one query each)."""
    queries: dict[str, sa.Select[Any]] = {
        "teams": sa.select(Team).order_by(Team.sort, Team.id),
        "channels": sa.select(Channel).order_by(Channel.sort, Channel.id),
        "districts": sa.select(District).order_by(District.position, District.id),
        "parks": sa.select(Park).options(joinedload(Park.district)).order_by(Park.position),
        "places": sa.select(Place).order_by(Place.code),
    }
    return {name: db.session.scalars(query).all() for name, query in queries.items()}


def team_codes(keys: Sequence[int]) -> list[str]:
    """The codes of these teams, in their order."""
    query = sa.select(Team.code).where(Team.id.in_(keys)).order_by(Team.sort, Team.id)
    return list(db.session.scalars(query))
