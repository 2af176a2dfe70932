"""Appointments: arranged, read, changed, called off, and each taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from crm import clock
from crm.access import Right
from crm.companies.contacts import contacts_of, told_apart
from crm.errors import NotFound, Refusal
from crm.formats import moment, say
from crm.leads.queries import titled_lead
from crm.leads.words import MODE_WORDS
from crm.visits import queries as visit_queries
from crm.visits.appointments import queries, service
from crm.visits.appointments.rules import USUAL_MINUTES
from crm.visits.appointments.words import what
from crm.working_days.queries import working_calendar
from models import db
from models.appointment import Appointment
from models.contact import Contact, ContactRole
from models.enums import VisitMode
from models.user import User
from views.errors import wants_json
from views.forms.appointment import AppointmentForm
from views.forms.base import answer
from views.guard import actor, needs
from views.toasts import in_place, page_before, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("appointments", __name__)

_TEN = time(10)


@blueprint.get("/appointments/new")
@needs(Right.LOG_VISITS)
def new() -> ResponseReturnValue:
    """The form; lead or company is known from where one came, and so may be the day."""
    form = AppointmentForm(
        data={
            "lead": request.args.get("lead", ""),
            "company": request.args.get("company", ""),
            "client_key": secrets.token_hex(12),
            "mode": VisitMode.OUT.value,
            "starts_at": _first_moment(),
            "minutes": USUAL_MINUTES,
        }
    )
    return _new_page(form)


@blueprint.get("/leads/<public_id>/appointments")
@needs(Right.READ_LEADS)
def of_lead(public_id: str) -> ResponseReturnValue:
    """What is arranged in the course of a lead: as a page, and in the lead's own."""
    lead = titled_lead(actor(), public_id)
    return render_template(
        "appointments/_ahead.html" if in_place() else "appointments/of_lead.html",
        lead=lead,
        arranged=queries.ahead_of(actor(), lead, clock.now()),
        modes=MODE_WORDS,
        now=clock.now(),
    )


@blueprint.post("/appointments")
@needs(Right.LOG_VISITS)
def create() -> ResponseReturnValue:
    """Arrange it; the same form sent twice arranges one."""
    form = AppointmentForm()
    if form.validate_on_submit():
        with form.refusals():
            one, created = service.arrange(form.entry(), actor(), clock.now())
            db.session.commit()
            url = url_for("appointments.show", public_id=one.public_id)
            if wants_json():
                body = {"id": one.public_id, "created": created, "url": url}
                return jsonify(body), 201 if created else 200
            if created:
                undo = url_for("appointments.cancel", public_id=one.public_id)
                toast(_("约好了：%(when)s。", when=moment(one.starts_at)), undo)
            return redirect(url)
    return _new_page(form)


@blueprint.get("/appointments/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """One appointment, and the way to its visit."""
    one = queries.readable_appointment(actor(), public_id)
    return render_template(
        "appointments/show.html",
        one=one,
        ours=queries.people_of(one),
        invited=queries.invited_contacts(one),
        changeable=one.open and service.may_change(one, actor()),
        title=say(what(one.mode, one.company.short_name)),
        modes=MODE_WORDS,
        now=clock.now(),
        same_day=clock.local_date(one.starts_at) == clock.local_date(one.ends_at),
    )


@blueprint.get("/appointments/<public_id>/edit")
@needs(Right.LOG_VISITS)
def edit(public_id: str) -> ResponseReturnValue:
    """The form with what is arranged."""
    one = service.own_appointment(actor(), public_id)
    form = AppointmentForm(MultiDict())
    form.show(service.known_of(one))
    return _edit_page(form, one)


@blueprint.post("/appointments/<public_id>")
@needs(Right.LOG_VISITS)
def update(public_id: str) -> ResponseReturnValue:
    """Another time, place or people; who takes part is told."""
    one, form = service.own_appointment(actor(), public_id), AppointmentForm()
    if form.validate_on_submit():
        before = service.known_of(one)
        with form.refusals():
            changed = service.change(one, form.plan(), actor(), clock.now(), read=form.has_read)
            undo = _way_back(one, before) if changed else None
            db.session.commit()
            toast(form.saved(_("已保存。")), undo)
            return redirect(url_for("appointments.show", public_id=public_id))
        one = service.own_appointment(actor(), public_id)
    return _edit_page(form, one)


@blueprint.post("/appointments/<public_id>/reversals")
@needs(Right.LOG_VISITS)
def reverse(public_id: str) -> ResponseReturnValue:
    """As it was before a change that this person made, as long as nobody changed it since."""
    one = service.own_appointment(actor(), public_id)
    sequence, values = unsealed(_way(public_id))
    if sequence != _state_of(one):
        raise Refusal({}, service.changed_since())
    values["starts_at"] = datetime.fromisoformat(values["starts_at"])
    service.change(one, service.plan_of(values), actor(), clock.now(), back=True)
    db.session.commit()
    return _taken_back(public_id)


@blueprint.post("/appointments/<public_id>/cancellation")
@needs(Right.LOG_VISITS)
def cancel(public_id: str) -> ResponseReturnValue:
    """Call it off, with a way back."""
    one = service.own_appointment(actor(), public_id)
    service.cancel(one, actor(), clock.now())
    db.session.commit()
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    toast(_("约定已取消。"), url_for("appointments.restore", public_id=public_id))
    return redirect(page_before() or url_for("appointments.show", public_id=public_id))


@blueprint.post("/appointments/<public_id>/restoration")
@needs(Right.LOG_VISITS)
def restore(public_id: str) -> ResponseReturnValue:
    """It takes place after all."""
    service.restore(service.own_appointment(actor(), public_id), actor(), clock.now())
    db.session.commit()
    return _taken_back(public_id)


def _taken_back(public_id: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    return redirect(page_before() or url_for("appointments.show", public_id=public_id))


def _way_back(one: Appointment, before: dict[str, Any]) -> str:
    values = before | {"starts_at": before["starts_at"].isoformat()}
    was = sealed(_way(one.public_id), [_state_of(one), values])
    return url_for("appointments.reverse", public_id=one.public_id, was=was)


def _state_of(one: Appointment) -> str:
    """What changes with every change of it."""
    return one.updated_at.isoformat()


def _way(public_id: str) -> str:
    return f"appointment-{public_id}"


def _first_moment() -> datetime:
    """Ten o'clock of the day that was pressed, or of the next working day."""
    today = clock.today()
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        day = working_calendar(today, today + timedelta(days=30)).next_working_day(today)
    first = datetime.combine(day, _TEN, clock.ZONE)
    now = clock.now().astimezone(clock.ZONE)
    if day == today and first < now:
        return now.replace(minute=0) + timedelta(hours=1)
    return first


def _new_page(form: AppointmentForm) -> ResponseReturnValue:
    subject = visit_queries.subject_of(
        actor(), lead=form.lead.data or None, company=form.company.data or None
    )
    if subject is None and form.company.data and not form.errors:
        raise NotFound
    _offer(form, subject.people if subject else (), current_user.id)
    recent = [] if subject else visit_queries.recent_leads(actor())
    return answer(
        form,
        "appointments/new.html",
        subject=subject,
        recent=recent,
        recent_companies=[] if subject else visit_queries.recent_companies(actor(), recent),
        on=request.args.get("on"),
    )


def _edit_page(form: AppointmentForm, one: Appointment) -> ResponseReturnValue:
    one = queries.readable_appointment(actor(), one.public_id)
    _offer(form, contacts_of(one.company_id), one.author_id, one.contacts, one.users)
    return answer(form, "appointments/edit.html", one=one)


def _offer(
    form: AppointmentForm,
    people: Iterable[ContactRole],
    author_id: int,
    theirs: Iterable[Contact] = (),
    ours: Iterable[User] = (),
) -> None:
    """People to choose from; who takes part already (``theirs``, ``ours``) is among them."""
    roles = list(people)
    called = {one.public_id: one.name for one in theirs} | told_apart(roles)
    mailed = {one.public_id for one in (*theirs, *(role.contact for role in roles)) if one.email}
    near = visit_queries.colleagues(actor(), clock.today())
    known = {one.id: one.name for one in near}
    if author_id != actor().id:
        known.setdefault(current_user.public_id, current_user.name)
    known |= {user.public_id: user.name for user in ours}
    form.offer(called, mailed, known.items())
