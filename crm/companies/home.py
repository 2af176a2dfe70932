"""The city that this deployment serves, among the places where companies sit."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from crm.reference import read
from models import db
from models.place import Place


@lru_cache(maxsize=1)
def home_code() -> str:
    """The code of the city, as the data has it."""
    return next(str(place["code"]) for place in read("places.json") if place.get("home"))


def home_place_id() -> int | None:
    """The key of the city, for companies that are registered here (one query)."""
    found: int | None = db.session.scalar(sa.select(Place.id).where(Place.code == home_code()))
    return found
