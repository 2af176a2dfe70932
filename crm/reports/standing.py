"""Where the leads of each team stand, and which of them are late and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.access import Actor, sees_the_city, visible_leads, visible_parts
from crm.access.conditions import Condition
from crm.leads.counting import KNOWN, Count, in_summary
from crm.leads.filters import STATUSES, LeadFilter, is_overdue, is_stalled, status_conditions
from crm.leads.stages import stages
from crm.reports.figure import Figure, of_leads
from models import db
from models.enums import Stage, Status
from models.lead import Lead, LeadTotal
from models.team import Team

OPEN = "open"
_ON_THEIR_WAY = tuple(stage for stage in Stage if stage is not Stage.LANDED)
AFTER_SIGNING = LeadFilter(stages=(Stage.COMMITTED, Stage.REGISTERED), stalled=True)


@dataclass(frozen=True)
class Late:
    """Stalled leads, and why: nothing has a date, the date passed, nobody was ever reached."""

    n: int = 0
    undated: int = 0
    overdue: int = 0
    untouched: int = 0

    def __add__(self, other: Late) -> Late:
        """Both together."""
        return Late(
            self.n + other.n,
            self.undated + other.undated,
            self.overdue + other.overdue,
            self.untouched + other.untouched,
        )


@dataclass(frozen=True)
class Cell:
    """A stage of a team."""

    leads: Figure
    stalled: Figure


@dataclass(frozen=True)
class Row:
    """A team, or all of them together (no team)."""

    team: Team | None
    cells: Sequence[Cell]
    leads: Figure
    stalled: Figure
    overdue: Figure


@dataclass(frozen=True)
class Standing:
    """The rows, their sum, and the figures that are read off it."""

    rows: Sequence[Row]
    total: Row
    ongoing: Figure
    resting: Figure
    """Those of the ongoing that are on hold."""
    on_hold: Figure
    """All of the total that are."""
    after_signing: Figure
    causes: Mapping[str, Figure]
    counts: Mapping[Stage, Count]
    """All teams together, by stage."""

    @property
    def landed(self) -> Figure:
        """All that stand at the end of the way."""
        return self.total.cells[-1].leads


def standing(actor: Actor, today: date) -> Standing:
    """Teams by stages, of the leads that the actor may read (three statements)."""
    teams = db.session.scalars(sa.select(Team).order_by(Team.sort, Team.id)).all()
    counts, held = _counts(actor)
    stalled, overdue = _late(actor, today)
    shown = teams if sees_the_city(actor) else [t for t in teams if _has(t, counts)]
    rows = [_row(team, counts[team.id], stalled[team.id], overdue[team.id]) for team in shown]
    all_counts = {stage: _sum(counts, stage) for stage in Stage}
    all_stalled = {stage: _sum_late(stalled, stage) for stage in Stage}
    why = sum(all_stalled.values(), Late())
    on_their_way = [all_counts[stage] for stage in _ON_THEIR_WAY]
    return Standing(
        rows=rows,
        total=_row(None, all_counts, all_stalled, overdue.total()),
        ongoing=of_leads(
            "ongoing",
            sum(on_their_way, Count()),
            LeadFilter(status="ongoing"),
            "planned",
        ),
        resting=Figure(
            "ongoing-on-hold",
            held.total() - held[Stage.LANDED],
            LeadFilter(status="on_hold", stages=_ON_THEIR_WAY),
        ),
        on_hold=Figure("on-hold", held.total(), LeadFilter(status="on_hold")),
        after_signing=Figure(
            "stalled-after-signing",
            sum(all_stalled[stage].n for stage in AFTER_SIGNING.stages),
            AFTER_SIGNING,
        ),
        causes={
            "untouched": Figure(
                "stalled-untouched", why.untouched, LeadFilter(stalled=True, untouched=True)
            ),
            "undated": Figure(
                "stalled-undated", why.undated, LeadFilter(stalled=True, undated=True)
            ),
            "overdue": Figure(
                "stalled-overdue", why.overdue, LeadFilter(stalled=True, overdue=True)
            ),
        },
        counts=all_counts,
    )


def counts_by_stage(actor: Actor) -> Mapping[Stage, Count]:
    """All of the actor's leads that are not lost, as the table sums them up (one statement)."""
    counts, _held = _counts(actor)
    return {stage: _sum(counts, stage) for stage in Stage}


def _row(
    team: Team | None, counts: Mapping[Stage, Count], stalled: Mapping[Stage, Late], overdue: int
) -> Row:
    code = team.code if team else ""
    name = code or "all"
    return Row(
        team=team,
        cells=[
            Cell(
                of_leads(
                    f"leads-{name}-{info.stage}",
                    counts.get(info.stage, Count()),
                    LeadFilter(team=code, stage=info.stage),
                    "planned",
                ),
                Figure(
                    f"stalled-{name}-{info.stage}",
                    stalled.get(info.stage, Late()).n,
                    LeadFilter(team=code, stage=info.stage, stalled=True),
                ),
            )
            for info in stages()
        ],
        leads=of_leads(
            f"leads-{name}", sum(counts.values(), Count()), LeadFilter(team=code), "planned"
        ),
        stalled=Figure(
            f"stalled-{name}",
            sum(late.n for late in stalled.values()),
            LeadFilter(team=code, stalled=True),
        ),
        overdue=Figure(f"overdue-{name}", overdue, LeadFilter(team=code, overdue=True)),
    )


def _counts(actor: Actor) -> tuple[dict[int, dict[Stage, Count]], Counter[Stage]]:
    """Each team's leads that are not lost, and how many of all teams' are on hold; what the
    summary knows comes from it."""
    parts = visible_parts(actor)
    queries: list[sa.Select[int, Stage, int, int, int | None, int | None]] = []
    if (known := in_summary(actor, LeadTotal)) is not None:
        whose, parts = known, parts[KNOWN:]
        queries.append(
            sa.select(
                LeadTotal.team_id,
                LeadTotal.stage,
                sa.func.sum(sa.case((LeadTotal.status == Status.ON_HOLD, LeadTotal.n), else_=0)),
                sa.func.sum(LeadTotal.n),
                sa.func.sum(LeadTotal.investment_cny),
                sa.func.sum(LeadTotal.signed_cny),
            )
            .where(whose, LeadTotal.status.in_(STATUSES[OPEN]))
            .group_by(LeadTotal.team_id, LeadTotal.stage)
        )
    queries += [_counted(part) for part in parts]
    found: dict[int, dict[Stage, Count]] = defaultdict(dict)
    held: Counter[Stage] = Counter()
    rows = db.session.execute(sa.union_all(*queries)) if queries else ()
    for team_id, stage, on_hold, *values in rows:
        held[stage] += int(on_hold)
        more = Count(*(int(value or 0) for value in values))
        found[team_id][stage] = found[team_id].get(stage, Count()) + more
    return found, held


def _counted(part: Condition) -> sa.Select[int, Stage, int, int, int | None, int | None]:
    return (
        sa.select(
            Lead.team_id,
            Lead.stage,
            sa.func.sum(sa.case((Lead.status == Status.ON_HOLD, 1), else_=0)),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Lead.planned_investment_cny), 0),
            sa.func.coalesce(sa.func.sum(Lead.signed_investment_cny), 0),
        )
        .where(part, *status_conditions(OPEN))
        .group_by(Lead.team_id, Lead.stage)
    )


def _late(actor: Actor, today: date) -> tuple[dict[int, dict[Stage, Late]], Counter[int]]:
    """Stalled leads by team and stage with their causes, overdue ones by team (one statement)."""
    stalled: dict[int, dict[Stage, Late]] = defaultdict(dict)
    overdue: Counter[int] = Counter()
    arms = list(_late_arms(actor, today))
    for team_id, stage, *values in db.session.execute(sa.union_all(*arms)) if arms else ():
        if stage is None:
            overdue[team_id] += values[0]
        else:
            late = Late(*map(int, values))
            stalled[team_id][stage] = stalled[team_id].get(stage, Late()) + late
    return stalled, overdue


def _late_arms(
    actor: Actor, today: date
) -> Iterator[sa.Select[int, Stage | None, int, int, int, int]]:
    none = sa.literal(0)
    whose = visible_leads(actor, by_row=True)
    # An index that begins with teams would read them all; no index serves a sum.
    team_id = Lead.team_id + 0
    yield (
        sa.select(
            team_id,
            Lead.stage,
            sa.func.count(),
            sa.func.sum(sa.case((Lead.next_step_on.is_(None), 1), else_=0)),
            sa.func.sum(sa.case((Lead.next_step_on < today, 1), else_=0)),
            sa.func.sum(sa.case((Lead.last_touch_at.is_(None), 1), else_=0)),
        )
        .where(whose, is_stalled(today))
        .group_by(team_id, Lead.stage)
    )
    yield (
        sa.select(
            team_id,
            sa.cast(sa.null(), Lead.stage.type).label("stage"),
            sa.func.count(),
            none,
            none,
            none,
        )
        .where(whose, is_overdue(today))
        .group_by(team_id)
    )


def _has(team: Team, counts: Mapping[int, Mapping[Stage, Count]]) -> bool:
    return any(count.n for count in counts.get(team.id, {}).values())


def _sum(counts: Mapping[int, Mapping[Stage, Count]], stage: Stage) -> Count:
    return sum((of_team.get(stage, Count()) for of_team in counts.values()), Count())


def _sum_late(stalled: Mapping[int, Mapping[Stage, Late]], stage: Stage) -> Late:
    return sum((of_team.get(stage, Late()) for of_team in stalled.values()), Late())
