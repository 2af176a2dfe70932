"""What an actor may see of leads, as conditions of queries. Nothing else decides it."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access.actor import Actor
from crm.access.policy import Right, allowed
from crm.access.scopes import Scope, scopes
from crm.errors import NotFound
from models import db
from models.attachment import Attachment
from models.enums import Role, Stage
from models.lead import CreditShare, Lead
from models.offer import Offer
from models.visit import Visit, VisitLead

Condition = sa.ColumnElement[bool]

# A park or district hears of a lead once terms are discussed.
PLACE_STAGES = (Stage.NEGOTIATING, Stage.COMMITTED, Stage.REGISTERED, Stage.LANDED)


def visible_leads(actor: Actor) -> Condition:
    """The leads whose content the actor may read."""
    if not allowed(actor, Right.READ_LEADS):
        return sa.false()
    match actor.role:
        case Role.MANAGER | Role.AUDITOR:
            return sa.true()
        case Role.PARK_OFFICER:
            return sa.or_(_in_place(actor), _shared_with(actor))
        case Role.LIAISON_LEADER:
            return sa.or_(Lead.liaison_id == actor.id, _shared_with(actor))
        case _:
            return sa.or_(
                Lead.team_id.in_(actor.teams), Lead.owner_id == actor.id, _shared_with(actor)
            )


def writable_leads(actor: Actor) -> Condition:
    """The leads the actor may change and move."""
    if not allowed(actor, Right.WRITE_LEADS):
        return sa.false()
    if actor.role is Role.MANAGER:
        return sa.true()
    return sa.or_(Lead.team_id.in_(actor.teams), Lead.owner_id == actor.id)


def may_write(lead: Lead, actor: Actor) -> bool:
    """Whether the actor may change a lead that they can read (the same as ``writable_leads``)."""
    if not allowed(actor, Right.WRITE_LEADS):
        return False
    return actor.role is Role.MANAGER or lead.team_id in actor.teams or lead.owner_id == actor.id


def visible_visits(actor: Actor) -> Condition:
    """The visits the actor may read: their own, and those of a lead they may read."""
    about = (
        sa.select(VisitLead.visit_id)
        .join(Lead, Lead.id == VisitLead.lead_id)
        .where(VisitLead.visit_id == Visit.id, visible_leads(actor))
        .exists()
    )
    return sa.or_(Visit.author_id == actor.id, about)


def visible_offers(actor: Actor) -> Condition:
    """The leads whose offers and promises the actor may read, fewer than those they may read.

    Not the other scouts of the team, and not who merely shares in the credit.
    """
    if not allowed(actor, Right.READ_OFFERS):
        return sa.false()
    match actor.role:
        case Role.MANAGER | Role.AUDITOR:
            return sa.true()
        case Role.PARK_OFFICER:
            return _in_place(actor)
        case Role.TEAM_LEAD:
            return sa.or_(Lead.team_id.in_(actor.teams), Lead.owner_id == actor.id)
        case _:
            return Lead.owner_id == actor.id


def may_see_offers(lead: Lead, actor: Actor) -> bool:
    """The same as ``visible_offers``, of a lead that the actor can read."""
    if not allowed(actor, Right.READ_OFFERS):
        return False
    match actor.role:
        case Role.MANAGER | Role.AUDITOR:
            return True
        case Role.PARK_OFFICER:
            here = lead.park_id in actor.parks or lead.district_id in actor.districts
            return here and lead.stage in PLACE_STAGES
        case Role.TEAM_LEAD:
            return lead.team_id in actor.teams or lead.owner_id == actor.id
        case _:
            return lead.owner_id == actor.id


def visible_attachments(actor: Actor) -> Condition:
    """The files the actor may read: those on a lead, visit or offer that they may read."""
    on_lead = sa.select(Lead.id).where(Lead.id == Attachment.lead_id, visible_leads(actor))
    on_visit = sa.select(Visit.id).where(Visit.id == Attachment.visit_id, visible_visits(actor))
    on_offer = (
        sa.select(Offer.id)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(Offer.id == Attachment.offer_id, visible_offers(actor))
    )
    return sa.or_(on_lead.exists(), on_visit.exists(), on_offer.exists())


def in_scope(actor: Actor, scope: Scope) -> Condition:
    """The leads of a scope that the actor may choose, in a shape that an index serves."""
    if scope not in scopes(actor):
        raise NotFound
    match scope:
        case Scope.CITY:
            return sa.true()
        case Scope.TEAM:
            return (
                Lead.team_id == actor.team
                if len(actor.teams) == 1
                else Lead.team_id.in_(actor.teams)
            )
        case Scope.PLACE:
            return _in_place(actor)
        case Scope.MINE:
            if actor.role is Role.LIAISON_LEADER:
                return Lead.liaison_id == actor.id
            return Lead.owner_id == actor.id


def readable_lead(actor: Actor, public_id: str, *options: sa.sql.base.ExecutableOption) -> Lead:
    """The lead by its public id; NotFound when it is not there for this actor."""
    lead = db.session.scalar(
        sa.select(Lead).where(Lead.public_id == public_id, visible_leads(actor)).options(*options)
    )
    if lead is None:
        raise NotFound
    return lead


def _in_place(actor: Actor) -> Condition:
    return sa.and_(
        sa.or_(Lead.park_id.in_(actor.parks), Lead.district_id.in_(actor.districts)),
        Lead.stage.in_(PLACE_STAGES),
    )


def _shared_with(actor: Actor) -> Condition:
    return (
        sa.select(sa.literal(1))
        .where(
            CreditShare.lead_id == Lead.id,
            sa.or_(CreditShare.user_id == actor.id, CreditShare.team_id.in_(actor.teams)),
        )
        .exists()
    )
