"""The visits by which a lead meets its gates: what the form of a move names."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from crm.access import present
from crm.leads.facts import evidence, met, touched
from models import db
from models.lead import Lead
from models.visit import Visit, VisitLead

# What each gate that asks for a visit counts, as ``facts_of`` does.
_COUNTED = {"touch": touched, "visit": met}


def evidence_of(lead: Lead) -> Mapping[str, Visit]:
    """The latest visit behind each gate that asks for one, by the gate's field (two statements)."""
    ways = [
        (field, _latest(visits))
        for field, counted in _COUNTED.items()
        for visits in evidence(lead, counted())
    ]
    row = db.session.execute(sa.select(*(way for _field, way in ways))).one()
    keys = [(field, key) for (field, _way), key in zip(ways, row, strict=True) if key]
    wanted = sa.select(Visit).where(Visit.id.in_({key for _field, key in keys}))
    visits = {visit.id: visit for visit in db.session.scalars(wanted)}
    in_order = sorted(keys, key=lambda one: (visits[one[1]].occurred_at, one[1]))
    # Of two the later one stays.
    return {field: visits[key] for field, key in in_order}


def last_said(lead: Lead) -> Visit | None:
    """The latest visit of the lead itself on which somebody was met and something said."""
    found: Visit | None = db.session.scalar(
        sa.select(Visit)
        .join(VisitLead, VisitLead.visit_id == Visit.id)
        .where(VisitLead.lead_id == lead.id, Visit.reached, Visit.summary != "", present(Visit))
        .order_by(Visit.occurred_at.desc(), Visit.id.desc())
        .limit(1)
    )
    return found


def _latest(visits: sa.Select[int]) -> sa.ScalarSelect[int]:
    latest = visits.order_by(Visit.occurred_at.desc(), Visit.id.desc())
    return latest.limit(1).scalar_subquery()
