"""Premises of leads: where their people sit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right, readable_lead, writable_premises
from crm.errors import Refusal
from crm.landing import premises as service
from crm.landing.queries import sites_of
from crm.landing.rules import Space
from crm.leads import lookups
from crm.leads.moves import locked_lead
from models.premises import Premises
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.landing import NewPremisesSchema, PremisesChangesSchema, PremisesSchema
from views.guard import actor

noun = Noun("premises", "Premises: where the people of a lead's project sit.", path="")

_NAMES = {"premises": "district"}


@noun.get("/leads/<id:lead_id>/premises")
@noun.needs(Right.READ_LEADS)
@noun.arguments(ShortPaging, location="query")
@noun.pages(PremisesSchema)
def index(query: dict[str, Any], lead_id: str) -> dict[str, Any]:
    """List the premises of a lead

    All of them on one page, the first lease first.
    """
    lead = readable_lead(actor(), lead_id)
    return answers.all_of([_row(site.premises, lead_id) for site in sites_of(lead.id)], query)


@noun.post("/leads/<id:lead_id>/premises")
@noun.needs(Right.WRITE_PREMISES)
@noun.arguments(NewPremisesSchema)
@noun.makes(PremisesSchema)
def create(sent: dict[str, Any], lead_id: str) -> Response:
    """Add premises to a lead

    A project may have several. From signing on the officers of its park add them, too.
    """

    def make() -> Response:
        lead = locked_lead(lead_id, actor(), writable_premises)
        try:
            made = service.add_premises(lead, _space(sent, Space()), actor(), clock.now())
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
        return answers.made(_dumped(made.public_id), f"premises/{made.public_id}")

    return answers.once(make)


@noun.get("/premises/<id:premises_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(PremisesSchema)
def show(premises_id: str) -> Response:
    """Get premises"""
    return answers.read(_dumped(premises_id))


@noun.patch("/premises/<id:premises_id>")
@noun.needs(Right.WRITE_PREMISES)
@noun.arguments(PremisesChangesSchema)
@noun.answers(PremisesSchema)
def change(sent: dict[str, Any], premises_id: str) -> Response:
    """Change premises"""
    known, _lead = answers.matched(
        lambda: service.held_premises(premises_id, actor()), lambda _held: _dumped(premises_id)
    )
    try:
        given = _space(sent, service.known_of(known), known.district_id)
        service.edit_premises(premises_id, given, actor(), clock.now())
    except Refusal as refusal:
        raise answers.renamed(refusal, _NAMES) from None
    return answers.changed(_dumped(premises_id))


@noun.delete("/premises/<id:premises_id>")
@noun.needs(Right.WRITE_PREMISES)
@noun.gone
def remove(premises_id: str) -> Response:
    """Take premises back

    Those that were recorded wrongly; a project that has landed keeps its last.
    """
    answers.matched(
        lambda: service.held_premises(premises_id, actor()), lambda _held: _dumped(premises_id)
    )
    service.remove_premises(premises_id, actor(), clock.now())
    return answers.gone()


def _space(sent: dict[str, Any], before: Space, district_id: int | None = None) -> Space:
    """What is sent over what was there."""
    place = lookups.place_choice(sent, district_id)
    typed = {name: sent[name] for name in sent.keys() - {"district", "park"}}
    return replace(before, **typed, premises=before.premises if place is None else place)


def _dumped(premises_id: str) -> dict[str, Any]:
    found, lead = service.readable_premises(premises_id, actor())
    dumped: dict[str, Any] = PremisesSchema().dump(_row(found, lead.public_id))
    return dumped


def _row(premises: Premises, lead_id: str) -> dict[str, Any]:
    return {"premises": premises, "lead": lead_id}
