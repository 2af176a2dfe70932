"""Which team goes after which target: whose city it is in, until somebody decides otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from models import db
from models.company import Company
from models.place import Place
from models.sets import one_of
from models.team import Team


def suggested(company_ids: Iterable[int]) -> dict[int, Team]:
    """The team that sits in the company's city, by company (one statement)."""
    wanted = sorted(set(company_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(Company.id, Team)
        .join(Place, Place.id == Company.place_id)
        .join(Team, Team.city == Place.city)
        .where(one_of(Company.id, wanted))
        .order_by(Team.sort.desc(), Team.id.desc())
    )
    return {row[0]: row[1] for row in rows}
