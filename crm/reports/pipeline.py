"""The pipeline of one moment as text that is the same for ever. Pure.

Everything a line says is given: the versions as they were known, the names of that time, the day.
Codes, ids and dates come as the text they are printed as, so that 100,000 leads take no second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from crm.leads.clock import StageClock
from models.enums import Stage, Status


class Version(NamedTuple):
    """A lead as it was known, in the order in which its columns are read.

    Dates are ISO 8601 text and keys are integers, as both engines give them.
    """

    lead_id: int
    company_id: int
    project: str
    segment_id: int
    channel_id: int
    owner_id: int
    team_id: int
    district_id: int | None
    park_id: int | None
    stage: str
    status: str
    stage_since: str
    held_days: int
    held_since: str | None
    stalls_on: str | None
    hold_until: str | None
    planned_investment_cny: int | None
    planned_revenue_cny: int | None
    planned_headcount: int | None
    signed_investment_cny: int | None
    expected_signing_on: str | None
    expected_landing_on: str | None
    signed_on: str | None
    registered_on: str | None
    landed_on: str | None
    next_step_on: str | None


# What of a version a move sets: it holds from when the lead moved.
MOVED = frozenset(
    {
        *("stage", "status", "hold_until", "stage_since"),
        *("held_since", "held_days", "stalls_on"),
    }
)


@dataclass(frozen=True)
class Entered:
    """A version, since when what it changed has held, and since when its move has."""

    version: Version
    effective_at: datetime
    moved_at: datetime


@dataclass(frozen=True)
class Names:
    """What the records that a lead points at were called: public ids, names and codes by key.

    ``company`` follows a merger: under the key of a merged company stands the one it became.
    """

    lead: Mapping[int, str]
    company: Mapping[int, tuple[str, str]]
    user: Mapping[int, tuple[str, str]]
    segment: Mapping[int, str]
    channel: Mapping[int, str]
    team: Mapping[int, str]
    district: Mapping[int, str]
    park: Mapping[int, str]


@dataclass
class Total:
    """How many leads stand in one cell, and their sums in CNY."""

    n: int = 0
    planned_investment_cny: int = 0
    signed_investment_cny: int = 0


@dataclass(frozen=True)
class Cell:
    """A team, stage and status, by their codes."""

    team: str
    stage: str
    status: str


@dataclass
class Pipeline:
    """The pipeline of a moment: its totals, and a JSON object for each lead."""

    known_at: datetime
    effective_at: datetime
    totals: dict[Cell, Total] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


FIELDS = (
    *("id", "company", "company_name", "project", "segment", "channel", "owner", "owner_name"),
    *("team", "district", "park", "stage", "status", "days_in_stage", "stalled", "stage_since"),
    *("hold_until", "planned_investment_cny", "planned_revenue_cny", "planned_headcount"),
    *("signed_investment_cny", "expected_signing_on", "expected_landing_on", "signed_on"),
    *("registered_on", "landed_on", "next_step_on"),
)
_LINE = "{" + ", ".join(f'"{name}": %s' for name in FIELDS) + "}"


def shaped(
    versions: Iterable[Version],
    names: Names,
    *,
    known_at: datetime,
    effective_at: datetime,
    on: date,
) -> Pipeline:
    """The pipeline of these versions, on the day ``on`` of ``effective_at``; leads by their key."""
    made = Pipeline(known_at, effective_at)
    counted: dict[tuple[int, str, str], Total] = {}
    said, days, today = _Said(names), _Days(on), on.isoformat()
    date_, number = said.dates, said.numbers
    for v in sorted(versions):
        key = (v.team_id, v.stage, v.status)
        total = counted.get(key)
        if total is None:
            total = counted[key] = Total()
        total.n += 1
        total.planned_investment_cny += v.planned_investment_cny or 0
        total.signed_investment_cny += v.signed_investment_cny or 0
        stalled = v.status == "active" and v.stalls_on is not None and v.stalls_on <= today
        made.lines.append(
            _LINE
            % (
                said.lead[v.lead_id],
                said.company[v.company_id],
                said.company_name[v.company_id],
                said.text[v.project],
                said.segment[v.segment_id],
                said.channel[v.channel_id],
                said.owner[v.owner_id],
                said.owner_name[v.owner_id],
                said.team[v.team_id],
                said.district[v.district_id],
                said.park[v.park_id],
                said.text[v.stage],
                said.text[v.status],
                days[(v.stage_since, v.held_days, v.held_since)],
                "true" if stalled else "false",
                date_[v.stage_since],
                date_[v.hold_until],
                number[v.planned_investment_cny],
                number[v.planned_revenue_cny],
                number[v.planned_headcount],
                number[v.signed_investment_cny],
                date_[v.expected_signing_on],
                date_[v.expected_landing_on],
                date_[v.signed_on],
                date_[v.registered_on],
                date_[v.landed_on],
                date_[v.next_step_on],
            )
        )
    cells = {Cell(names.team[team], *rest): total for (team, *rest), total in counted.items()}
    made.totals = dict(sorted(cells.items(), key=lambda item: _place(item[0])))
    return made


def _place(cell: Cell) -> tuple[str, int, int]:
    return cell.team, _STAGES.index(cell.stage), _STATUSES.index(cell.status)


_STAGES = [stage.value for stage in Stage]
_STATUSES = [status.value for status in Status]


def as_json(pipeline: Pipeline) -> Iterator[str]:
    """The whole as one JSON object on one line, piece by piece."""
    head = {
        "known_at": pipeline.known_at.isoformat(),
        "effective_at": pipeline.effective_at.isoformat(),
        "totals": [{**vars(cell), **vars(total)} for cell, total in pipeline.totals.items()],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1]
    yield ', "leads": ['
    yield ", ".join(pipeline.lines)
    yield "]}\n"


def as_table(pipeline: Pipeline) -> Iterator[str]:
    """The totals for people, a line a cell, with the sum of all below."""
    yield f"known at {pipeline.known_at.isoformat()}"
    yield f"effective at {pipeline.effective_at.isoformat()}"
    row = "{:<16} {:<12} {:<8} {:>8} {:>20} {:>20}"
    yield row.format("team", "stage", "status", "leads", "planned CNY", "signed CNY")
    whole = Total()
    for cell, total in pipeline.totals.items():
        yield row.format(*vars(cell).values(), *(f"{n:,}" for n in vars(total).values()))
        for name, value in vars(total).items():
            setattr(whole, name, getattr(whole, name) + value)
    yield row.format("all", "", "", *(f"{n:,}" for n in vars(whole).values()))


def rebuilt(entered: Iterable[Entered], effective_at: datetime) -> Version | None:
    """One lead as it had become by ``effective_at``, from all its versions in order.

    Each column has what the latest change effective by then made of it; a lead that was not there
    yet is none.
    """
    moments: dict[str, datetime] = {}
    values: dict[str, object] = {}
    former: dict[str, object] = {}
    for entry in entered:
        now = entry.version._asdict()
        for name, value in now.items():
            if former and former[name] == value:
                continue
            since = entry.moved_at if name in MOVED else entry.effective_at
            if since <= effective_at and since >= moments.get(name, since):
                moments[name], values[name] = since, value
        former = now
    return Version(**values) if len(values) == len(Version._fields) else None  # type: ignore[arg-type]


class _Kept(dict[object, str]):
    """What was written once is looked up."""

    def __missing__(self, value: object) -> str:
        text = self[value] = json.dumps(value, ensure_ascii=False)
        return text


class _Said:
    """The values of versions as JSON writes them."""

    def __init__(self, names: Names) -> None:
        self.text, self.dates, self.numbers = _Kept(), _Kept(), _Kept()
        self.lead = _written(names.lead)
        self.company = _written({key: pair[0] for key, pair in names.company.items()})
        self.company_name = _written({key: pair[1] for key, pair in names.company.items()})
        self.owner = _written({key: pair[0] for key, pair in names.user.items()})
        self.owner_name = _written({key: pair[1] for key, pair in names.user.items()})
        self.segment = _written(names.segment)
        self.channel = _written(names.channel)
        self.team = _written(names.team)
        self.district = _written(names.district)
        self.park = _written(names.park)


def _written(names: Mapping[int, str]) -> dict[int | None, str]:
    return {None: "null", **{key: json.dumps(v, ensure_ascii=False) for key, v in names.items()}}


class _Days(dict[tuple[str, int, str | None], int]):
    """Days in the stage by the clock of the stay; many leads share one."""

    def __init__(self, on: date) -> None:
        self.on = on

    def __missing__(self, key: tuple[str, int, str | None]) -> int:
        since, held_days, held_since = key
        stay = StageClock(
            date.fromisoformat(since),
            held_days,
            date.fromisoformat(held_since) if held_since else None,
        )
        days = self[key] = stay.days(self.on)
        return days
