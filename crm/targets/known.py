"""What the database holds about the companies of a file: few statements for ten thousand rows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm.companies import search
from crm.companies.identity import candidate
from crm.companies.keys import stored_form
from crm.targets.matching import Entry, Known
from crm.targets.rows import Line
from models import db
from models.target import ListEdition, ListEntry


def edition_of(list_id: int, year: int) -> ListEdition | None:
    """A list's edition of a year, if there is one."""
    found: ListEdition | None = db.session.scalar(
        sa.select(ListEdition).where(ListEdition.list_id == list_id, ListEdition.year == year)
    )
    return found


def known_for(lines: Sequence[Line], edition: ListEdition | None) -> Known:
    """The companies and entries that the rows may be."""
    right = [line for line in lines if not line.problems]
    exact = search.find_exact(
        (line.credit_code for line in right if line.credit_code),
        (line.normal_form for line in right),
    )
    return Known(
        by_code={code: candidate(company) for code, company in exact.by_code.items()},
        by_form={form: candidate(company) for form, company in exact.by_form.items()},
        entries=_entries(edition) if edition else (),
    )


def _entries(edition: ListEdition) -> list[Entry]:
    rows = db.session.scalars(
        sa.select(ListEntry).where(ListEntry.edition_id == edition.id).order_by(ListEntry.id)
    ).all()
    wanted = {key for row in rows for key in (row.company_id, row.alike_id) if key is not None}
    companies = {key: candidate(company) for key, company in search.by_ids(wanted).items()}
    return [
        Entry(
            row.id,
            row.row_key,
            row.name,
            stored_form(row.name),
            row.rank,
            row.raw,
            companies.get(row.company_id or 0),
            companies.get(row.alike_id or 0),
        )
        for row in rows
    ]
