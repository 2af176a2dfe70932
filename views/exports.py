"""Lists and ledgers as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from crm import clock, exports
from crm.access import Right, allowed
from crm.errors import NotFound, Refusal
from crm.events import guests
from crm.events.queries import event_or_404
from crm.events.sheets import guests_sheet
from crm.exports import Format, Made, Table
from crm.exports.trail import record
from crm.formats import say
from crm.leads.filters import LeadFilter, read_filter
from crm.leads.orders import sort_of
from crm.messages import msg
from crm.promises.queries import read_book_filter
from crm.reports import sheets
from crm.reports.ledger import Ledger, ledger
from crm.targets.queries import edition_or_404
from crm.visits.trips.report import report_or_404
from crm.visits.trips.word import file_name, word_report
from views import companies, targets
from views.addresses import kept
from views.guard import actor, needs
from views.lead_lists import asked_columns, columns_arg
from views.toasts import toast_refusal

blueprint = Blueprint("exports", __name__)

_FORMATS = "<any(xlsx, csv):ending>"


@blueprint.get(f"/leads.{_FORMATS}")
@needs(Right.EXPORT)
def leads(ending: str) -> ResponseReturnValue:
    """The list of leads as shown: the same filter, the same order, the same columns."""
    _reads_leads()
    return _leads(ending, read_filter(request.args, actor()).filter)


@blueprint.post(f"/leads.{_FORMATS}")
@needs(Right.EXPORT)
def chosen(ending: str) -> ResponseReturnValue:
    """The rows that were chosen on that list, or all that it shows."""
    _reads_leads()
    wanted = read_filter(request.args, actor()).filter
    if request.form.get("all"):
        return _leads(ending, wanted)
    if found := request.form.getlist("lead", type=kept):
        return _leads(ending, found)
    toast_refusal(Refusal({}, msg("请先选要导出的线索。")))
    args: dict[str, Any] = dict(wanted.as_args())
    return redirect(url_for("leads.index", **args))


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


@blueprint.get(f"/targets/<list_code>/<year:year>.{_FORMATS}")
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


@blueprint.get("/trips/<public_id>/report.docx")
@needs(Right.EXPORT)
def trip_report(public_id: str) -> ResponseReturnValue:
    """The report of a trip as a Word file, in Chinese as official documents are."""
    _reads_leads()
    who = actor()
    with force_locale("zh_Hans_CN"), exports.one_state():
        report = report_or_404(public_id, who, clock.now())
        made = word_report(report)
    record(made, by=who.id, what="trip.report", asked={"trip": public_id}, now=clock.now())
    return _sent(made, file_name(report))


@blueprint.get(f"/events/<public_id>/invitations.{_FORMATS}")
@needs(Right.EXPORT)
def guest_list(public_id: str, ending: str) -> ResponseReturnValue:
    """The guests of an event as shown."""
    _reads_leads()
    wanted = guests.read_filter(request.args)
    event_or_404(public_id)
    return _file(
        "guests",
        Format(ending),
        lambda: guests_sheet(event_or_404(public_id), wanted),
        {"event": public_id, **wanted.as_args()},
    )


def _leads(ending: str, wanted: LeadFilter | list[str]) -> Response:
    """What of the list in the address is wanted, in its order and columns."""
    today = clock.today()
    sort = sort_of(request.args.get("sort", ""))
    columns = asked_columns(request.args)
    which = wanted.as_args() if isinstance(wanted, LeadFilter) else {"leads": ",".join(wanted)}
    return _file(
        "leads",
        Format(ending),
        lambda: sheets.leads_sheet(actor(), wanted, sort, columns, today),
        {**which, **columns_arg(columns), "sort": sort},
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
    return _sent(made, f"{say(sheet.name)} {clock.today():%Y%m%d}")


def _sent(made: Made, name: str) -> Response:
    """A file on its way; its name says what and when, for old and new browsers."""
    # Whole, for what is behind the semicolon would be said twice.
    response = Response(made.chunks(), content_type=made.format.media_type)
    response.call_on_close(made.file.close)
    response.content_length = made.size
    named = f"filename=\"export.{made.format}\"; filename*=UTF-8''{quote(f'{name}.{made.format}')}"
    response.headers["Content-Disposition"] = f"attachment; {named}"
    return response
