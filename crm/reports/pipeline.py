"""The pipeline of one moment as text that is the same for ever. Pure.

Everything a line says is given: the versions as they were known, the names of that time, the day.
Codes, ids and dates come as the text they are printed as. It is made by columns and of bytes, each
value written once and then looked up, so that 100,000 leads take a third of a second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime
from itertools import chain
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, NamedTuple, cast

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
    """What leads, their companies and owners were called, by key.

    ``company`` follows a merger: under the key of a merged company stands the one it became.
    """

    lead: Mapping[int, str]
    company: Mapping[int, Record]
    user: Mapping[int, Record]


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


class Standing(NamedTuple):
    """A lead where it stood: whose names it bears, and its other fields up to the closing brace."""

    lead_id: int
    company_id: int
    owner_id: int
    before_owner: bytes
    after_owner: bytes


@dataclass(frozen=True)
class Pipeline:
    """The pipeline of a moment: its totals, and each lead."""

    known_at: datetime
    effective_at: datetime
    totals: dict[Cell, Total]
    leads: list[Standing]
    names: Names


# What a lead says near its end, as it stands in the version.
_AS_IT_STANDS = (
    *("stage_since", "hold_until", "planned_investment_cny", "planned_revenue_cny"),
    *("planned_headcount", "signed_investment_cny", "expected_signing_on", "expected_landing_on"),
    *("signed_on", "registered_on", "landed_on"),
)
_Lookup = Callable[[Any], bytes]
_Columns = Mapping[str, Sequence[Any]]


class Writer:
    """Writes versions as they are read, some hundred at a time and column by column.

    Each value is written once and then looked up, while the rows are in the processor's cache.
    """

    def __init__(self, codes: Codes, on: date) -> None:
        """``on``: the day of which the days in the stage and what is stalled are said."""
        self._team = codes.team
        self._before: tuple[tuple[_Lookup, tuple[str, ...]], ...] = (
            (_Field("project").__getitem__, ("project",)),
            (_codes("segment", codes.segment).__getitem__, ("segment_id",)),
            (_codes("channel", codes.channel).__getitem__, ("channel_id",)),
        )
        self._after: tuple[tuple[_Lookup, tuple[str, ...]], ...] = (
            (_codes("team", codes.team).__getitem__, ("team_id",)),
            (_codes("district", codes.district).__getitem__, ("district_id",)),
            (_codes("park", codes.park).__getitem__, ("park_id",)),
            (_Field("stage").__getitem__, ("stage",)),
            (_Field("status").__getitem__, ("status",)),
            (_Days(on).__getitem__, ("stage_since", "held_days", "held_since")),
            (_Stalled(on).__getitem__, ("status", "stalls_on")),
            *((_Field(name).__getitem__, (name,)) for name in _AS_IT_STANDS),
            (_Field("next_step_on", end="}").__getitem__, ("next_step_on",)),
        )
        self._counted: defaultdict[tuple[int, str, str], Total] = defaultdict(Total)
        self.leads: list[Standing] = []

    def write(self, versions: Sequence[Version]) -> None:
        """Add these leads."""
        columns = dict(zip(Version._fields, zip(*versions, strict=True), strict=True))
        keys = (columns["lead_id"], columns["company_id"], columns["owner_id"])
        texts = (_joined(self._before, columns), _joined(self._after, columns))
        # Bare tuples, as the rows are: to make named ones would take as long as the texts.
        self.leads.extend(cast("Iterator[Standing]", zip(*keys, *texts, strict=True)))
        self._count(columns)

    def _count(self, columns: _Columns) -> None:
        places = zip(columns["team_id"], columns["stage"], columns["status"], strict=True)
        amounts = (columns["planned_investment_cny"], columns["signed_investment_cny"])
        for place, planned, signed in zip(places, *amounts, strict=True):
            total = self._counted[place]
            total.n += 1
            total.planned_investment_cny += planned or 0
            total.signed_investment_cny += signed or 0

    def totals(self) -> dict[Cell, Total]:
        """How many leads stand in each cell, in the order of teams, stages and statuses."""
        cells = {
            Cell(self._team[key], *rest): total for (key, *rest), total in self._counted.items()
        }
        return dict(sorted(cells.items(), key=lambda item: _place(item[0])))


def _joined(
    fields: Iterable[tuple[_Lookup, tuple[str, ...]]], columns: _Columns
) -> Iterator[bytes]:
    """These fields of each row in JSON, one after the other."""
    read = ((written, [columns[name] for name in names]) for written, names in fields)
    texts = [
        map(written, column[0] if len(column) == 1 else zip(*column, strict=True))
        for written, column in read
    ]
    return map(b", ".join, zip(*texts, strict=True))


def _place(cell: Cell) -> tuple[str, int, int]:
    return cell.team, _STAGES.index(cell.stage), _STATUSES.index(cell.status)


# So many leads are joined at once: what is joined is still in the processor's cache when it goes.
_SAID_AT_ONCE = 200
_STAGES = [stage.value for stage in Stage]
_STATUSES = [status.value for status in Status]


def as_json(pipeline: Pipeline) -> Iterator[bytes]:
    """The whole as one JSON object on one line, in UTF-8, piece by piece."""
    head = {
        "known_at": pipeline.known_at.isoformat(),
        "effective_at": pipeline.effective_at.isoformat(),
        "totals": [{**vars(cell), **asdict(total)} for cell, total in pipeline.totals.items()],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1].encode()
    yield b', "leads": ['
    names = pipeline.names
    lead = {key: f'{{"id": "{text}"'.encode() for key, text in names.lead.items()}
    company, owner = _records("company", names.company), _records("owner", names.user)
    leads = sorted(pipeline.leads, key=itemgetter(0))
    for start in range(0, len(leads), _SAID_AT_ONCE):
        ids, companies, owners, before, after = zip(
            *leads[start : start + _SAID_AT_ONCE], strict=True
        )
        parts = zip(
            map(lead.__getitem__, ids),
            map(company.__getitem__, companies),
            before,
            map(owner.__getitem__, owners),
            after,
            strict=True,
        )
        if start:
            yield b", "
        yield b", ".join(chain.from_iterable(parts))
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


class _Field(dict[object, bytes]):
    """A field of an object as JSON writes it, by its value."""

    def __init__(self, name: str, end: str = "") -> None:
        self.name, self.end = name, end.encode()

    def __missing__(self, value: object) -> bytes:
        text = self[value] = _field(self.name, value) + self.end
        return text


class _Days(dict[tuple[str, int, str | None], bytes]):
    """The days in the stage by the clock of the stay; many leads share one."""

    def __init__(self, on: date) -> None:
        self.on = on

    def __missing__(self, key: tuple[str, int, str | None]) -> bytes:
        since, held_days, held_since = key
        stay = StageClock(
            date.fromisoformat(since),
            held_days,
            date.fromisoformat(held_since) if held_since else None,
        )
        text = self[key] = _field("days_in_stage", stay.days(self.on))
        return text


class _Stalled(dict[tuple[str, str | None], bytes]):
    """Whether a lead is stalled, by its status and the day from which it is."""

    def __init__(self, on: date) -> None:
        self.today = on.isoformat()

    def __missing__(self, key: tuple[str, str | None]) -> bytes:
        status, since = key
        stalled = status == "active" and since is not None and since <= self.today
        text = self[key] = _field("stalled", stalled)
        return text


def _field(name: str, value: object) -> bytes:
    return f'"{name}": {json.dumps(value, ensure_ascii=False)}'.encode()


def _records(name: str, known: Mapping[int, Record]) -> dict[int, bytes]:
    """A record's id and, as the next field, its name. Ids hold nothing to be escaped."""
    return {
        key: f'"{name}": "{public_id}", "{name}_name": {encode_basestring(text)}'.encode()
        for key, (_key, public_id, text, _into) in known.items()
    }


def _codes(name: str, known: Mapping[int, str]) -> dict[int | None, bytes]:
    return {None: _field(name, None), **{key: _field(name, code) for key, code in known.items()}}
