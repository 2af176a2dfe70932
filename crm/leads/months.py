"""Keeps ``lead_month``, what leads came to in each month, in each lead's own flush."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.clock import local_date
from models.creating import Created
from models.enums import SIGNED, Stage, Status
from models.flushed import follow, records_of, was
from models.lead import Lead, LeadMonth, Result
from models.sets import add_up, insert_rows

_READ_AT_ONCE = 5000
_ASKED = (
    *("team_id", "owner_id", "stage", "status", "archived_at"),
    *("created_at", "signed_on", "landed_on", "signed_investment_cny"),
)


class Cell(NamedTuple):
    """One row of the summary."""

    result: Result
    month: date
    team_id: int
    owner_id: int


class Sums:
    """How many leads, and their agreed investment, by cell."""

    def __init__(self) -> None:
        self.n: Counter[Cell] = Counter()
        self.signed_cny: Counter[Cell] = Counter()

    def add(self, value: Callable[[str], Any], sign: int = 1) -> None:
        """Count a lead in or out, of which ``value`` gives the columns; none that is in the trash.

        A result counts by the day it happened, while the lead stands there or further on: one that
        went back or was lost counts no more.
        """
        if value("archived_at") is not None:
            return
        days = {Result.CREATED: local_date(value("created_at"))}
        if value("status") is not Status.LOST:
            if (signed := value("signed_on")) and value("stage") in SIGNED:
                days[Result.SIGNED] = signed
            if (landed := value("landed_on")) and value("stage") is Stage.LANDED:
                days[Result.LANDED] = landed
        for result, day in days.items():
            cell = Cell(result, day.replace(day=1), value("team_id"), value("owner_id"))
            self.n[cell] += sign
            self.signed_cny[cell] += sign * (value("signed_investment_cny") or 0)

    def rows(self) -> Iterator[dict[str, Any]]:
        """What there is to write, in one order, so that two writers never lock crosswise."""
        for cell in sorted(self.n):
            if self.n[cell] or self.signed_cny[cell]:
                found = {"n": self.n[cell], "signed_cny": self.signed_cny[cell]}
                yield {**cell._asdict(), **found}


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _count_created)


def rebuild(session: Session) -> None:
    """Write the summary anew from the leads (a command, and after a bulk load)."""
    connection = session.connection()
    connection.execute(sa.delete(LeadMonth))
    insert_rows(connection, LeadMonth.__table__, list(counted(session)))


def counted(session: Session) -> Iterator[dict[str, Any]]:
    """What the summary must say, worked out from the leads."""
    columns = [getattr(Lead, name) for name in _ASKED]
    rows = session.execute(sa.select(*columns).execution_options(yield_per=_READ_AT_ONCE))
    sums = Sums()
    for row in rows.mappings():
        sums.add(row.__getitem__)
    return sums.rows()


def _keep(session: Session, _flush: Any) -> None:
    sums = Sums()
    for lead in records_of(Lead, session.new):
        sums.add(_as_it_is(lead))
    for lead in records_of(Lead, session.dirty):
        sums.add(_as_it_was(lead), -1)
        sums.add(_as_it_is(lead))
    for lead in records_of(Lead, session.deleted):
        sums.add(_as_it_was(lead), -1)
    _write(session, sums)


def _count_created(session: Session, created: Created) -> None:
    sums = Sums()
    for row in created.get(Lead, ()):
        sums.add(row.get)
    _write(session, sums)


def _as_it_is(lead: Lead) -> Callable[[str], Any]:
    return lambda name: getattr(lead, name)


def _as_it_was(lead: Lead) -> Callable[[str], Any]:
    return lambda name: was(lead, name)


def _write(session: Session, sums: Sums) -> None:
    """Add the differences."""
    add_up(session, LeadMonth.__table__, list(sums.rows()))
