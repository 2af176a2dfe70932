"""Visits of a week: all of them by team for who reads everything, one's own for others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from crm.access import Actor, sees_the_city
from crm.reports.figure import Figure
from crm.spans import Span
from crm.visits.filters import VisitFilter, belonged, within
from models import db
from models.enums import VisitMode
from models.team import Team
from models.user import Membership
from models.visit import VisitTotal

_EVERYBODY = ""


@dataclass(frozen=True)
class Visiting:
    """Visits, those out, in and by video among them, and by the code of each team."""

    all: Figure
    out: Figure
    received: Figure
    video: Figure
    by_team: Mapping[str, Figure]


def visiting(actor: Actor, week: Span) -> Visiting:
    """The week's visits (one statement). A visit of people of two teams counts for both."""
    city = sees_the_city(actor)
    counts = _by_team(week) if city else _own(actor, week)
    wanted = VisitFilter(mine=not city, met=True, between=week)
    everybody = counts[_EVERYBODY]

    def of_mode(name: str, mode: VisitMode) -> Figure:
        return Figure(name, everybody[mode], replace(wanted, mode=mode))

    return Visiting(
        all=Figure("visits", everybody.total(), wanted),
        out=of_mode("visits-out", VisitMode.OUT),
        received=of_mode("visits-in", VisitMode.IN),
        video=Figure(
            "visits-video", everybody[VisitMode.VIDEO], replace(wanted, mode=VisitMode.VIDEO)
        ),
        by_team={
            code: Figure(f"visits-{code}", modes.total(), replace(wanted, team=code))
            for code, modes in counts.items()
            if code != _EVERYBODY
        },
    )


def _by_team(week: Span) -> dict[str, Counter[VisitMode]]:
    """Visits by team and mode, and all of them."""
    made = sa.func.sum(VisitTotal.n)
    team_of = (
        sa.select(Team.code, Membership.user_id)
        .join(Team, Team.id == Membership.team_id)
        .where(*belonged(week))
        .distinct()
        .subquery()
    )
    return _counters(
        sa.union_all(
            sa.select(sa.literal(_EVERYBODY), VisitTotal.mode, made)
            .where(*within(week))
            .group_by(VisitTotal.mode),
            sa.select(team_of.c.code, VisitTotal.mode, made)
            .join(team_of, team_of.c.user_id == VisitTotal.author_id)
            .where(*within(week))
            .group_by(team_of.c.code, VisitTotal.mode),
        )
    )


def _own(actor: Actor, week: Span) -> dict[str, Counter[VisitMode]]:
    return _counters(
        sa.select(sa.literal(_EVERYBODY), VisitTotal.mode, sa.func.sum(VisitTotal.n))
        .where(VisitTotal.author_id == actor.id, *within(week))
        .group_by(VisitTotal.mode)
    )


def _counters(query: sa.Executable) -> dict[str, Counter[VisitMode]]:
    found: dict[str, Counter[VisitMode]] = defaultdict(Counter)
    for code, mode, n in db.session.execute(query):
        found[code][mode] += int(n)
    return found
