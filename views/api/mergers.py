"""Mergers: two records of one company made one, and parted again."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.companies.queries import company_or_404, held_company
from crm.errors import NotFound, Refusal
from crm.mergers import service
from crm.mergers.queries import merger_or_404, mergers_into
from crm.messages import msg
from models.merger import Merger
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.mergers import MergerSchema, NewMergerSchema
from views.guard import actor

noun = Noun("mergers", "Mergers: two records that were one company.", path="")


@noun.get("/companies/<id:company_id>/mergers")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ShortPaging, location="query")
@noun.pages(MergerSchema)
def index(query: dict[str, Any], company_id: str) -> dict[str, Any]:
    """List what was merged into a company

    The latest first; what was parted again is not among them.
    """
    return answers.all_of(list(mergers_into(company_or_404(company_id).id)), query)


@noun.post("/companies/<id:company_id>/mergers")
@noun.needs(Right.MERGE_COMPANIES)
@noun.arguments(NewMergerSchema)
@noun.makes(MergerSchema)
def create(sent: dict[str, Any], company_id: str) -> Response:
    """Merge another company into this one

    For managers and the administrator. Leads, visits, contacts, list entries and all else that was
    said of the other is said of this one from then on; reports of the past stay as they were.
    Refused, with all reasons, when the two can not be one: two credit codes, an open lead of the
    same project each, one belongs to the other or is its local company.
    """

    def make() -> Response:
        company = company_or_404(company_id)
        try:
            other = company_or_404(sent["other"])
        except NotFound:
            raise Refusal({"other": [msg("没有找到这家企业，请重新选。")]}) from None
        merger = service.merge(other.public_id, company.public_id, actor(), clock.now())
        dumped = _dumped(merger_or_404(merger.public_id, company.id))
        at = f"companies/{company.public_id}/mergers/{merger.public_id}"
        return answers.made(dumped, at)

    return answers.once(make)


@noun.get("/companies/<id:company_id>/mergers/<id:merger_id>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(MergerSchema)
def show(company_id: str, merger_id: str) -> Response:
    """Get a merger"""
    company = company_or_404(company_id)
    return answers.read(_dumped(merger_or_404(merger_id, company.id)))


@noun.delete("/companies/<id:company_id>/mergers/<id:merger_id>")
@noun.needs(Right.MERGE_COMPANIES)
@noun.gone
def part(company_id: str, merger_id: str) -> Response:
    """Part two companies again

    What moved goes back, but for what somebody has changed since; what came later stays.
    """
    answers.matched(lambda: merger_or_404(merger_id, held_company(company_id).id), _dumped)
    service.part(company_id, merger_id, actor())
    return answers.gone()


def _dumped(merger: Merger) -> dict[str, Any]:
    dumped: dict[str, Any] = MergerSchema().dump(merger)
    return dumped
