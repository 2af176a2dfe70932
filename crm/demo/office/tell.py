"""Tells all phases of the office, one after another, and writes them in the order of their time."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crm.demo.bulk import Bulk
from crm.demo.office.appointments import appointments
from crm.demo.office.comments import comments
from crm.demo.office.contacts import contacts
from crm.demo.office.directives import directives
from crm.demo.office.events import events
from crm.demo.office.figures import figures
from crm.demo.office.landing_goals import landing_goals
from crm.demo.office.papers import papers
from crm.demo.office.pen import Act, Pen
from crm.demo.office.promises import promises
from crm.demo.office.referrals import referrals
from crm.demo.office.scene import Scene
from crm.demo.office.tasks import tasks
from crm.demo.office.trips import trips
from crm.demo.story import Days
from crm.files import FileStore

# Who is at an event is not on a trip: events come first.
PHASES = (
    *(events, trips, referrals, promises, directives, comments),
    *(tasks, appointments, figures, contacts),
    landing_goals,
)


def tell_office(
    connection: sa.Connection, *, seed: int, leads: int, days: Days, files: FileStore
) -> None:
    """Add what the office did to a story that is written; what follows from rows is not kept up:
    the counts of visits, and what new contacts are found by."""
    scene = Scene(connection, seed, leads, days)
    Pen(Bulk(connection)).tell(_acts(scene, files))


def _acts(scene: Scene, files: FileStore) -> Iterator[Act]:
    for phase in PHASES:
        yield from phase(scene)
    yield from papers(scene, files)
