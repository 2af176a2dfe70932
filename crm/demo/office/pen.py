"""Writes what the office does, in the order in which it happened, each with its trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.demo.bulk import Bulk
from crm.demo.records import Values
from crm.demo.trail import Trail, omits


@dataclass(frozen=True, slots=True)
class Make:
    """A record comes to be. A row in the place of a value stands for its id."""

    table: str
    row: Values


@dataclass(frozen=True, slots=True)
class Change:
    """These columns of a record made before are others now."""

    table: str
    row: Values
    columns: Values


@dataclass(frozen=True, slots=True)
class Tie:
    """A row without a trail: who belongs to what. Its values as of ``Make``."""

    table: str
    row: Values


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did in one go."""

    at: datetime
    actor_id: int
    steps: tuple[Make | Change | Tie, ...]


class Pen:
    """Tells acts; rows are written at the end, as they stand then."""

    def __init__(self, bulk: Bulk) -> None:
        self.bulk = bulk
        self.trail = Trail(bulk, afresh=True)
        self.rows: list[tuple[str, Values]] = []

    def tell(self, acts: Iterable[Act]) -> None:
        """Tell them all by their moments, and write what came of them."""
        for act in sorted(acts, key=lambda act: act.at):
            self.trail.open(act.at, act.actor_id)
            for step in act.steps:
                self._take(step)
        for table, row in self.rows:
            self.bulk.add(table, row)
        self.bulk.finish()

    def _take(self, step: Make | Change | Tie) -> None:
        match step:
            case Make():
                self._make(step.table, step.row)
            case Change():
                self._change(step.table, step.row, step.columns)
            case Tie():
                self._add(step.table, step.row)

    def _add(self, table: str, row: Values) -> None:
        columns = self.bulk.sheets[table].columns
        if "id" in columns:
            row["id"] = self.bulk.next_id(table)
        row |= {**dict.fromkeys(columns), **_resolved(row)}
        self.rows.append((table, row))

    def _make(self, table: str, row: Values) -> None:
        self._add(table, row)
        keys = list(self.bulk.sheets[table].table.primary_key)
        told = self.trail.created if len(keys) == 1 else self.trail.tied
        told(table, row[keys[0].name], row)

    def _change(self, table: str, row: Values, columns: Values) -> None:
        key = row[next(iter(self.bulk.sheets[table].table.primary_key)).name]
        for name, value in _resolved(columns).items():
            silent = name in omits(table)
            before, after = (None, None) if silent else (row[name], value)
            self.trail.edited(table, key, name, before, after)
            row[name] = value


def _resolved(row: Values) -> Values:
    return {name: _key(value) for name, value in row.items()}


def _key(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value
