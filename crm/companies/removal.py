"""Take companies out again that nobody has used since an import made them."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from crm.companies.service import write_tokens
from crm.imports.changes import records_of, referred_to
from models import db
from models.company import Company
from models.import_batch import ImportChange
from models.sets import one_of

# What belongs to a company and goes with it; any other table that refers to it keeps it.
_ITS_OWN = frozenset({"company_name"})


def remove_unused(made: Iterable[int]) -> set[int]:
    """Remove the companies that nothing refers to; which they were."""
    wanted = set(made)
    free = wanted - referred_to(Company, wanted, _ITS_OWN)
    if not free:
        return set()
    query = sa.select(Company).where(one_of(Company.id, free)).options(selectinload(Company.names))
    companies = db.session.scalars(query.order_by(Company.id)).all()
    for company in companies:
        for name in company.names:
            db.session.delete(name)
        db.session.delete(company)
    db.session.flush()
    return {company.id for company in companies}


def restore_codes(changes: list[ImportChange]) -> None:
    """Take back the credit codes that an import filled in, where they are still the import's."""
    known = records_of(Company, changes)
    restored = []
    for change in changes:
        company = known.get(change.subject_id)
        if company and change.after and company.credit_code == change.after["credit_code"]:
            company.credit_code = None
            restored.append(company)
    db.session.flush()
    for company in restored:
        write_tokens(company)
