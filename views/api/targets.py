"""Target lists, their editions and entries, with state and coverage."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import NotFound
from crm.leads.claims import leading_holders
from crm.targets import assigning, queries
from crm.targets.states import COVERED_DAYS, EntryState, state_of
from models.target import ListEdition, TargetList
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.facts import (
    AssignmentSchema,
    EditionSchema,
    EntryQuery,
    EntrySchema,
    NewAssignmentSchema,
    TargetListSchema,
)
from views.guard import actor

noun = Noun("targets", "Target lists: whom to go after, and how far each entry got.")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ShortPaging, location="query")
@noun.pages(TargetListSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the target lists

    All of them on one page, each with its editions and how they stand.
    """
    return answers.all_of(_lists(), query)


@noun.get("/<code:list_code>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(TargetListSchema)
def show(list_code: str) -> Response:
    """Get a target list"""
    found = [row for row in _lists() if row["code"] == list_code]
    if not found:
        raise NotFound
    return answers.read(TargetListSchema().dump(found[0]))


@noun.get("/<code:list_code>/<year:year>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(EditionSchema)
def edition(list_code: str, year: int) -> Response:
    """Get an edition"""
    found = queries.edition_or_404(list_code, year)
    standing = queries.standings(clock.now(), found.id).get(found.id, queries.Standing())
    return answers.read(EditionSchema().dump(edition_row(found, list_code, standing)))


@noun.get("/<code:list_code>/<year:year>/entries")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(EntryQuery, location="query")
@noun.pages(EntrySchema)
def entries(query: dict[str, Any], list_code: str, year: int) -> dict[str, Any]:
    """List the entries of an edition

    By rank, those without one at the end. State and coverage are two figures: a company with an
    engaged lead and no touch for ninety days is engaged and not covered.
    """
    now = clock.now()
    cursor = answers.check_cursor(query.get("cursor"), (answers.row_key, answers.row_key))
    filters = queries.Filters(
        state=state_of(query.get("state", "")),
        covered=query.get("covered", False),
        undecided=query.get("undecided"),
        query=query.get("q", ""),
    )
    found = queries.entries_page(
        queries.edition_or_404(list_code, year), filters, actor(), now, cursor, query["limit"]
    )
    return answers.page(found, _entries(found.items))


@noun.post("/<code:list_code>/<year:year>/assignments")
@noun.needs(Right.ASSIGN_TARGETS)
@noun.arguments(NewAssignmentSchema)
@noun.makes(AssignmentSchema)
def assign(sent: dict[str, Any], list_code: str, year: int) -> Response:
    """Give entries of an edition to a team

    For managers. Entries whose company a lead follows are left alone and counted. Whoever leads
    the team is reminded of them every week until somebody has a lead.
    """

    def make() -> Response:
        edition = queries.edition_or_404(list_code, year)
        entries = assigning.named(edition, sent["keys"])
        team = sent.get("team", assigning.BY_PLACE)
        done = assigning.assign(entries, assigning.NOBODY if team is None else team)
        dumped = AssignmentSchema().dump(done)
        return answers.made(dumped, f"targets/{list_code}/{year}/entries")

    return answers.once(make)


def _lists() -> list[dict[str, Any]]:
    editions, standings = queries.editions(), queries.standings(clock.now())
    return [
        {
            **{name: getattr(target, name) for name in _COLUMNS},
            "editions": [
                edition_row(of_year, target.code, standings.get(of_year.id, queries.Standing()))
                for of_year in editions.get(target.id, ())
            ],
        }
        for target in queries.lists()
    ]


_COLUMNS = [name for name in TargetListSchema().fields if name in TargetList.__table__.columns]


def edition_row(found: ListEdition, code: str, standing: queries.Standing) -> dict[str, Any]:
    """An edition and how it stands, as its schema has it."""
    return {
        "list": code,
        "year": found.year,
        "entries": standing.entries,
        "undecided": standing.undecided,
        "covered": standing.covered,
        "coverage_percent": standing.coverage,
        "states": {state.code: standing.states.get(state, 0) for state in EntryState},
    }


def _entries(rows: Any) -> list[dict[str, Any]]:
    keys = [row.entry.company_id for row in rows if row.entry.company_id is not None]
    holders, now = leading_holders(keys), clock.now()
    return [
        {
            "entry": row.entry,
            "state": row.state,
            "covered": _covered(row.entry.company, now),
            "holder": holders.get(row.entry.company_id),
        }
        for row in rows
    ]


def _covered(company: Any, now: Any) -> bool:
    touched = company.last_touch_at if company else None
    return touched is not None and (now - touched).total_seconds() <= COVERED_DAYS * 86_400
