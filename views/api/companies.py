"""Companies: found, read, written down, changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.companies import archiving, edits, other_names, queries, service
from crm.errors import Refusal
from crm.leads.claims import leading_holders
from crm.messages import Message, msg
from models import db
from models.company import Company, NameKind
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.companies import (
    CompanyChangesSchema,
    CompanyQuery,
    CompanySchema,
    NewCompanySchema,
)
from views.guard import actor

noun = Noun("companies", "Companies: one record each, and who holds it.")

_TEXTS = ("name", "short_name", "credit_code")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(CompanyQuery, location="query")
@noun.pages(CompanySchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List companies

    The latest first. A company that was merged into another stands in no list.
    """
    cursor = answers.check_cursor(query.get("cursor"), (answers.moment, answers.row_key))
    filters = queries.Filters(
        query=query.get("q", ""),
        list_code=query.get("list", ""),
        year=query.get("year"),
        segment=query.get("segment", ""),
        listed=query.get("listed", False),
        place=query.get("place", ""),
        name=query.get("name", ""),
        credit_code=query.get("credit_code", ""),
        kind=query.get("kind"),
    )
    found = queries.companies_page(filters, cursor, query["limit"])
    return answers.page(found, _rows(found.items))


@noun.get("/<id:company_id>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(CompanySchema)
def show(company_id: str) -> Response:
    """Get a company"""
    return answers.read(_dumped(queries.company_as_it_is(company_id)))


@noun.post("")
@noun.needs(Right.WRITE_COMPANIES)
@noun.arguments(NewCompanySchema)
@noun.makes(CompanySchema)
def create(sent: dict[str, Any]) -> Response:
    """Write down a company

    A name or credit code that another company has is refused, and the refusal names it.
    """

    def make() -> Response:
        errors: dict[str, list[Message]] = {}
        place_id = _place_id(sent.get("place"), errors)
        segments = _segments(sent.get("segments", ()), errors)
        if errors:
            raise Refusal(errors)
        company = service.create_unknown(
            sent["name"],
            now=clock.now(),
            short_name=sent.get("short_name"),
            credit_code=sent.get("credit_code"),
            place_id=place_id,
        )
        if segments:
            service.set_segments(company, segments)
        _set_names(company, sent)
        dumped = _dumped(queries.company_or_404(company.public_id))
        return answers.made(dumped, f"companies/{company.public_id}")

    return answers.once(make)


@noun.patch("/<id:company_id>")
@noun.needs(Right.WRITE_COMPANIES)
@noun.arguments(CompanyChangesSchema)
@noun.answers(CompanySchema)
def change(sent: dict[str, Any], company_id: str) -> Response:
    """Change a company"""
    company = answers.matched(lambda: queries.held_company(company_id), _dumped)
    errors: dict[str, list[Message]] = {}
    given: dict[str, Any] = {name: sent[name] or "" for name in _TEXTS if name in sent}
    if "place" in sent:
        given["place_id"] = _place_id(sent["place"], errors)
    if "segments" in sent:
        given["segments"] = _segments(sent["segments"], errors)
    if errors:
        raise Refusal(errors)
    wanted = replace(edits.known_of(company), **given)
    edits.change_company(company, wanted, now=clock.now())
    _set_names(company, sent)
    db.session.expire(company)
    return answers.changed(_dumped(queries.company_or_404(company_id)))


@noun.delete("/<id:company_id>")
@noun.needs(Right.ARCHIVE_COMPANIES)
@noun.gone
def remove(company_id: str) -> Response:
    """Put a company away

    For managers and the administrator. Refused while something stands on it, which is named: leads
    and visits that are not in the trash, list entries, relations. It lies in the trash and can be
    brought back there, unless somebody wrote it down again meanwhile.
    """
    answers.matched(lambda: queries.held_company(company_id), _dumped)
    archiving.archive_company(company_id, "", actor(), clock.now())
    return answers.gone()


def _dumped(company: Company) -> dict[str, Any]:
    (row,) = _rows([company])
    dumped: dict[str, Any] = CompanySchema().dump(row)
    return dumped


def _rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Companies with what stands beside them (three queries for all of them)."""
    keys = [company.id for company in companies]
    segments, holders = queries.segment_codes(keys), leading_holders(keys)
    names = other_names.other_names_of(keys)
    rows = []
    for company in companies:
        target = queries.merged_into(company)
        rows.append(
            {
                "company": company,
                "other_names": names.get(company.id, []),
                "segments": segments.get(company.id, []),
                "holder": holders.get(company.id),
                "merged_into": target.public_id if target else None,
            }
        )
    return rows


def _set_names(company: Company, sent: dict[str, Any]) -> None:
    if "other_names" not in sent:
        return
    asked = [(NameKind(one["kind"].value), one["name"]) for one in sent["other_names"]]
    try:
        other_names.set_names(company, asked)
    except Refusal as refusal:
        raise answers.renamed(refusal, {"name": "other_names"}) from None


def _place_id(code: str | None, errors: dict[str, list[Message]]) -> int | None:
    found = queries.place_id_of(code) if code else None
    if code and found is None:
        errors["place"] = [msg("没有代码为“%(code)s”的这一项，请核对。", code=code)]
    return found


def _segments(codes: Sequence[str], errors: dict[str, list[Message]]) -> list[str]:
    if unknown := queries.unknown_segments(codes):
        errors["segments"] = [
            msg("没有代码为“%(code)s”的这一项，请核对。", code=code) for code in unknown
        ]
    return list(codes)
