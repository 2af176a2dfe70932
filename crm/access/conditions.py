"""What an actor may see of leads, as conditions of queries. Nothing else decides it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa

from crm.access.actor import Actor
from crm.access.archive import present
from crm.access.policy import Right, allowed
from crm.access.scopes import Scope, scopes
from crm.errors import Forbidden, NotFound
from models import db
from models.appointment import Appointment, AppointmentUser
from models.attachment import Attachment
from models.enums import SIGNED, Role, Stage, TaskKind
from models.lead import CreditShare, Lead
from models.offer import Offer
from models.sets import among
from models.task import Task
from models.visit import Visit, VisitLead

Condition = sa.ColumnElement[bool]

# A park or district hears of a lead once terms are discussed.
PLACE_STAGES = (Stage.NEGOTIATING, Stage.COMMITTED, Stage.REGISTERED, Stage.LANDED)


def _as_it_is(column: Any) -> Any:
    return column


def _as_a_sum(column: Any) -> Any:
    """Which no index serves."""
    return column + 0


def visible_leads(actor: Actor, *, by_row: bool = False) -> Condition:
    """The leads whose content the actor may read.

    ``by_row``: of rows that another condition finds by its index, a day or a deadline. A planner
    would rather read all leads of a team, which are a hundred times as many.
    """
    if not allowed(actor, Right.READ_LEADS):
        return sa.false()
    return sa.and_(sa.or_(*_grounds(actor, by_row=by_row)), present())


def visible_parts(actor: Actor, *, by_row: bool = False) -> list[Condition]:
    """The same leads in parts that share none: counts over them add up, each by its own index.

    All but the first are few, and found by their keys: what is of no other part can be told from
    an index alone. ``by_row``: as of ``visible_leads``, of the first.
    """
    if not allowed(actor, Right.READ_LEADS):
        return []
    if sees_the_city(actor):
        return [present()]
    first, *others = _grounds(actor)[:-1]
    found = _grounds(actor, by_row=by_row)[:1]
    gaps = beyond(Lead.team_id, actor.teams) if first_by_team(actor) else [~_known(first)]
    found += [_by_key([sa.select(Lead.id).where(one, gap) for gap in gaps]) for one in others]
    found.append(sa.and_(_by_share(actor), *(~_known(one) for one in (first, *others))))
    return [sa.and_(present(), part) for part in found]


def _by_key(keys: Sequence[sa.Select[int]]) -> Condition:
    return among(Lead.id, sa.union_all(*(each.correlate(None) for each in keys)).scalar_subquery())


def _by_share(actor: Actor) -> Condition:
    """The last of the grounds, which are keys already, as few of very many."""
    return among(Lead.id, _shares(actor).scalar_subquery())


def _known(ground: Condition) -> sa.ColumnElement[bool]:
    """A ground that is false where a column of it is null."""
    return sa.func.coalesce(ground, sa.false())


def visible_beyond_teams(actor: Actor) -> list[Condition]:
    """Why the actor may read leads that neither are nor are shared with a team of theirs, each
    ground by its own index.

    With those of their teams these are all that they may read, where they do not see the city.
    """
    if sees_the_city(actor) or not allowed(actor, Right.READ_LEADS):
        return []
    shared = sa.select(CreditShare.lead_id).where(CreditShare.user_id == actor.id)
    grounds = [
        *_grounds(actor)[int(first_by_team(actor)) : -1],
        among(Lead.id, shared.scalar_subquery()),
    ]
    return [sa.and_(ground, gap) for ground in grounds for gap in beyond(Lead.team_id, actor.teams)]


def beyond(column: Any, teams: Collection[int]) -> list[Condition]:
    """Another team than these, as ranges that an index skips to: a NOT IN looks at each row."""
    ends = sorted(teams)
    lower = [None, *ends]
    upper = [*ends, None]
    return [
        sa.and_(
            *() if low is None else (column > low,),
            *() if high is None else (column < high,),
        )
        if ends
        else sa.true()
        for low, high in zip(lower, upper, strict=True)
    ]


def first_by_team(actor: Actor) -> bool:
    """Whether the first reason why the actor may read a lead is that it is of their teams."""
    elsewhere = {Role.PARK_OFFICER, Role.LIAISON_LEADER}
    by_right = allowed(actor, Right.READ_LEADS) and not sees_the_city(actor)
    return by_right and actor.role not in elsewhere


def sees_the_city(actor: Actor) -> bool:
    """Whether the actor may read every lead."""
    return actor.role in {Role.MANAGER, Role.AUDITOR}


def _grounds(actor: Actor, *, by_row: bool = False) -> list[Condition]:
    """Why the actor may read a lead: any of these."""

    at = _as_a_sum if by_row else _as_it_is
    if sees_the_city(actor):
        return [sa.true()]
    match actor.role:
        case Role.PARK_OFFICER:
            return [_in_place(actor, at), _shared_with(actor, at)]
        case Role.LIAISON_LEADER:
            return [at(Lead.liaison_id) == actor.id, _shared_with(actor, at)]
        case _:
            return [
                at(Lead.team_id).in_(actor.teams),
                at(Lead.owner_id) == actor.id,
                _shared_with(actor, at),
            ]


def writable_leads(actor: Actor) -> Condition:
    """The leads the actor may change and move."""
    if not allowed(actor, Right.WRITE_LEADS):
        return sa.false()
    if actor.role is Role.MANAGER:
        return sa.true()
    return sa.or_(Lead.team_id.in_(actor.teams), Lead.owner_id == actor.id)


def writable_premises(actor: Actor) -> Condition:
    """The leads whose premises the actor may write down and change."""
    if not allowed(actor, Right.WRITE_PREMISES):
        return sa.false()
    if actor.role is Role.PARK_OFFICER:
        # A park knows its space best.
        return sa.and_(_in_place(actor), Lead.stage.in_(SIGNED))
    return writable_leads(actor)


def may_write(lead: Lead, actor: Actor) -> bool:
    """Whether the actor may change a lead that they can read (the same as ``writable_leads``)."""
    return may_write_held(lead.team_id, lead.owner_id, actor)


def may_write_held(team_id: int, owner_id: int, actor: Actor) -> bool:
    """The same of a lead of which only this is known: whose it is."""
    if not allowed(actor, Right.WRITE_LEADS):
        return False
    return actor.role is Role.MANAGER or team_id in actor.teams or owner_id == actor.id


def visible_visits(actor: Actor) -> Condition:
    """The visits the actor may read: their own, and those of a lead they may read."""
    if sees_the_city(actor):
        return present(Visit)
    about = (
        sa.select(VisitLead.visit_id)
        .join(Lead, Lead.id == VisitLead.lead_id)
        .where(VisitLead.visit_id == Visit.id, visible_leads(actor))
        .exists()
    )
    return sa.and_(sa.or_(Visit.author_id == actor.id, about), present(Visit))


def visible_appointments(actor: Actor) -> Condition:
    """The appointments the actor may read: those they take part in, and those of a lead they may
    read."""
    if not allowed(actor, Right.READ_LEADS):
        return sa.false()
    if sees_the_city(actor):
        return sa.true()
    about = sa.select(Lead.id).where(Lead.id == Appointment.lead_id, visible_leads(actor)).exists()
    return sa.or_(takes_part(sa.literal(actor.id)), about)


def takes_part(person: sa.ColumnElement[int]) -> Condition:
    """The appointments that somebody arranged or comes along to."""
    comes = sa.select(AppointmentUser.appointment_id).where(AppointmentUser.user_id == person)
    return sa.or_(Appointment.author_id == person, Appointment.id.in_(comes))


def visible_offers(actor: Actor) -> Condition:
    """The leads whose offers and promises the actor may read, fewer than those they may read.

    Not the other scouts of the team, and not who merely shares in the credit.
    """
    if not allowed(actor, Right.READ_OFFERS):
        return sa.false()
    return sa.and_(_offered(actor), present())


def _offered(actor: Actor) -> Condition:
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


def visible_promises(actor: Actor) -> Condition:
    """The promises the actor may read, of tasks and their leads: where they see the offers, and
    those that they have to keep themselves.
    """
    own = sa.and_(Task.assignee_id == actor.id, visible_leads(actor))
    return sa.or_(visible_offers(actor), own)


def promises_there(actor: Actor) -> Condition:
    """The same as ``visible_promises``, of tasks on leads that the actor can read.

    The leads are not looked at again: each further look at who shares in them is so dear to
    PostgreSQL that it would rather read all leads than those of a few tasks.
    """
    offered = _offered(actor) if allowed(actor, Right.READ_OFFERS) else sa.false()
    return sa.or_(Task.assignee_id == actor.id, offered)


def no_hidden_promise(actor: Actor) -> Condition:
    """Of tasks on leads that the actor can read: all but the promises that are not theirs to."""
    if sees_the_city(actor):
        return sa.true()
    return sa.or_(Task.kind != TaskKind.PROMISE, promises_there(actor))


def may_see_promise(task: Task, lead: Lead, actor: Actor) -> bool:
    """The same as ``visible_promises``, of a promise on a lead that the actor can read."""
    return task.assignee_id == actor.id or may_see_offers(lead, actor)


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
    """The leads of a scope, in a shape that an index serves.

    Raises NotFound for a scope that is not the actor's to choose.
    """
    if scope not in scopes(actor):
        raise NotFound
    return sa.and_(_scoped(actor, scope), present())


def _scoped(actor: Actor, scope: Scope) -> Condition:
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


def writable_lead(actor: Actor, public_id: str, *options: sa.sql.base.ExecutableOption) -> Lead:
    """The same for who may change it. Raises NotFound, and Forbidden for who only reads it."""
    lead = readable_lead(actor, public_id, *options)
    if not may_write(lead, actor):
        raise Forbidden
    return lead


def _in_place(actor: Actor, at: Callable[[Any], Any] = _as_it_is) -> Condition:
    places: list[Condition] = []
    if actor.parks:
        places.append(at(Lead.park_id).in_(actor.parks))
    if actor.districts:
        places.append(at(Lead.district_id).in_(actor.districts))
    return sa.and_(sa.or_(sa.false(), *places), Lead.stage.in_(PLACE_STAGES))


def _shared_with(actor: Actor, at: Callable[[Any], Any] = _as_it_is) -> Condition:
    """By key, so that an index finds them; a look at each lead's shares would read every lead."""
    found: Condition = at(Lead.id).in_(_shares(actor))
    return found


def _shares(actor: Actor) -> sa.CompoundSelect[int]:
    """The keys of the leads in whose credit the actor or their team has a share.

    Each by its own index: of both in one condition a planner reads all shares there are.
    """
    shares = sa.select(CreditShare.lead_id).correlate(None)
    return shares.where(CreditShare.user_id == actor.id).union(
        shares.where(CreditShare.team_id.in_(actor.teams))
    )
