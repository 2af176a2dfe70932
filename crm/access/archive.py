"""What lies in the trash is left out of every query."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from models.archive import ArchiveEntry
from models.company import Company
from models.contact import Contact
from models.event import Event
from models.lead import Lead
from models.visit import Visit

Condition = sa.ColumnElement[bool]

_KEYS: dict[type[Any], InstrumentedAttribute[int | None]] = {
    Lead: ArchiveEntry.lead_id,
    Visit: ArchiveEntry.visit_id,
    Contact: ArchiveEntry.contact_id,
    Company: ArchiveEntry.company_id,
    Event: ArchiveEntry.event_id,
}


def present(noun: type[Any] = Lead, key: Any = None) -> Condition:
    """The records of a noun that are not in the trash; ``key`` is a column that names them.

    By key: few are in it, and whatever index a query reads knows the key, so that what is counted
    from an index alone still is.
    """
    if key is None:
        return _PRESENT[noun]
    condition: Condition = key.not_in(archived_keys(noun))
    return condition


def archived_keys(noun: type[Any]) -> sa.Select[Any]:
    """The keys of the records of a noun that are in the trash."""
    key = _KEYS[noun]
    return sa.select(key).where(key.is_not(None)).correlate(None)


# Built once: a page asks for them some forty times.
_PRESENT: dict[type[Any], Condition] = {noun: present(noun, noun.id) for noun in _KEYS}
