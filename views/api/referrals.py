"""Referrals by machine: who led a lead or a company to us."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Refusal
from crm.messages import msg
from crm.referrals import queries, service
from crm.referrals.queries import Wanted
from crm.referrals.service import ReferralInput
from models.referral import Referral
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.events import NewReferralSchema, ReferralQuery, ReferralSchema
from views.guard import actor

noun = Noun("referrals", "Referrals: who led a lead, or a company without one, to us.")


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(ReferralQuery, location="query")
@noun.pages(ReferralSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List referrals

    Of companies, and of the leads that the caller may read; the latest first.
    """
    limit = query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.row_key,))
    found = queries.referrals_page(actor(), Wanted(**query), cursor, limit)
    return answers.page(found, [_row(one) for one in found.items])


@noun.get("/<id:referral_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(ReferralSchema)
def show(referral_id: str) -> Response:
    """Get a referral"""
    return answers.read(_dumped(referral_id))


@noun.post("")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewReferralSchema)
@noun.makes(ReferralSchema)
def create(sent: dict[str, Any]) -> Response:
    """Say who led a lead or a company to us

    One of `lead` and `company`, and one of `referrer` and `source`. It takes the place of what
    stood there. A circle is refused at `referrer`.
    """
    lead, company = sent.pop("lead", ""), sent.pop("company", "")

    def make() -> Response:
        if bool(lead) == bool(company):
            raise Refusal({"lead": [msg("线索和企业填一个。")]})
        typed, now = ReferralInput(**sent), clock.now()
        with answers.named("lead" if lead else "company"):
            if lead:
                made = service.refer_lead(lead, typed, actor(), now)
            else:
                made = service.refer_company(company, typed, actor(), now)
        return answers.made(_dumped(made.public_id), f"referrals/{made.public_id}")

    return answers.once(make)


@noun.delete("/<id:referral_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.gone
def remove(referral_id: str) -> Response:
    """Take back who led it to us"""
    found = answers.matched(
        lambda: service.held_referral(referral_id, actor()), lambda _held: _dumped(referral_id)
    )
    if found.lead is not None:
        service.forget_lead(found.lead.public_id, actor())
    else:
        service.forget_company(found.company.public_id, actor())
    return answers.gone()


def _dumped(referral_id: str) -> dict[str, Any]:
    found = _row(queries.readable_referral(actor(), referral_id))
    dumped: dict[str, Any] = ReferralSchema().dump(found)
    return dumped


def _row(one: Referral) -> dict[str, Any]:
    """With null for what is not said."""
    others = {"lead": one.lead, "referrer": one.referrer, "contact": one.contact}
    names = ("public_id", "company", "source", "happened_on", "note")
    return {
        **{name: getattr(one, name) for name in names},
        **{name: other.public_id if other else None for name, other in others.items()},
    }
