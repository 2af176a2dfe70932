"""Goals of the policy: what the records know of each, what is missing, and who knows the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.access import Actor, sees_the_city
from crm.companies.figures import METRIC_WORDS
from crm.companies.queries import Filters
from crm.companies.settled import CITY, settled_figures
from crm.messages import Name
from crm.reports.figure import Figure
from models import db
from models.company import Company
from models.enums import Role
from models.figure import Goal
from models.place import Park

_FILE = Path(__file__).parents[1] / "data" / "goal_measures.json"


@dataclass(frozen=True)
class Measure:
    """How a goal is measured: by a metric of the companies that settled, summed or, with
    ``least``, counted from that value on; or by nothing that is on record."""

    metric: str
    least: int | None
    known_by: Name


@dataclass(frozen=True)
class GoalLine:
    """A goal: what is known of it (None: nothing), and the value that counts."""

    goal: Goal
    place: Name | None
    actual: Figure | None
    value: int | None
    known_by: Name | None

    @property
    def gap(self) -> int | None:
        """What is missing, 0 when it is reached; None while nothing is known or asked."""
        if self.value is None or self.goal.value is None:
            return None
        return max(0, self.goal.value - self.value)


@lru_cache(maxsize=1)
def measures() -> Mapping[str, Measure]:
    """By the code of the goal."""
    facts: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        code: Measure(
            row.get("metric", ""),
            row.get("least"),
            Name(row["known_by"]["zh"], row["known_by"]["en"]),
        )
        for code, row in facts.items()
    }


class Known(NamedTuple):
    """What is known of a metric: companies that have it, its sum, companies from each step on."""

    n: int = 0
    total: int = 0
    steps: tuple[int, ...] = ()

    def beside(self, other: Known | None) -> Known:
        """Both together."""
        if other is None:
            return self
        steps = tuple(a + b for a, b in zip(self.steps, other.steps, strict=True))
        return Known(self.n + other.n, self.total + other.total, steps)


def goals(actor: Actor) -> Sequence[GoalLine]:
    """The goals whose whole is the actor's to see: the city's, or those of their park (two
    statements); none for a team, which sees a part only."""
    rows = _goals_of(actor)
    known = _known(actor) if rows else {}
    return [_line(goal, park, known) for goal, park in rows]


def _goals_of(actor: Actor) -> Sequence[tuple[Goal, Park | None]]:
    query = (
        sa.select(Goal, Park)
        .outerjoin(Park, Park.code == Goal.scope)
        .order_by(sa.func.coalesce(Park.position, -1), Goal.id)
    )
    if actor.role is Role.PARK_OFFICER:
        query = query.where(Park.id.in_(actor.parks))
    elif not sees_the_city(actor):
        return []
    return [(goal, park) for goal, park in db.session.execute(query)]


@cache
def _steps(metric: str) -> tuple[int, ...]:
    """The values of a metric from which on companies are counted."""
    of_metric = (one for one in measures().values() if one.metric == metric)
    return tuple(sorted({one.least for one in of_metric if one.least is not None}))


def _known(actor: Actor) -> dict[tuple[str, int | None], Known]:
    """By metric and park; by metric and None in the whole city (one statement)."""
    each = settled_figures(actor).subquery()
    merged = sa.select(Company.id).where(Company.merged_into_id.is_not(None))
    # By the few that are another company now: a look at each costs more.
    known = sa.select(each).where(each.c.company_id.not_in(merged)).subquery()
    found: dict[tuple[str, int | None], Known] = {}
    query = sa.select(known.c.park_id, *_counted(known)).group_by(known.c.park_id)
    for park_id, *row in db.session.execute(query):
        counts = iter(row)
        for metric in METRIC_WORDS:
            n, total, *steps = (int(v or 0) for v in islice(counts, 2 + len(_steps(metric))))
            here = Known(n, total, tuple(steps))
            for place in {park_id, None}:
                found[metric, place] = here.beside(found.get((metric, place)))
    return found


def _counted(rows: sa.FromClause) -> Iterator[sa.ColumnElement[Any]]:
    """Of each metric: how many have it, its sum, and how many reach each step."""
    for metric in METRIC_WORDS:
        value = rows.c[metric]
        yield sa.func.count(value)
        yield sa.func.sum(value)
        for step in _steps(metric):
            yield sa.func.sum(sa.case((value >= step, 1), else_=0))


def _line(goal: Goal, park: Park | None, known: Mapping[tuple[str, int | None], Known]) -> GoalLine:
    measure = measures().get(goal.code)
    line = GoalLine(
        goal=goal,
        place=Name(park.short_zh, park.short_en) if park else None,
        actual=None,
        value=None,
        known_by=measure.known_by if measure else None,
    )
    if measure is None or not measure.metric:
        return line
    found = known.get((measure.metric, park.id if park else None), Known())
    n, least = found.n, measure.least
    if least is not None and found.steps:
        n = found.steps[_steps(measure.metric).index(least)]
    if not n:
        return line
    where = f"park:{park.code}" if park else CITY
    opens = Filters(settled=where, metric=measure.metric, least=least)
    total = found.total if least is None else 0
    return replace(
        line,
        actual=Figure(f"goal-{goal.code}", n, opens, total, "known" if least is None else ""),
        value=n if least is not None else found.total,
    )
