"""The calendar of working days: what follows it are reminders, quick dates and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.errors import NotFound
from crm.working_days import WorkingCalendar
from crm.working_days.queries import as_day, days_between, edits_of
from crm.working_days.rules import YEARS, Day, spans
from crm.working_days.service import put_back, unmark
from models import db
from views.forms.base import answer
from views.forms.working_days import WorkingDaysForm
from views.guard import needs
from views.toasts import toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("working_days", __name__, url_prefix="/admin/working-days")

_KIND = "working-days"


@blueprint.get("")
@needs(Right.READ_RULES)
def index() -> ResponseReturnValue:
    """A year's holidays and worked weekends."""
    return _page(WorkingDaysForm(formdata=None).offer(), _year(request.args.get("year")))


@blueprint.post("")
@needs(Right.WRITE_RULES)
def create() -> ResponseReturnValue:
    """Say of some days that they are free, or worked."""
    form = WorkingDaysForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            before = form.apply()
            db.session.commit()
            return _changed(before, _("已记下。"))
    return _page(form, form.first.data.year if form.first.data else clock.today().year)


@blueprint.post("/removals")
@needs(Right.WRITE_RULES)
def remove() -> ResponseReturnValue:
    """Let some days be what their weekday says."""
    try:
        first, last = (date.fromisoformat(request.form[name]) for name in ("first", "last"))
    except (KeyError, ValueError):
        raise NotFound from None
    before = unmark(first, last)
    db.session.commit()
    if not before:
        return redirect(url_for("working_days.index", year=first.year))
    gone = ngettext("去掉了 %(num)s 天。", "去掉了 %(num)s 天。", len(before))
    return _changed(before, gone)


@blueprint.post("/restorations")
@needs(Right.WRITE_RULES)
def restore() -> ResponseReturnValue:
    """Bring back what the calendar said before the last change."""
    (rows,) = unsealed(_KIND)
    before = [Day(date.fromisoformat(day), working, name) for day, working, name in rows]
    put_back(before)
    db.session.commit()
    toast(_("已撤销。"))
    return redirect(url_for("working_days.index", year=before[0].day.year))


def _changed(before: Sequence[Day], text: str) -> ResponseReturnValue:
    rows = [[was.day.isoformat(), was.working, was.name] for was in before]
    toast(text, url_for("working_days.restore", was=sealed(_KIND, [rows])))
    return redirect(url_for("working_days.index", year=before[0].day.year))


def _year(given: str | None) -> int:
    """The year of the address, this one without."""
    year = int(given) if given and given.isdecimal() and len(given) == 4 else clock.today().year
    if year not in YEARS:
        raise NotFound
    return year


def _page(form: WorkingDaysForm, year: int) -> ResponseReturnValue:
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = [as_day(one) for one in days_between(first, last)]
    calendar = WorkingCalendar({one.day: bool(one.working) for one in days})
    this_year = clock.today().year
    return answer(
        form,
        "working_days/index.html",
        year=year,
        years=[n for n in range(this_year - 1, this_year + 3) if n in YEARS],
        spans=spans(days),
        edits=edits_of(days, first, last),
        known=calendar.known(year),
    )
