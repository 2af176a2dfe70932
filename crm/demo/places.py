"""The city's own records that the demo tells about: teams, parks, segments, channels, places."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

import sqlalchemy as sa

from crm.companies.home import home_code
from models.channel import Channel
from models.place import District, Park, Place
from models.segment import Segment, SegmentPark
from models.team import Team


@dataclass(frozen=True)
class City:
    """Keys of what leads refer to; a site is a district with or without a park."""

    teams: dict[str, int]
    parks: dict[str, int]
    channels: list[int]
    segments: list[tuple[int, frozenset[str]]]
    sites: list[tuple[int, int | None]]
    sites_of_segment: dict[int, list[tuple[int, int | None]]]
    places: dict[str, int]
    home: str

    def segment_for(self, name: str, random: Random) -> int:
        """A segment whose name shares a word with the company's, or any one."""
        said = _pairs(name)
        fitting = [key for key, words in self.segments if words & said]
        return random.choice(fitting or [key for key, _ in self.segments])

    def site_for(self, segment_id: int, random: Random) -> tuple[int, int | None]:
        """Where a project of the segment would go: mostly the park whose focus it is."""
        fitting = self.sites_of_segment.get(segment_id)
        if fitting and random.random() < 0.75:
            return random.choice(fitting)
        return random.choice(self.sites)


def _words(segment: str) -> frozenset[str]:
    """What is a segment's own in its name."""
    return _pairs(segment.replace("软件", "").replace("技术", ""))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(text)))


def read_city(connection: sa.Connection) -> City:
    """Read them all (a few short tables)."""
    parks = {row.id: row.district_id for row in connection.execute(sa.select(Park.__table__))}
    sites: list[tuple[int, int | None]] = [
        (district, park) for park, district in sorted(parks.items())
    ]
    of_segment: dict[int, list[tuple[int, int | None]]] = {}
    for row in connection.execute(sa.select(SegmentPark.__table__).order_by(SegmentPark.park_id)):
        of_segment.setdefault(row.segment_id, []).append((parks[row.park_id], row.park_id))
    elsewhere = connection.scalars(sa.select(District.id).order_by(District.id))
    segments = connection.execute(
        sa.select(Segment.id, Segment.zh).where(Segment.depth > 0).order_by(Segment.id)
    )
    places = connection.execute(sa.select(Place.city, Place.id).order_by(Place.id))
    return City(
        teams=_by_code(connection, Team),
        parks=_by_code(connection, Park),
        channels=list(connection.scalars(sa.select(Channel.id).order_by(Channel.id))),
        segments=[(row.id, _words(row.zh)) for row in segments],
        sites=[*sites, *sites, *((district, None) for district in elsewhere)],
        sites_of_segment=of_segment,
        places={row.city: row.id for row in places},
        home=connection.scalar(sa.select(Place.city).where(Place.code == home_code())) or "",
    )


def _by_code(connection: sa.Connection, model: type[Team] | type[Park]) -> dict[str, int]:
    rows = connection.execute(sa.select(model.code, model.id).order_by(model.id))
    return {row.code: row.id for row in rows}
