"""Keeps ``settled_company``, what the goals are read from, in each flush.

What stands there follows from leads, their local companies and figures. Whoever changes one of
these writes the companies' rows anew, and holds them until the end of the transaction: of two at
once the second looks again at what the first has left.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crm.companies.figures import METRIC_WORDS
from crm.companies.settled import landings, with_figures
from models.enums import Stage
from models.figure import Figure
from models.flushed import before, changed, follow, records_of
from models.lead import Lead, LeadEntity
from models.sets import one_of
from models.settled import SettledCompany

_OF_LEAD = ("stage", "status", "park_id", "archived_at")


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep)


def rebuild(session: Session) -> None:
    """Write all rows anew (a command, and after a bulk load)."""
    connection = session.connection()
    connection.execute(sa.delete(SettledCompany))
    _insert(connection, counted())


def counted(which: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    """What must stand there, worked out from leads and figures."""
    there = Lead.archived_at.is_(None)
    return with_figures(landings(there if which is None else sa.and_(there, which)).subquery())


def _keep(session: Session, _flush: Any) -> None:
    companies = _companies(session)
    if leads := _leads(session):
        at = sa.select(LeadEntity.company_id).where(one_of(LeadEntity.lead_id, leads))
        companies |= set(session.connection().scalars(at))
    if measured := _measured(session) - companies:
        at = sa.select(LeadEntity.company_id).where(one_of(LeadEntity.company_id, measured))
        companies |= set(session.connection().scalars(at))
    if companies:
        _refresh(session.connection(), sorted(companies))


def _companies(session: Session) -> set[int]:
    """Those that a lead led to, or that it leads to no more."""
    found = {
        entity.company_id for entity in records_of(LeadEntity, (*session.new, *session.deleted))
    }
    for entity in records_of(LeadEntity, session.dirty):
        found |= {entity.company_id, *before(entity, "company_id")}
    return found


def _leads(session: Session) -> set[int]:
    """Leads that landed, went back from there, or landed elsewhere."""
    return {
        lead.id
        for lead in records_of(Lead, session.dirty)
        if Stage.LANDED in {lead.stage, *before(lead, "stage")} and changed(lead, _OF_LEAD)
    }


def _measured(session: Session) -> set[int]:
    """Companies of which a figure was written down, or that it is no more of."""
    figures = records_of(Figure, (*session.new, *session.dirty, *session.deleted))
    return {
        key
        for figure in figures
        if figure.metric in METRIC_WORDS
        for key in (figure.company_id, *before(figure, "company_id"))
    }


def _refresh(connection: sa.Connection, keys: Collection[int]) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    held = dialect.insert(SettledCompany).values([{"company_id": key} for key in keys])
    same = {"company_id": held.excluded.company_id}
    connection.execute(held.on_conflict_do_update(index_elements=["company_id"], set_=same))
    connection.execute(sa.delete(SettledCompany).where(one_of(SettledCompany.company_id, keys)))
    _insert(connection, counted(one_of(LeadEntity.company_id, keys)))


def _insert(connection: sa.Connection, rows: sa.Select[Any]) -> None:
    names = ["company_id", "park_id", *METRIC_WORDS]
    connection.execute(sa.insert(SettledCompany).from_select(names, rows))
