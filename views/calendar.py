"""The calendar: whose days, which of them, and an entry put on another day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm import clock
from crm.access import Right, Scope
from crm.access.scopes import own_first
from crm.access.words import SCOPE_WORDS
from crm.errors import NotFound
from crm.formats import month_name, say, short_day, written_day
from crm.leads.words import MODE_WORDS
from crm.spans import Span, wrong_year
from crm.visits.calendar.entries import KIND_WORDS, Entry, EntryKind, Look, by_day, days_of, turned
from crm.visits.calendar.ics import as_ics
from crm.visits.calendar.moving import Movable, movable_entry, move
from crm.visits.calendar.queries import days_between, readable_entry
from crm.visits.calendar.whose import Whose
from crm.visits.filters import VisitFilter
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from views.edge import settings
from views.errors import wants_json
from views.forms.base import answer
from views.forms.calendar import EntryDayForm
from views.guard import actor, needs
from views.scope_selects import scope_selects
from views.toasts import in_place, page_before, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

# So many entries of a day a page has room for; the day's own page has more.
ROOM = {Look.MONTH: 4, Look.WEEK: 10, Look.DAY: 100}


@blueprint.get("")
@needs(Right.READ_LEADS)
def show() -> ResponseReturnValue:
    """The days of a week, a month or one day."""
    today = clock.today()
    look, on, whose = _look(), _on(today), _whose()
    first, last = days_of(look, on)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    shown = days_between(actor(), whose, first, last, ROOM[look])
    before, after = turned(look, on)
    args = _args(look, on, whose)
    return render_template(
        "calendar/show.html",
        look=look,
        on=on,
        whose=whose,
        weeks=[days[n : n + 7] for n in range(0, len(days), 7)],
        entries=by_day(shown.entries),
        more=shown.more,
        visited=shown.visited,
        visits_url=lambda day: _visits_url(day, whose),
        room=ROOM[look],
        working=working_calendar(first, last),
        today=today,
        title=_title(look, on, first, last),
        args=args,
        before=url_for("calendar.show", **{**args, "on": before.isoformat()}),
        after=url_for("calendar.show", **{**args, "on": after.isoformat()}),
        looks=_looks(args, look),
        scopes=_scope_links(args, whose),
        selects=scope_selects(
            whose.scope,
            today,
            team=whose.team or "",
            person=whose.person or "",
            park=whose.park or "",
        ),
        modes=MODE_WORDS,
        kinds=KIND_WORDS,
        address=_address,
    )


@blueprint.get("/<entry>/<public_id>/day")
@needs(Right.WRITE_LEADS)
def edit_day(entry: str, public_id: str) -> ResponseReturnValue:
    """The form of another day, in a dialog or as a page."""
    found = movable_entry(actor(), _kind(entry), public_id)
    form = EntryDayForm(MultiDict(), data={"day": found.day, "read": found.day})
    return _form(form, found)


@blueprint.post("/<entry>/<public_id>/day")
@needs(Right.WRITE_LEADS)
def update_day(entry: str, public_id: str) -> ResponseReturnValue:
    """Put an entry on another day; with ``was``, back on the day it had."""
    found = movable_entry(actor(), _kind(entry), public_id)
    if "was" in request.values:
        return _put_back(found)
    form = EntryDayForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.day.data is None:
                form.day.errors = [_("请选一个日期。")]
            else:
                move(
                    found,
                    form.day.data,
                    actor(),
                    read=form.read.data or found.day,
                    now=clock.now(),
                )
                db.session.commit()
                return _moved(found, form.day.data)
    return _form(form, found)


@blueprint.get("/<entry>/<public_id>.ics")
@needs(Right.READ_LEADS)
def download(entry: str, public_id: str) -> ResponseReturnValue:
    """One entry as a file, for a phone's calendar or to pass on to who takes part."""
    found = readable_entry(actor(), _kind(entry), public_id)
    return ics_answer([found], found.company, f"{found.kind.value}-{public_id}.ics")


def ics_answer(entries: list[Entry], name: str, filename: str | None = None) -> Response:
    """Entries as a calendar that phones and Outlook read."""
    host = settings().base_url.split("://", 1)[-1]
    response = Response(
        as_ics(entries, name, host, lambda entry: settings().base_url + _address(entry)),
        mimetype="text/calendar",
    )
    if filename:
        response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _address(entry: Entry) -> str:
    if entry.kind is EntryKind.TRIP:
        return url_for("trips.show", public_id=entry.public_id)
    if entry.kind is EntryKind.VISIT:
        return url_for("visits.show", public_id=entry.public_id)
    if entry.kind is EntryKind.APPOINTMENT:
        return url_for("appointments.show", public_id=entry.public_id)
    return url_for("leads.show", public_id=entry.lead)


def _visits_url(day: date, whose: Whose) -> str:
    """The visits of a day, as many as the calendar counts."""
    wanted = VisitFilter(team=whose.team or "", between=Span(day, day), met=True)
    args: dict[str, Any] = wanted.as_args()
    return url_for("visits.index", **args)


def _put_back(found: Movable) -> ResponseReturnValue:
    day, read = (date.fromisoformat(text) for text in unsealed(_way(found)))
    move(found, day, actor(), read=read, now=clock.now(), back=True)
    db.session.commit()
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    return redirect(page_before() or url_for("calendar.show"))


def _moved(found: Movable, day: date) -> ResponseReturnValue:
    text = _("%(what)s改到 %(day)s。", what=say(KIND_WORDS[found.kind]), day=short_day(day))
    undo = None
    if day != found.day:
        undo = url_for(
            "calendar.update_day",
            entry=found.kind.value,
            public_id=found.public_id,
            was=sealed(_way(found), [found.day.isoformat(), day.isoformat()]),
            back=page_before(),
        )
    if wants_json():
        return jsonify(text=text, undo_url=undo), 201
    toast(text, undo)
    return redirect(page_before() or url_for("calendar.show", on=day.isoformat()))


def _way(found: Movable) -> str:
    """Which entry a way back is of: it moves no other."""
    return f"calendar-{found.kind.value}-{found.public_id}"


def _form(form: EntryDayForm, found: Movable) -> ResponseReturnValue:
    today = clock.today()
    return answer(
        form,
        "calendar/_day.html" if in_place() else "calendar/day.html",
        found=found,
        kind=KIND_WORDS[found.kind],
        company=readable_entry(actor(), found.kind, found.public_id).company,
        back=page_before() or "",
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
        today=today,
    )


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError:
        raise NotFound from None


def _look() -> Look:
    asked = request.args.get("look", "")
    return Look(asked) if asked in set(Look) else Look.WEEK


def _on(today: date) -> date:
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
    # The edges of the calendar itself have no week before or after them.
    return today if wrong_year(on) else on


def _whose() -> Whose:
    had = own_first(actor())
    asked = request.args.get("scope", "")
    scope = Scope(asked) if asked in had else had[0]
    words = {name: request.args.get(name) or None for name in ("person", "team", "park")}
    return Whose(scope, **words)


def _args(look: Look, on: date, whose: Whose) -> dict[str, Any]:
    return {
        "look": look.value,
        "on": on.isoformat(),
        "scope": whose.scope.value,
        "person": whose.person,
        "team": whose.team,
        "park": whose.park,
    }


def _title(look: Look, on: date, first: date, last: date) -> str:
    match look:
        case Look.DAY:
            return short_day(on)
        case Look.MONTH:
            return month_name(on)
        case Look.WEEK:
            return "–".join(str(written_day(day, weekday=False)) for day in (first, last))


def _looks(args: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    words = {Look.DAY: _("日"), Look.WEEK: _("周"), Look.MONTH: _("月")}
    return [
        {
            "label": label,
            "url": url_for("calendar.show", **{**args, "look": one.value}),
            "active": one is look,
        }
        for one, label in words.items()
    ]


def _scope_links(args: dict[str, Any], whose: Whose) -> list[dict[str, Any]]:
    alone = {name: args[name] for name in ("look", "on")}
    return [
        {
            "label": say(SCOPE_WORDS[scope]),
            "url": url_for("calendar.show", scope=scope.value, **alone),
            "active": scope is whose.scope,
        }
        for scope in own_first(actor())
    ]
