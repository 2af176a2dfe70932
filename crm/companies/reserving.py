"""One record a name: who writes down a company looks for it while nobody else can write it.

No constraint says so, since two companies may bear one name (a credit code tells them apart). On
SQLite whoever writes is alone already; on PostgreSQL these locks last as long as the transaction.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from crm.companies.keys import stored_form
from crm.companies.search import find_by_name
from models import db
from models.company import Company

# The numbers of our advisory locks on PostgreSQL; every process must mean the same ones by them.
_NAME, _LISTS = 20_260_702, 20_260_703


def reserve(names: Iterable[str]) -> None:
    """Let nobody else look for these names in order to write them down."""
    # In one order, so that no two wait for each other.
    numbers = sorted({zlib.crc32(stored_form(name).encode()) >> 1 for name in names})
    each = sa.func.unnest(sa.cast(numbers, ARRAY(sa.Integer))).column_valued("number")
    _lock(sa.func.pg_advisory_xact_lock(_NAME, each))


def find_or_reserve(name: str) -> Company | None:
    """The company of that name; where there is none, nobody else makes it before we have.

    To be asked before any record is locked: it waits for a list that is being imported.
    """
    form = stored_form(name)
    known = find_by_name([name]).get(form)
    # Nearly always it is there, and who only names it waits for nobody.
    if known or not _shared():
        return known
    _lock(sa.func.pg_advisory_xact_lock_shared(_LISTS))
    reserve([name])
    return find_by_name([name]).get(form)


def reserve_all() -> None:
    """Let nobody write down any company: a list has very many names, and locks are few."""
    _lock(sa.func.pg_advisory_xact_lock(_LISTS))


def _shared() -> bool:
    """Whether others write at the same time."""
    return db.session.connection().dialect.name == "postgresql"


def _lock(which: sa.ColumnElement[None]) -> None:
    if _shared():
        db.session.execute(sa.select(which))
