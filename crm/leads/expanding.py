"""Keeps ``expansion``, which landings had one of their group before them, in each flush.

It follows from leads and from who is whose parent. Whoever changes one of these looks at the
groups concerned anew, one transaction after the other: of two at once each would see its own
landing alone, and both would be the first.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.leads.expansions import counted, holds_the_child
from models.advisory import Lock, hold
from models.company import CompanyRelation
from models.creating import Created
from models.enums import Stage
from models.expansion import Expansion
from models.flushed import before, changed, follow, records_of
from models.lead import Lead
from models.sets import one_of

_OF_LEAD = ("company_id", "stage", "status", "landed_on", "archived_at")
_OF_RELATION = ("parent_id", "child_id", "share_bp", "to_on")


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _keep_created)


def rebuild(session: Session) -> None:
    """Write all of them anew (a command, and after a bulk load)."""
    connection = session.connection()
    connection.execute(sa.delete(Expansion))
    _insert(connection, counted())


def _keep(session: Session, _flush: Any) -> None:
    _refresh(session.connection, _landed(session) | _related(session))


def _keep_created(session: Session, created: Created) -> None:
    landed = {row["company_id"] for row in created.get(Lead, ()) if row["stage"] is Stage.LANDED}
    ends = {
        row[end] for row in created.get(CompanyRelation, ()) for end in ("parent_id", "child_id")
    }
    _refresh(session.connection, landed | ends)


def _landed(session: Session) -> set[int]:
    """The companies of leads that landed, went back from there, or landed otherwise."""
    found = {
        lead.company_id
        for lead in records_of(Lead, (*session.new, *session.deleted))
        if lead.stage is Stage.LANDED
    }
    for lead in records_of(Lead, session.dirty):
        if Stage.LANDED in {lead.stage, *before(lead, "stage")} and changed(lead, _OF_LEAD):
            found |= {lead.company_id, *before(lead, "company_id")}
    return found


def _related(session: Session) -> set[int]:
    """Both ends of relations, as they are and as they were."""
    relations = [*records_of(CompanyRelation, (*session.new, *session.deleted))]
    relations += [
        relation
        for relation in records_of(CompanyRelation, session.dirty)
        if changed(relation, _OF_RELATION)
    ]
    return {
        key
        for relation in relations
        for end in ("parent_id", "child_id")
        for key in (getattr(relation, end), *before(relation, end))
    }


def _refresh(connect: Any, companies: set[int]) -> None:
    """Look at the groups of these companies anew."""
    if not companies:
        return
    connection: sa.Connection = connect()
    hold(connection, Lock.EXPANSION)
    members = _groups_of(connection, companies)
    # A company may be in more groups than one.
    others = _groups_of(connection, members)
    concerned = one_of(Lead.company_id, members)
    theirs = sa.select(Lead.id).where(concerned)
    connection.execute(sa.delete(Expansion).where(Expansion.lead_id.in_(theirs)))
    _insert(connection, counted(concerned, one_of(Lead.company_id, others)))


def _groups_of(connection: sa.Connection, companies: set[int]) -> set[int]:
    """The companies, and all that are in a group with one of them."""
    held = sa.select(CompanyRelation.parent_id, CompanyRelation.child_id).where(holds_the_child())
    above = connection.execute(held.where(one_of(CompanyRelation.child_id, companies)))
    groups = companies | {row.parent_id for row in above}
    below = connection.execute(held.where(one_of(CompanyRelation.parent_id, groups)))
    return groups | {row.child_id for row in below}


def _insert(connection: sa.Connection, rows: sa.Select[int]) -> None:
    connection.execute(sa.insert(Expansion).from_select(["lead_id"], rows))
