"""What of a company moves when it is merged into another, table by table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from crm.mergers.kept import Kept
from models import db
from models.appointment import Appointment
from models.base import Model
from models.company import Company, CompanyName, CompanyRelation, CompanySegment, NameKind
from models.contact import ContactRole
from models.event import Invitation
from models.figure import Figure
from models.lead import Lead, LeadEntity
from models.premises import Premises
from models.referral import Referral
from models.target import ListEntry
from models.trip import TripStop
from models.visit import Visit

# Columns that say the company, and nothing that could stand there twice.
PLAIN: tuple[tuple[Any, str], ...] = (
    (Lead, "company_id"),
    (Visit, "company_id"),
    (Appointment, "company_id"),
    (ListEntry, "company_id"),
    (ListEntry, "alike_id"),
    (LeadEntity, "company_id"),
    (Premises, "company_id"),
    (Referral, "company_id"),
    (Referral, "referrer_id"),
)
# Names by which a company is known; short ones and brands are of many.
_OWN = frozenset({NameKind.LEGAL, NameKind.FORMER, NameKind.ENGLISH})


def move(gone: Company, stays: Company, kept: Kept) -> None:
    """Let everything that is said of a company be said of the one that it becomes; flushes.

    What would stand there twice is left out, or stays with the merged record where that is no
    place to look at. Leads first: what they are found by follows from them.
    """
    for model, column in PLAIN:
        for record in _of(model, column, gone):
            kept.change(record, **{column: stays.id})
        db.session.flush()
    _once(kept, ContactRole, gone, stays, lambda role: (role.contact_id, role.to_on))
    _once(kept, TripStop, gone, stays, lambda stop: stop.trip_id)
    _once(kept, Invitation, gone, stays, lambda one: (one.event_id, one.contact_id), _told)
    _relations(gone, stays, kept)
    _names(gone, stays, kept)
    _segments(gone, stays, kept)
    _figures(gone, stays, kept)
    db.session.flush()


def _of(model: Any, column: str, company: Company) -> Iterable[Any]:
    query = sa.select(model).where(getattr(model, column) == company.id)
    return db.session.scalars(query.order_by(*model.__table__.primary_key.columns)).all()


def _once(
    kept: Kept,
    model: type[Model],
    gone: Company,
    stays: Company,
    same: Callable[[Any], Any],
    weight: Callable[[Any], Any] = lambda _record: 0,
) -> None:
    """Move rows of which a company has one of a kind: of two the one that says more stays."""
    there = {same(record): record for record in _of(model, "company_id", stays)}
    for record in _of(model, "company_id", gone):
        other = there.get(same(record))
        if other is not None and weight(record) <= weight(other):
            kept.remove(record)
            continue
        if other is not None:
            kept.remove(other)
            db.session.flush()
        kept.change(record, company_id=stays.id)
    db.session.flush()


def _told(invitation: Invitation) -> tuple[bool, bool, bool]:
    """How much is known of a guest: their visit, whether they came, what they answered."""
    said = invitation.reply.value != "none"
    return invitation.visit_id is not None, invitation.attendance is not None, said


def _relations(gone: Company, stays: Company, kept: Kept) -> None:
    """The two are no relatives of each other: that stands against a merger."""
    for here, there in (("parent_id", "child_id"), ("child_id", "parent_id")):
        known = {
            (getattr(relation, there), relation.kind)
            for relation in _of(CompanyRelation, here, stays)
        }
        for relation in _of(CompanyRelation, here, gone):
            if (getattr(relation, there), relation.kind) in known:
                kept.remove(relation)
            else:
                kept.change(relation, **{here: stays.id})
    db.session.flush()


def _names(gone: Company, stays: Company, kept: Kept) -> None:
    """It is found by every name of both; the merged one's legal name is a former one."""
    known = [(name.name, name.kind) for name in _of(CompanyName, "company_id", stays)]
    own = {name for name, kind in known if kind in _OWN}
    every = {name for name, _kind in known}
    for name in _of(CompanyName, "company_id", gone):
        if name.name in (own if name.kind in _OWN else every):
            continue
        kind = NameKind.FORMER if name.kind is NameKind.LEGAL else name.kind
        kept.change(name, company_id=stays.id, kind=kind)
        every.add(name.name)


def _segments(gone: Company, stays: Company, kept: Kept) -> None:
    """It does what either did."""
    does = {row.segment_id for row in _of(CompanySegment, "company_id", stays)}
    for row in _of(CompanySegment, "company_id", gone):
        if row.segment_id not in does:
            values = {"segment_id": row.segment_id, "source": row.source}
            kept.make(CompanySegment(company_id=stays.id, **values))


def _figures(gone: Company, stays: Company, kept: Kept) -> None:
    """Two of one moment stay apart: the one that is there stands."""
    there = {_said(figure) for figure in _of(Figure, "company_id", stays)}
    for figure in _of(Figure, "company_id", gone):
        if _said(figure) not in there:
            kept.change(figure, company_id=stays.id)


def _said(figure: Figure) -> tuple[Any, ...]:
    return figure.year, figure.metric, figure.recorded_at
