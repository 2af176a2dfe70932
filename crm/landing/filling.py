"""What a lead's gates ask for, filled in at once: all of it is saved, or nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor
from crm.errors import Refusal
from crm.files import Received
from crm.landing.arrival import arrive
from crm.landing.premises import add_premises
from crm.landing.registration import register
from crm.landing.rules import Arrival, Registration, Space
from crm.leads import reversals
from crm.leads.attachments import attach_to_lead
from crm.leads.edits import edit_lead
from crm.leads.inputs import Errors, LeadEdit
from crm.leads.moves import locked_lead, move_lead, refuse_stale
from crm.leads.rules import MoveRequest
from crm.messages import msg
from crm.visits.appointments.losing import call_off, called_off_with, put_back
from crm.visits.service import NewVisit, log_visit
from models import db
from models.attachment import AttachmentKind
from models.enums import Status
from models.lead import Lead
from models.stage_change import StageChange
from models.visit import Visit

# Gate fields that a visit brings: where it is wrong they are not said to be missing.
_BROUGHT = ("touch", "visit")


@dataclass(frozen=True)
class Filled:
    """What a person filled in for the gates on the way; a part that is None was not touched.

    ``fields`` are the gate fields among it: of these the person is told what is wrong with what
    they typed, not that it is missing.
    """

    lead: LeadEdit = field(default_factory=LeadEdit)
    visit: NewVisit | None = None
    agreement: Received | None = None
    registration: Registration | None = None
    space: Space | None = None
    arrival: Arrival | None = None
    call_off: tuple[str, ...] = ()
    """What was arranged and is called off with a loss, by public id."""
    fields: frozenset[str] = frozenset()


def fill(public_id: str, filled: Filled, actor: Actor, now: datetime) -> Lead:
    """Save what was filled in, or nothing of it (the caller rolls a refusal back).

    Raises NotFound, Forbidden, and a Refusal that names all that is wrong at once.
    """
    lead = locked_lead(public_id, actor)
    if errors := _fill(lead, filled, actor, now):
        raise Refusal(errors)
    return lead


def keep(public_id: str, filled: Filled, request: MoveRequest, actor: Actor, now: datetime) -> Lead:
    """Save what was filled in for a move that waits for somebody else, and do not move.

    Raises what ``fill`` raises, a Refusal where nothing was filled in, and Conflict where the lead
    was moved meanwhile.
    """
    lead = locked_lead(public_id, actor)
    refuse_stale(lead, request)
    if filled == Filled(fields=filled.fields):
        raise Refusal({}, msg("还没有填什么，没有可以存下的。"))
    if errors := _fill(lead, filled, actor, now):
        raise Refusal(errors)
    return lead


def fill_and_move(
    public_id: str, filled: Filled, request: MoveRequest, actor: Actor, now: datetime
) -> StageChange:
    """Save what the gates ask for and move, or do neither (the caller rolls a refusal back).

    Raises what ``move_lead`` raises; a Refusal names all that is wrong or missing at once. Sent
    again with the same visit it returns the move that was made with it.
    """
    lead = locked_lead(public_id, actor)
    if filled.visit and (made := _made_with(filled.visit, lead, request, actor)):
        return made
    refuse_stale(lead, request)  # nothing of a stale form is saved
    errors = _fill(lead, filled, actor, now)
    fresh = replace(request, version=None)
    if not errors:
        change = move_lead(public_id, fresh, actor, now)
        if change.to_status is Status.LOST:
            call_off(lead, filled.call_off, actor, now)
        return change
    missing: Errors = {}
    with _gathering(missing):
        move_lead(public_id, fresh, actor, now)
    unsaid = {field: texts for field, texts in missing.items() if field not in filled.fields}
    raise Refusal({field: texts for field, texts in {**unsaid, **errors}.items() if texts})


def reverse_move(public_id: str, seq: int, actor: Actor, now: datetime) -> StageChange:
    """Take a move back, with what was called off for it (``crm.leads.reversals``)."""
    lead = locked_lead(public_id, actor)
    change = db.session.scalar(
        sa.select(StageChange).where(StageChange.lead_id == lead.id, StageChange.seq == seq)
    )
    undone = reversals.reverse_move(public_id, seq, actor, now)
    if change is not None and change.to_status is Status.LOST:
        put_back(called_off_with(change), actor, now)
    return undone


def _made_with(
    visit: NewVisit, lead: Lead, request: MoveRequest, actor: Actor
) -> StageChange | None:
    """The move to where the lead is that was made at one moment with this very visit."""
    if lead.stage is not request.to_stage:
        return None
    query = (
        sa.select(StageChange)
        .join(Visit, Visit.recorded_at == StageChange.recorded_at)
        .where(
            Visit.author_id == actor.id,
            Visit.client_key == visit.client_key,
            StageChange.lead_id == lead.id,
            StageChange.actor_id == actor.id,
            StageChange.to_stage == lead.stage,
        )
        .order_by(StageChange.seq.desc())
        .limit(1)
    )
    found: StageChange | None = db.session.scalar(query)
    return found


def _fill(lead: Lead, filled: Filled, actor: Actor, now: datetime) -> Errors:
    """The parts in the order in which one needs the other; what is wrong in each of them."""
    errors: Errors = {}
    if filled.visit is not None:
        errors |= _log(filled.visit, actor, now)
    if filled.agreement is not None:
        with _gathering(errors):
            attach_to_lead(lead.public_id, filled.agreement, AttachmentKind.AGREEMENT, actor, now)
    if filled.lead:
        with _gathering(errors):
            edit_lead(lead.public_id, filled.lead, actor, now)
    if filled.registration is not None:
        with _gathering(errors):
            register(lead, filled.registration, now)
    if filled.space is not None:
        with _gathering(errors):
            add_premises(lead, filled.space, actor, now)
    if filled.arrival is not None:
        with _gathering(errors):
            arrive(lead, filled.arrival, now)
    return errors


def _log(visit: NewVisit, actor: Actor, now: datetime) -> Errors:
    """Log the visit that the gates wait for; what is wrong with it, and nothing said of them."""
    errors: Errors = {}
    if not (visit.contacts or visit.new_people):
        errors["contacts"] = [msg("点一下见了谁，新认识的人请写上姓名。")]
    with _gathering(errors):
        log_visit(visit, actor, now)
    return {**{field: [] for field in _BROUGHT}, **errors} if errors else {}


@contextmanager
def _gathering(errors: Errors) -> Iterator[None]:
    """Go on after a refusal with the next part; what is wrong with a field is said once."""
    try:
        yield
    except Refusal as refusal:
        for name, texts in refusal.errors.items():
            errors.setdefault(name, texts)
