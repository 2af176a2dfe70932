"""The visits by which a lead meets its gates: what the form of a move names."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from crm.access import present
from crm.leads.facts import met, touched
from models import db
from models.lead import Lead
from models.visit import Visit, VisitLead

# What each gate that asks for a visit counts, as ``facts_of`` does.
_COUNTED = {"touch": touched, "visit": met}


def evidence_of(lead: Lead) -> Mapping[str, Visit]:
    """The latest visit behind each gate that asks for one, by the gate's field (two statements).

    It hangs on this lead, or was logged on its company without naming a lead.
    """
    ways = [
        latest(lead, counted()).label(f"{field}{index}")
        for field, counted in _COUNTED.items()
        for index, latest in enumerate((_on_lead, _on_company))
    ]
    keys = db.session.execute(sa.select(*ways)).one()._mapping
    wanted = sa.select(Visit).where(Visit.id.in_({key for key in keys.values() if key}))
    visits = {visit.id: visit for visit in db.session.scalars(wanted)}
    found = {}
    for field in _COUNTED:
        ones = [visits[key] for key in (keys[f"{field}0"], keys[f"{field}1"]) if key]
        if ones:
            found[field] = max(ones, key=lambda visit: (visit.occurred_at, visit.id))
    return found


def _on_lead(lead: Lead, counted: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    named = sa.select(Visit.id).join(VisitLead, VisitLead.visit_id == Visit.id)
    return _first(named.where(VisitLead.lead_id == lead.id, counted))


def _on_company(lead: Lead, counted: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    names_one = sa.select(VisitLead.visit_id).where(VisitLead.visit_id == Visit.id).exists()
    of_company = sa.select(Visit.id).where(Visit.company_id == lead.company_id, ~names_one)
    return _first(of_company.where(counted))


def _first(visits: sa.Select[int]) -> sa.ScalarSelect[int]:
    latest = visits.where(present(Visit)).order_by(Visit.occurred_at.desc(), Visit.id.desc())
    return latest.limit(1).scalar_subquery()
