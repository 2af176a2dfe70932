"""Offers: proposed by one person, decided by another, withdrawn."""

from __future__ import annotations

from collections import Counter
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Refusal
from crm.messages import msg
from crm.offers import extracts, service
from crm.offers.rules import Proposal
from models.offer import Offer
from views.api import answers
from views.api.fields import Body
from views.api.noun import Noun
from views.api.schemas.offers import NewDecisionSchema, NewOfferSchema, OfferQuery, OfferSchema
from views.guard import actor

noun = Noun("offers", "Offers: what a lead is offered under the policy, version by version.")


@noun.get("")
@noun.needs(Right.READ_OFFERS)
@noun.arguments(OfferQuery, location="query")
@noun.pages(OfferSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List offers

    Those that the caller may see, the newest first.
    """
    limit = query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.row_key,))
    found = extracts.offers_page(actor(), extracts.Wanted(**query), limit=limit, cursor=cursor)
    return answers.page(found, found.items)


@noun.get("/<id:offer_id>")
@noun.needs(Right.READ_OFFERS)
@noun.answers(OfferSchema)
def show(offer_id: str) -> Response:
    """Get an offer"""
    return answers.read(_dumped(offer_id))


@noun.post("")
@noun.needs(Right.PROPOSE_OFFERS)
@noun.arguments(NewOfferSchema)
@noun.makes(OfferSchema)
def create(sent: dict[str, Any]) -> Response:
    """Propose an offer

    Amounts are held to the caps of the policy; a line that is not let pass is named in `errors` as
    `lines.CODE`. One version of a lead waits at a time.
    """

    def make() -> Response:
        lines = sent.get("lines", [])
        twice = [code for code, n in Counter(line["rule"] for line in lines).items() if n > 1]
        if twice:
            raise Refusal({f"lines.{code}": [msg("这一项只能给一次。")] for code in twice})
        proposal = Proposal(
            {line["rule"]: line["amount_cny"] for line in lines},
            sent.get("no_incentive", False),
            sent.get("note", ""),
        )
        with answers.named("lead"):
            offer = service.propose(sent["lead"], proposal, actor(), clock.now())
        return _made(offer)

    return answers.once(make)


@noun.post("/<id:offer_id>/decision")
@noun.needs(Right.DECIDE_OFFERS)
@noun.arguments(NewDecisionSchema)
@noun.makes(OfferSchema)
def decide(sent: dict[str, Any], offer_id: str) -> Response:
    """Approve or refuse an offer

    Never by who proposed it (403). When somebody was faster, 409 says who and when.
    """

    def make() -> Response:
        reason = sent.get("reason", "")
        return _made(service.decide(offer_id, sent["decision"], reason, actor(), clock.now()))

    return answers.once(make)


@noun.post("/<id:offer_id>/withdrawal")
@noun.needs(Right.PROPOSE_OFFERS)
@noun.arguments(Body)
@noun.makes(OfferSchema)
def withdraw(_sent: dict[str, Any], offer_id: str) -> Response:
    """Withdraw an offer

    One that nobody has decided yet, or a statement on which no signing rests.
    """
    return answers.once(lambda: _made(service.withdraw(offer_id, actor(), clock.now())))


def _made(offer: Offer) -> Response:
    return answers.made(_dumped(offer.public_id), f"offers/{offer.public_id}")


def _dumped(offer_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = OfferSchema().dump(extracts.readable_offer(actor(), offer_id))
    return dumped
