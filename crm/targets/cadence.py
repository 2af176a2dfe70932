"""How often a company wants a touch: it follows from the lists on which it stands.

Any edition of a list counts, not only the latest: a company that the 2018 list named is still a
target when the 2019 list of another publisher does not name it, and an old edition is often the
only one a city has. The strictest list decides.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from models import db
from models.company import Company
from models.sets import one_of
from models.target import ListEdition, ListEntry, TargetList

NO_LIST_DAYS = 60


def recompute(company_ids: Iterable[int]) -> None:
    """Set ``cadence_days`` and ``rewarded`` of these companies from their list entries; flushes."""
    keys = set(company_ids)
    if not keys:
        return
    wanted = {
        row.company_id: (row.days, bool(row.rewarded)) for row in db.session.execute(_of(keys))
    }
    query = sa.select(Company).where(one_of(Company.id, keys)).order_by(Company.id)
    for company in db.session.scalars(query):
        days, rewarded = wanted.get(company.id, (NO_LIST_DAYS, False))
        if company.cadence_days != days:
            company.cadence_days = days
        if company.rewarded != rewarded:
            company.rewarded = rewarded
    db.session.flush()


def _of(company_ids: Iterable[int]) -> sa.Select[int | None, int, int]:
    rewarded = sa.case((TargetList.rewarded, 1), else_=0)
    return (
        sa.select(
            ListEntry.company_id,
            sa.func.min(TargetList.cadence_days).label("days"),
            sa.func.max(rewarded).label("rewarded"),
        )
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(one_of(ListEntry.company_id, company_ids))
        .group_by(ListEntry.company_id)
    )
