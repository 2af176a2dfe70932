"""The trail of the demo's records: what the recorder would have written, row by row."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from crm.audit.versions import VERSIONED, plain_version
from crm.demo.bulk import Bulk, Row
from models.audit import Change
from models.base import Model
from models.enums import Via
from models.lead import Lead

_OMITTED: dict[str, frozenset[str]] = {
    mapper.class_.audit_subject: mapper.class_.audit_omit
    for mapper in Model.registry.mappers
    if mapper.class_.audit_subject
}


def omits(subject: str) -> frozenset[str]:
    """The columns of a record of which the trail keeps no values."""
    return _OMITTED[subject]


_versioned = itemgetter(*VERSIONED)
_CODES = [
    place
    for place, name in enumerate(VERSIONED)
    if isinstance(Lead.__table__.columns[name].type, sa.Enum)
]


class Trail:
    """Writes change sets, changes and lead versions. One change set is open at a time.

    ``afresh``: only of records that it tells itself, so that nothing has to be read.
    """

    def __init__(self, bulk: Bulk, *, afresh: bool = False) -> None:
        self.bulk = bulk
        self.change_set = 0
        self.at: datetime
        # Only subjects that changed after they were made; all others stand at 1.
        self.seqs: dict[tuple[str, int], int] = {} if afresh else self._known()

    def _known(self) -> dict[tuple[str, int], int]:
        return {
            (subject, number): seq
            for subject, number, seq in self.bulk.connection.execute(
                sa.select(Change.subject, Change.subject_id, sa.func.max(Change.seq))
                .where(Change.seq > 1)
                .group_by(Change.subject, Change.subject_id)
            )
        }

    def open(self, at: datetime, actor_id: int | None) -> None:
        """All that follows was done by this person at this moment."""
        self.at = at
        self.change_set = self.bulk.next_id("change_set")
        self.bulk.add_row("change_set", (self.change_set, at, at, actor_id, Via.DEMO, None, None))

    def created(self, subject: str, subject_id: int, values: dict[str, Any]) -> None:
        """A record came to be."""
        after = values.copy()
        for name in _OMITTED[subject]:
            after.pop(name, None)
        self._change(subject, subject_id, 1, "*", None, after)

    def tied(self, subject: str, subject_id: int, values: dict[str, Any]) -> None:
        """A record that only ties others together came to be; one number stands for several."""
        seq = self.seqs.get((subject, subject_id), 0) + 1
        self.seqs[subject, subject_id] = seq
        self._change(subject, subject_id, seq, "*", None, values.copy())

    def edited(self, subject: str, subject_id: int, field: str, before: Any, after: Any) -> None:
        """One field of a record changed."""
        seq = self.seqs.get((subject, subject_id), 1) + 1
        self.seqs[subject, subject_id] = seq
        self._change(subject, subject_id, seq, field, before, after)

    def forget(self, subject: str, subject_id: int) -> None:
        """The record will not change any more: its count need not be remembered."""
        del self.seqs[subject, subject_id]

    def _change(
        self, subject: str, subject_id: int, seq: int, field: str, before: Any, after: Any
    ) -> None:
        number = self.bulk.next_id("change")
        row = (number, self.change_set, subject, subject_id, seq, field, before, after)
        self.bulk.add_row("change", row)

    def version(self, lead: dict[str, Any], former: Row | None) -> Row:
        """Close the version of a lead that stood and open the next; the open one is not written."""
        seq = 1
        if former is not None:
            seq = former[2] + 1
            self.close(former, self.at)
        shown = list(_versioned(lead))
        for place in _CODES:
            shown[place] = plain_version(shown[place])
        number = self.bulk.next_id("lead_version")
        return (number, lead["id"], seq, self.change_set, self.at, None, *shown)

    def close(self, version: Row, known_to: datetime | None) -> None:
        """Write a version as it stands in the end."""
        self.bulk.add_row("lead_version", (*version[:5], known_to, *version[6:]))
