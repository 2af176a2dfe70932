"""Premises of a lead: added, changed, taken back. The trail keeps each state."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, visible_leads, writable_premises
from crm.audit.recorder import note
from crm.clock import local_date
from crm.errors import NotFound, Refusal
from crm.landing.local_company import local_company_of
from crm.landing.rules import Space, wrong_space
from crm.leads.inputs import Errors
from crm.leads.lookups import place_ids
from crm.leads.moves import locked_lead
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.enums import Stage
from models.lead import Lead
from models.premises import Premises

# Under what name a lead's trail keeps which premises were taken away.
REMOVED = "premises"
# What a description calls otherwise.
_COLUMNS = {"premises": ("district_id", "park_id")}


def add_premises(lead: Lead, given: Space, actor: Actor, now: datetime) -> Premises:
    """Add premises to a lead that the caller has locked; Refusal with each wrong field."""
    district_id, park_id = _checked(given, now)
    company = local_company_of(lead)
    premises = Premises(
        lead_id=lead.id,
        company_id=company.id if company else None,
        district_id=district_id,
        park_id=park_id,
        address=given.address.strip(),
        area_m2=given.area_m2,
        lease_start=given.lease_start,
        lease_end=given.lease_end,
        created_at=now,
        created_by_id=actor.id,
    )
    db.session.add(premises)
    lead.updated_at = now
    db.session.flush()
    return premises


def known_of(premises: Premises) -> Space:
    """Premises as they would be described; district and park are loaded."""
    place = premises.park or premises.district
    return Space(
        premises=f"{'park' if premises.park else 'district'}:{place.code}",
        address=premises.address,
        area_m2=premises.area_m2,
        lease_start=premises.lease_start,
        lease_end=premises.lease_end,
    )


def edit_premises(
    public_id: str, given: Space, actor: Actor, now: datetime, read: Read | None = None
) -> Premises:
    """Change premises; ``read`` is what the person had read of them.

    Raises NotFound, Forbidden, Refusal with each wrong field, and Stale for what two changed.
    """
    premises, lead = held_premises(public_id, actor)
    yours = asdict(replace(given, address=given.address.strip()))
    given = Space(**merged(asdict(known_of(premises)), yours, read, [premises], _COLUMNS))
    premises.district_id, premises.park_id = _checked(given, now)
    premises.address = given.address.strip()
    for name in ("area_m2", "lease_start", "lease_end"):
        setattr(premises, name, getattr(given, name))
    lead.updated_at = now
    db.session.flush()
    return premises


def remove_premises(public_id: str, actor: Actor, now: datetime) -> Lead:
    """Take back premises that were recorded wrongly. Raises NotFound and Forbidden.

    A project that has landed keeps its last (Refusal).
    """
    premises, lead = held_premises(public_id, actor)
    others = sa.select(sa.func.count()).where(
        Premises.lead_id == lead.id, Premises.id != premises.id
    )
    if lead.stage is Stage.LANDED and not db.session.scalar(others):
        raise Refusal({}, msg("项目已落地，至少要有一处场地。请先添加新的，再去掉这一处。"))
    # The lead's own trail says that they were its: the premises do not any more.
    note(lead, REMOVED, {"id": premises.id}, None)
    db.session.delete(premises)
    lead.updated_at = now
    db.session.flush()
    return lead


def bring_back(lead: Lead, was: Space, actor: Actor, now: datetime) -> None:
    """Premises that were taken away stand there again, as they were; done twice it is done once.

    The caller has locked the lead. Raises Refusal as ``add_premises`` does.
    """
    standing = db.session.scalars(
        sa.select(Premises)
        .where(Premises.lead_id == lead.id)
        .options(joinedload(Premises.district), joinedload(Premises.park))
    )
    if was not in map(known_of, standing):
        add_premises(lead, was, actor, now)


def readable_premises(public_id: str, actor: Actor) -> tuple[Premises, Lead]:
    """Premises and their lead; NotFound when they are not there for this actor."""
    row = db.session.execute(
        sa.select(Premises, Lead)
        .join(Lead, Lead.id == Premises.lead_id)
        .where(Premises.public_id == public_id, visible_leads(actor))
        .options(joinedload(Premises.district), joinedload(Premises.park))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def may_write_premises(lead: Lead, actor: Actor) -> bool:
    """Whether the actor may write down where this lead's project sits."""
    theirs = sa.select(Lead.id).where(Lead.id == lead.id, writable_premises(actor))
    return db.session.scalar(theirs) is not None


def held_premises(public_id: str, actor: Actor) -> tuple[Premises, Lead]:
    """Premises under the lock of their lead, for who may change them.

    Raises NotFound and Forbidden.
    """
    _, lead = readable_premises(public_id, actor)
    lead = locked_lead(lead.public_id, actor, writable_premises)
    # Read again under the lock: somebody may have taken it back meanwhile.
    premises = db.session.scalar(
        sa.select(Premises)
        .where(Premises.public_id == public_id)
        .options(joinedload(Premises.district), joinedload(Premises.park))
        .execution_options(populate_existing=True)
    )
    if premises is None:
        raise NotFound
    return premises, lead


def _checked(given: Space, now: datetime) -> tuple[int, int | None]:
    """District and park of a description with nothing wrong in it."""
    errors: Errors = wrong_space(given, local_date(now))
    wrong_place: Errors = {}
    district_id, park_id = place_ids(given.premises, wrong_place)
    if wrong_place:
        errors["premises"] = wrong_place["district"]
    if errors or district_id is None:
        raise Refusal(errors)
    return district_id, park_id
