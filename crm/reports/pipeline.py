"""The pipeline of one moment as text that is the same for ever. Pure.

Everything a line says is given: the versions as they were known, the names of that time, the day.
Codes, ids and dates come as the text they are printed as, so that 100,000 leads take no second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, field
from datetime import date, datetime
from json.encoder import encode_basestring
from operator import itemgetter
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


@dataclass(slots=True)
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
    counted: defaultdict[tuple[int, str, str], Total] = defaultdict(Total)
    days, add, today, value = _Days(on), made.lines.append, on.isoformat(), _Kept()
    lead = {key: f'"{public_id}"' for key, public_id in names.lead.items()}
    company = _pairs("company_name", names.company)
    owner = _pairs("owner_name", names.user)
    segment, channel, team = map(_written, (names.segment, names.channel, names.team))
    district, park = _written(names.district), _written(names.park)
    # fmt: off
    for (
        lead_id, company_id, project, segment_id, channel_id, owner_id, team_id, district_id,
        park_id, stage, status, since, held_days, held_since, stalls_on, hold_until, investment,
        revenue, headcount, signed_cny, signing_on, landing_on, signed_on, registered_on, landed_on,
        next_step_on,
    ) in sorted(versions, key=itemgetter(0)):
        # fmt: on
        total = counted[team_id, stage, status]
        total.n += 1
        total.planned_investment_cny += investment or 0
        total.signed_investment_cny += signed_cny or 0
        late = status == "active" and stalls_on is not None and stalls_on <= today
        stalled = "true" if late else "false"
        add(
            f'{{"id": {lead[lead_id]}, "company": {company[company_id]}, '
            f'"project": {value[project]}, "segment": {segment[segment_id]}, '
            f'"channel": {channel[channel_id]}, "owner": {owner[owner_id]}, '
            f'"team": {team[team_id]}, "district": {district[district_id]}, '
            f'"park": {park[park_id]}, "stage": "{stage}", "status": "{status}", '
            f'"days_in_stage": {days[since, held_days, held_since]}, "stalled": {stalled}, '
            f'"stage_since": "{since}", "hold_until": {value[hold_until]}, '
            f'"planned_investment_cny": {value[investment]}, '
            f'"planned_revenue_cny": {value[revenue]}, '
            f'"planned_headcount": {value[headcount]}, '
            f'"signed_investment_cny": {value[signed_cny]}, '
            f'"expected_signing_on": {value[signing_on]}, '
            f'"expected_landing_on": {value[landing_on]}, "signed_on": {value[signed_on]}, '
            f'"registered_on": {value[registered_on]}, "landed_on": {value[landed_on]}, '
            f'"next_step_on": {value[next_step_on]}}}'
        )
    cells = {Cell(names.team[team], *rest): total for (team, *rest), total in counted.items()}
    made.totals = dict(sorted(cells.items(), key=lambda item: _place(item[0])))
    return made


def _place(cell: Cell) -> tuple[str, int, int]:
    return cell.team, _STAGES.index(cell.stage), _STATUSES.index(cell.status)


# So many leads are joined at once: a text of all of them would be written to memory twice.
_SAID_AT_ONCE = 1_000
_STAGES = [stage.value for stage in Stage]
_STATUSES = [status.value for status in Status]


def as_json(pipeline: Pipeline) -> Iterator[str]:
    """The whole as one JSON object on one line, piece by piece."""
    head = {
        "known_at": pipeline.known_at.isoformat(),
        "effective_at": pipeline.effective_at.isoformat(),
        "totals": [{**vars(cell), **asdict(total)} for cell, total in pipeline.totals.items()],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1]
    yield ', "leads": ['
    lines = pipeline.lines
    for start in range(0, len(lines), _SAID_AT_ONCE):
        yield (", " if start else "") + ", ".join(lines[start : start + _SAID_AT_ONCE])
    yield "]}\n"


def as_table(pipeline: Pipeline) -> Iterator[str]:
    """The totals for people, a line a cell, with the sum of all below."""
    yield f"known at {pipeline.known_at.isoformat()}"
    yield f"effective at {pipeline.effective_at.isoformat()}"
    row = "{:<16} {:<12} {:<8} {:>8} {:>20} {:>20}"
    yield row.format("team", "stage", "status", "leads", "planned CNY", "signed CNY")
    whole = Total()
    for cell, total in pipeline.totals.items():
        yield row.format(*vars(cell).values(), *(f"{n:,}" for n in astuple(total)))
        for name, value in asdict(total).items():
            setattr(whole, name, getattr(whole, name) + value)
    yield row.format("all", "", "", *(f"{n:,}" for n in astuple(whole)))


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
    """Values as JSON writes them; what was written once is looked up."""

    def __missing__(self, value: object) -> str:
        text = self[value] = json.dumps(value, ensure_ascii=False)
        return text


def _pairs(name: str, known: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """An id and, as the next field, the name. Ids hold nothing to be escaped."""
    middle = f', "{name}": '
    return {
        key: f'"{public_id}"{middle}{encode_basestring(text)}'
        for key, (public_id, text) in known.items()
    }


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
