"""Lists and ledgers as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from crm import clock, exports
from crm.access import Right, allowed
from crm.errors import NotFound
from crm.exports import Format, Table
from crm.exports.trail import record
from crm.formats import say
from crm.leads import listing
from crm.leads.filters import read_filter
from crm.promises.queries import read_book_filter
from crm.reports import sheets
from crm.reports.ledger import Ledger, ledger
from crm.targets.queries import edition_or_404
from views import companies, targets
from views.guard import actor, needs
from views.lead_lists import asked_columns, columns_arg

blueprint = Blueprint("exports", __name__)

_FORMATS = "<any(xlsx, csv):ending>"


@blueprint.get(f"/leads.{_FORMATS}")
@needs(Right.EXPORT)
def leads(ending: str) -> ResponseReturnValue:
    """The list of leads as shown: the same filter, the same order, the same columns."""
    _reads_leads()
    today = clock.today()
    wanted = read_filter(request.args, actor()).filter
    sort = listing.sort_of(request.args.get("sort", ""))
    columns = asked_columns(request.args)
    return _file(
        "leads",
        Format(ending),
        lambda: sheets.leads_sheet(actor(), wanted, sort, columns, today),
        {**wanted.as_args(), **columns_arg(columns), "sort": sort},
    )


@blueprint.get(f"/ledgers/<any(negotiating, signed, landed):kind>.{_FORMATS}")
@needs(Right.EXPORT)
def ledgers(kind: str, ending: str) -> ResponseReturnValue:
    """A ledger of everything one may read, or of what the filter of the list leaves."""
    _reads_leads()
    now, which = clock.now(), Ledger(kind)
    wanted = read_filter({"status": "open", **request.args.to_dict()}, actor()).filter
    return _file(
        f"ledger.{which}",
        Format(ending),
        lambda: ledger(which, actor(), wanted, now),
        wanted.as_args(),
    )


@blueprint.get(f"/promises.{_FORMATS}")
@needs(Right.EXPORT)
def promises(ending: str) -> ResponseReturnValue:
    """The promise book as shown."""
    _reads_leads()
    today, wanted = clock.today(), read_book_filter(request.args, actor())
    return _file(
        "promises",
        Format(ending),
        lambda: sheets.promises_sheet(actor(), wanted, today),
        wanted.as_args(),
    )


@blueprint.get(f"/companies.{_FORMATS}")
@needs(Right.EXPORT)
def company_list(ending: str) -> ResponseReturnValue:
    """The list of companies as shown."""
    filters = companies.asked_filters()
    return _file(
        "companies",
        Format(ending),
        lambda: sheets.companies_sheet(filters, actor()),
        _said(filters),
    )


@blueprint.get(f"/targets/<list_code>/<int:year>.{_FORMATS}")
@needs(Right.EXPORT)
def entries(list_code: str, year: int, ending: str) -> ResponseReturnValue:
    """An edition's entries as shown."""
    now, filters = clock.now(), targets.asked_filters()
    asked = {"list": list_code, "year": str(year), **_said(filters)}
    edition_or_404(list_code, year)
    return _file(
        "entries",
        Format(ending),
        lambda: sheets.entries_sheet(edition_or_404(list_code, year), filters, actor(), now),
        asked,
    )


def _said(filters: Any) -> dict[str, str]:
    """The conditions that are on, as the trail keeps them."""
    return {name: str(value) for name, value in vars(filters).items() if value not in {None, ""}}


def _reads_leads() -> None:
    if not allowed(actor(), Right.READ_LEADS):
        raise NotFound


def _file(
    what: str, format_: Format, table: Callable[[], Table], asked: Mapping[str, str]
) -> Response:
    """Make the file from one state of the database, write it down, send it from disk.

    Whoever breaks off leaves nothing behind: the file has no name and no transaction waits.
    """
    who = actor()
    with exports.one_state():
        sheet = table()
        made = exports.write(sheet, format_)
    record(made, by=who.id, what=what, asked=asked, now=clock.now())
    response = Response(made.chunks(), mimetype=format_.media_type)
    response.call_on_close(made.file.close)
    response.content_length = made.size
    response.headers["Content-Disposition"] = _disposition(sheet, format_)
    return response


def _disposition(sheet: Table, format_: Format) -> str:
    """A name that says what and when, for old and new browsers."""
    name = f"{say(sheet.name)} {clock.today():%Y%m%d}.{format_}"
    return f"attachment; filename=\"export.{format_}\"; filename*=UTF-8''{quote(name)}"
