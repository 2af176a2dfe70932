"""What a lead's gates ask for, filled in at once: all of it is saved, or nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm.access import Actor
from crm.errors import Refusal
from crm.files import Received
from crm.landing.arrival import arrive
from crm.landing.premises import add_premises
from crm.landing.registration import register
from crm.landing.rules import Arrival, Registration, Space
from crm.leads.attachments import attach_to_lead
from crm.leads.edits import edit_lead
from crm.leads.inputs import Errors, LeadEdit
from crm.leads.moves import locked_lead, move_lead
from crm.leads.rules import MoveRequest
from models.attachment import AttachmentKind
from models.lead import Lead
from models.stage_change import StageChange


@dataclass(frozen=True)
class Filled:
    """What a person filled in for the gates on the way; a part that is None was not touched.

    ``fields`` are the gate fields among it: of these the person is told what is wrong with what
    they typed, not that it is missing.
    """

    lead: LeadEdit = field(default_factory=LeadEdit)
    agreement: Received | None = None
    registration: Registration | None = None
    space: Space | None = None
    arrival: Arrival | None = None
    fields: frozenset[str] = frozenset()


def fill(public_id: str, filled: Filled, actor: Actor, now: datetime) -> Lead:
    """Save what was filled in, or nothing of it (the caller rolls a refusal back).

    Raises NotFound, Forbidden, and a Refusal that names all that is wrong at once.
    """
    lead = locked_lead(public_id, actor)
    if errors := _fill(lead, filled, actor, now):
        raise Refusal(errors)
    return lead


def fill_and_move(
    public_id: str, filled: Filled, request: MoveRequest, actor: Actor, now: datetime
) -> StageChange:
    """Save what the gates ask for and move, or do neither (the caller rolls a refusal back).

    Raises what ``move_lead`` raises; a Refusal names all that is wrong or missing at once.
    """
    lead = locked_lead(public_id, actor)
    if request.version not in {None, lead.version}:
        # Nothing of a stale form is saved: the same refusal as of a plain move.
        return move_lead(public_id, request, actor, now)
    errors = _fill(lead, filled, actor, now)
    fresh = replace(request, version=None)
    if not errors:
        return move_lead(public_id, fresh, actor, now)
    missing: Errors = {}
    with _gathering(missing):
        move_lead(public_id, fresh, actor, now)
    raise Refusal({**{f: e for f, e in missing.items() if f not in filled.fields}, **errors})


def _fill(lead: Lead, filled: Filled, actor: Actor, now: datetime) -> Errors:
    """The parts in the order in which one needs the other; what is wrong in each of them."""
    errors: Errors = {}
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


@contextmanager
def _gathering(errors: Errors) -> Iterator[None]:
    """Go on after a refusal with the next part; what is wrong with a field is said once."""
    try:
        yield
    except Refusal as refusal:
        for name, texts in refusal.errors.items():
            errors.setdefault(name, texts)
