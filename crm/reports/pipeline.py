"""The pipeline of one moment as text that is the same for ever. Pure.

Everything a line says is given: the versions as they were known, the names of that time, the day.
The values of a version come as JSON; here they are put in their places.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime
from json.encoder import encode_basestring
from typing import NamedTuple

from crm.leads.clock import StageClock
from models.enums import Stage, Status


class Version(NamedTuple):
    """A lead as it was known, in the order in which its columns are read.

    Dates are ISO 8601 text and keys are integers, as both engines give them.
    """

    lead_id: int
    company_id: int
    owner_id: int
    project: str
    segment_id: int
    channel_id: int
    team_id: int
    district_id: int | None
    park_id: int | None
    stage: str
    status: str
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
    stage_since: str
    held_days: int
    held_since: str | None


class Row(NamedTuple):
    """A version as it is written: whose it is, and its ``VALUES`` as one JSON array.

    ``lead`` and ``company`` are what those are called now (``named``), unless that may not hold.
    """

    lead_id: int
    company_id: int
    owner_id: int
    lead: str | None
    company: str | None
    project: str
    values: str


VALUES = tuple(name for name in Version._fields if name not in Row._fields)
# The last three are one clock, and looked up as one.
_SINGLE = len(VALUES) - 3

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
class Codes:
    """What data calls the things that a lead points at, for ever: codes by key."""

    segment: Mapping[int, str]
    channel: Mapping[int, str]
    team: Mapping[int, str]
    district: Mapping[int, str]
    park: Mapping[int, str]


class Record(NamedTuple):
    """A company or a person as it was known, and the company it had been merged into."""

    id: int
    public_id: str
    name: str
    merged_into_id: int | None


@dataclass(frozen=True)
class Names:
    """What owners were called, by key, and leads and companies whose row does not say (``named``).

    ``company`` follows a merger: under the key of a merged company stands the one it became.
    """

    lead: dict[int, str]
    company: dict[int, str]
    owner: dict[int, str]


@dataclass(slots=True)
class Total:
    """How many leads stand in one cell, and their sums in CNY."""

    n: int = 0
    planned_investment_cny: int = 0
    signed_investment_cny: int = 0

    def add(self, other: Total) -> None:
        """Those of another part of the cell."""
        self.n += other.n
        self.planned_investment_cny += other.planned_investment_cny
        self.signed_investment_cny += other.signed_investment_cny


@dataclass(frozen=True)
class Cell:
    """A team, stage and status, by their codes."""

    team: str
    stage: str
    status: str


class Written(NamedTuple):
    """Some leads as JSON objects, in the order of their keys, and their totals."""

    leads: bytes
    totals: dict[Cell, Total]


@dataclass(frozen=True)
class Pipeline:
    """The pipeline of a moment: its totals, and leads as JSON objects, many in one text."""

    known_at: datetime
    effective_at: datetime
    totals: dict[Cell, Total]
    leads: Sequence[bytes]


class Writer:
    """Writes each version as it is read: 100,000 lines of 700 bytes in a third of a second."""

    def __init__(self, codes: Codes, names: Names, on: date, separator: str = ",") -> None:
        """``on``: the day of which the days in the stage and what is stalled are said.

        ``separator``: what stands between the values of a row; the engines differ in that.
        """
        self._names, self._separator = names, separator
        self._team = codes.team
        self._codes = [
            {"null": "null", **{str(key): _json(code) for key, code in of_kind.items()}}
            for of_kind in (codes.segment, codes.channel, codes.team, codes.district, codes.park)
        ]
        self._days, self._today = _Days(on), _json(on.isoformat())
        self._counted: defaultdict[tuple[str, str, str], Total] = defaultdict(Total)
        self._lines: dict[int, bytes] = {}

    def write(self, rows: Iterable[Row]) -> list[Row]:
        """Add these leads; given back are those without a name, of lead, company or owner."""
        leads, companies, owners = self._names.lead, self._names.company, self._names.owner
        separator, lines, nameless = self._separator, self._lines, list[Row]()
        segments, channels, teams, districts, parks = self._codes
        days, today, counted = self._days, self._today, self._counted
        for row in rows:
            lead_id, company_id, owner_id, lead, company, project, values = row
            owner = owners.get(owner_id)
            if company_id in companies:
                company = companies[company_id]
            if lead is None:
                lead = leads.get(lead_id)
            if lead is None or company is None or owner is None:
                nameless.append(row)
                continue
            # Every value but the project's: none of them has a comma in it.
            (
                segment,
                channel,
                team,
                district,
                park,
                stage,
                status,
                stalls_on,
                hold_until,
                planned,
                revenue,
                headcount,
                signed,
                signing,
                landing,
                signed_on,
                registered_on,
                landed_on,
                next_step_on,
                stay,
            ) = values[1:-1].split(separator, _SINGLE)
            total = counted[team, stage, status]
            total.n += 1
            if planned != "null":
                total.planned_investment_cny += int(planned)
            if signed != "null":
                total.signed_investment_cny += int(signed)
            stalled = status == _ACTIVE and stalls_on != "null" and stalls_on <= today
            # In two parts: only the first has letters that are not ASCII.
            lines[lead_id] = (
                f'{{"id": "{lead}", {company}, '
                f'"project": {encode_basestring(project)}, "segment": {segments[segment]}, '
                f'"channel": {channels[channel]}, {owner}, '
            ).encode() + (
                f'"team": {teams[team]}, "district": {districts[district]}, '
                f'"park": {parks[park]}, "stage": {stage}, "status": {status}, '
                f'"days_in_stage": {days[stay]}, '
                f'"stalled": {"true" if stalled else "false"}, "stage_since": {stay[:12]}, '
                f'"hold_until": {hold_until}, "planned_investment_cny": {planned}, '
                f'"planned_revenue_cny": {revenue}, "planned_headcount": {headcount}, '
                f'"signed_investment_cny": {signed}, "expected_signing_on": {signing}, '
                f'"expected_landing_on": {landing}, "signed_on": {signed_on}, '
                f'"registered_on": {registered_on}, "landed_on": {landed_on}, '
                f'"next_step_on": {next_step_on}}}'
            ).encode()
        return nameless

    def row(self, version: Version) -> Row:
        """A version that was put together here."""
        values = [getattr(version, name) for name in VALUES]
        text = json.dumps(values, separators=(self._separator, ":"))
        keys = version.lead_id, version.company_id, version.owner_id
        return Row(*keys, None, None, version.project, text)

    def written(self) -> Written:
        """All leads so far, and how many stand in each cell."""
        totals = {
            Cell(self._team[int(team)], json.loads(stage), json.loads(status)): total
            for (team, stage, status), total in self._counted.items()
        }
        lines = self._lines
        return Written(_BETWEEN.join([lines[key] for key in sorted(lines)]), totals)


def joined(known_at: datetime, effective_at: datetime, parts: Iterable[Written]) -> Pipeline:
    """The pipeline out of its parts in their order; cells by team, stage and status."""
    leads: list[bytes] = []
    totals: defaultdict[Cell, Total] = defaultdict(Total)
    for part in parts:
        if part.leads:
            leads.append(part.leads)
        for cell, total in part.totals.items():
            totals[cell].add(total)
    return Pipeline(
        known_at,
        effective_at,
        {cell: totals[cell] for cell in sorted(totals, key=_place)},
        leads,
    )


def _place(cell: Cell) -> tuple[str, int, int]:
    return cell.team, _STAGES.index(cell.stage), _STATUSES.index(cell.status)


def named(kind: str, record: Record) -> str:
    """A record as two fields: its id, which holds nothing to be escaped, and its name."""
    return f'"{kind}": "{record[1]}", "{kind}_name": {encode_basestring(record[2])}'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


_BETWEEN = b", "
_STAGES = [stage.value for stage in Stage]
_STATUSES = [status.value for status in Status]
_ACTIVE = _json(Status.ACTIVE.value)


def as_json(pipeline: Pipeline) -> Iterator[bytes]:
    """The whole as one JSON object on one line, in UTF-8, piece by piece."""
    head = {
        "known_at": pipeline.known_at.isoformat(),
        "effective_at": pipeline.effective_at.isoformat(),
        "totals": [{**vars(cell), **asdict(total)} for cell, total in pipeline.totals.items()],
    }
    yield _json(head)[:-1].encode()
    yield b', "leads": ['
    for number, leads in enumerate(pipeline.leads):
        if number:
            yield _BETWEEN
        yield leads
    yield b"]}\n"


def as_table(pipeline: Pipeline) -> Iterator[str]:
    """The totals for people, a line a cell, with the sum of all below."""
    yield f"known at {pipeline.known_at.isoformat()}"
    yield f"effective at {pipeline.effective_at.isoformat()}"
    row = "{:<16} {:<12} {:<8} {:>8} {:>20} {:>20}"
    yield row.format("team", "stage", "status", "leads", "planned CNY", "signed CNY")
    whole = Total()
    for cell, total in pipeline.totals.items():
        yield row.format(*vars(cell).values(), *(f"{n:,}" for n in astuple(total)))
        whole.add(total)
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


class _Days(dict[str, int]):
    """The days in the stage by the clock of the stay, as JSON has it; many leads share one."""

    def __init__(self, on: date) -> None:
        self.on = on

    def __missing__(self, key: str) -> int:
        since, held_days, held_since = json.loads(f"[{key}]")
        stay = StageClock(
            date.fromisoformat(since),
            held_days,
            date.fromisoformat(held_since) if held_since else None,
        )
        days = self[key] = stay.days(self.on)
        return days
