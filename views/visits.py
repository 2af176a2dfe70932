"""Visits: log one, read one, see the latest."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from crm import clock
from crm.access import Right, may_write
from crm.companies.contacts import told_apart
from crm.errors import NotFound
from crm.formats import say, written_day
from crm.leads import choices
from crm.leads.attachments import attach_to_visit
from crm.leads.facts import facts_of
from crm.leads.gates import missing_for
from crm.leads.papers import papers_of_visit
from crm.leads.queries import next_stage
from crm.leads.words import MODE_WORDS, TASK_WORDS
from crm.promises.queries import promises_from
from crm.promises.rules import STANDING_WORDS
from crm.visits import archiving, edits, queries, service
from crm.visits.appointments.prefilling import prefilled
from crm.visits.briefing import briefing_of
from crm.visits.filters import VisitFilter, read_filter
from crm.visits.rules import leaves_a_trace
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from models.visit import Visit
from views.errors import wants_json
from views.fact_words import fact_of
from views.forms.base import answer
from views.forms.promise import who_could
from views.forms.visit import EditVisitForm, VisitForm, visit_form
from views.guard import actor, needs
from views.lead_cards import title_of
from views.pasted import Pasted
from views.toasts import asked_on_board, in_place, toast, told_board
from views.trash import archived_page
from views.uploads import allow_uploads, chooser, receiving
from views.visit_edits import offer_people, way_back
from views.visit_words import logged

blueprint = Blueprint("visits", __name__)
allow_uploads(blueprint)


@blueprint.get("/visits")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """The latest visits, mine or all that I may read."""
    wanted = read_filter(request.args)
    return render_template(
        "visits/index.html",
        page=queries.visits_page(actor(), wanted, request.args.get("cursor")),
        total=queries.visits_total(actor(), wanted),
        wanted=wanted,
        args=wanted.as_args(),
        chips=_chips(wanted),
        modes=MODE_WORDS,
    )


def _chips(wanted: VisitFilter) -> list[dict[str, str]]:
    """The conditions that are on and have no field: what each says, and the page without."""
    said = {
        "team": _team_name(wanted.team) if wanted.team else "",
        "between": say(wanted.between.words) if wanted.between else "",
        "met": _("只看走访"),
    }
    return [
        {
            "name": name,
            "value": wanted.as_args()[name],
            "label": label,
            "url": _address(wanted.without(name)),
        }
        for name, label in said.items()
        if getattr(wanted, name)
    ]


def _address(wanted: VisitFilter) -> str:
    args: dict[str, Any] = wanted.as_args()
    return url_for("visits.index", **args)


def _team_name(code: str) -> str:
    """What a team is called; its code when there is none such."""
    names = dict(choices.teams())
    return say(names[code]) if code in names else code


@blueprint.get("/visits/new")
@needs(Right.LOG_VISITS)
def new() -> ResponseReturnValue:
    """The form; the company is known from where one came, or is chosen here."""
    arranged = prefilled(actor(), request.args.get("appointment", ""), clock.now())
    form = visit_form(clock.now(), secrets.token_hex(12), current_user.public_id, arranged)
    return form_page(form)


@blueprint.post("/visits")
@needs(Right.LOG_VISITS)
def create() -> ResponseReturnValue:
    """Log a visit. The same form sent twice makes one."""
    form = VisitForm()

    def log() -> service.Logged:
        return service.log_visit(form.entry(), actor(), clock.now())

    if form.all_right(log):
        with form.refusals(), receiving("photos", form.files, besides=log) as files:
            done = log()
            if done.created:
                for file in files:
                    attach_to_visit(done.visit.public_id, file, actor(), clock.now())
            db.session.commit()
            return _saved(done, form)
    return form_page(form)


@blueprint.get("/visits/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """One visit."""
    try:
        visit = queries.readable_visit(actor(), public_id)
    except NotFound:
        return _archived(public_id)
    return render_template(
        "visits/show.html",
        visit=visit,
        promises=promises_from(visit.id, actor()),
        standing_words=STANDING_WORDS,
        today=clock.today(),
        papers=papers_of_visit(visit, actor()),
        amendments=edits.amendments_of(visit),
        own=visit.author_id == actor().id,
        modes=MODE_WORDS,
        local_date=clock.local_date,
        archivable=archiving.may_archive(visit, actor()),
    )


def _archived(public_id: str) -> ResponseReturnValue:
    """The page of a visit in the trash, for who may bring it back. Raises NotFound."""
    entry = archiving.archived_visit(public_id, actor())
    assert entry.visit  # noqa: S101 (asked for)
    title = f"{entry.visit.company.short_name} {say(MODE_WORDS[entry.visit.mode])}"
    return archived_page(entry, title, kept=_("列表、时间线、上次接触和统计里都不再有它。"))


@blueprint.get("/visits/<public_id>/briefing")
@needs(Right.READ_LEADS)
def briefing(public_id: str) -> ResponseReturnValue:
    """What helps the next visit, as a page or in the page that follows a saved one."""
    return render_template(
        "visits/_briefing.html" if in_place() else "visits/briefing.html",
        briefing=briefing_of(actor(), public_id),
        kinds=TASK_WORDS,
        local_date=clock.local_date,
        today=clock.today(),
    )


@blueprint.route("/visits/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.LOG_VISITS)
def edit(public_id: str) -> ResponseReturnValue:
    """A visit, put right by its author."""
    visit, form = edits.own_visit(actor(), public_id), EditVisitForm()
    if form.validate_on_submit():
        before = edits.known_of(visit)
        with form.refusals():
            edits.edit_visit(visit, form.typed(), actor(), clock.now(), read=form.has_read)
            text, undo = way_back(public_id, before, edits.known_of(visit))
            db.session.commit()
            toast(form.saved(text), undo)
            return redirect(url_for("visits.show", public_id=public_id))
    visit = queries.readable_visit(actor(), public_id)
    if request.method == "GET":
        form.show(edits.known_of(visit))
    offer_people(form, visit)
    traced = leaves_a_trace(visit.recorded_at, clock.now())
    return answer(form, "visits/edit.html", visit=visit, traced=traced)


def form_page(form: VisitForm, pasted: Pasted | None = None) -> ResponseReturnValue:
    """The form with what it offers; ``pasted`` is the text that it was filled from."""
    today = clock.today()
    subject = queries.subject_of(
        actor(), lead=form.lead.data or None, company=form.company.data or None
    )
    if subject is None and form.company.data and not form.errors:
        raise NotFound
    form.contacts.offer(
        [
            *told_apart(subject.people).items(),
            *((name, name) for name in (pasted.also_met if pasted else ())),
        ]
        if subject
        else ()
    )
    colleagues = queries.colleagues(actor(), today)
    form.companions.offer((one.id, one.name) for one in colleagues)
    mates = [(one.id, one.name) for one in colleagues if one.near]
    owes = who_could(mates, subject.company if subject else None, subject.people if subject else ())
    for row in form.promises:
        row.who.choices = owes
    further = queries.further_leads(actor(), subject, today) if subject and subject.lead else ()
    form.leads.offer((lead.public_id, title_of(lead)) for lead in further)
    meant = subject.meant if subject else ()
    if subject and not subject.lead and len(meant) > 1:
        form.about.choices = [
            ("", _("都谈到了")),
            *((one.public_id, title_of(one)) for one in meant),
        ]
        form.about.data = form.about.data or ""
    recent = [] if subject else queries.recent_leads(actor())
    return answer(
        form,
        "visits/_quick.html" if asked_on_board() else "visits/new.html",
        subject=subject,
        last_on=clock.local_date(subject.last.occurred_at) if subject and subject.last else None,
        recent=recent,
        recent_companies=[] if subject else queries.recent_companies(actor(), recent),
        colleagues=colleagues,
        chooser=chooser(),
        writable=bool(subject and subject.lead and may_write(subject.lead, actor())),
        # A lead's next step is not for who only reads it.
        plans=not meant or any(may_write(lead, actor()) for lead in meant),
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
        modes=MODE_WORDS,
        today=today,
        pasted=pasted,
        known_of=lambda lead, name: fact_of(lead, name).text,
    )


def _saved(done: service.Logged, form: VisitForm) -> ResponseReturnValue:
    visit = done.visit
    if wants_json():
        url = url_for("visits.show", public_id=visit.public_id)
        body = {"id": visit.public_id, "created": done.created, "url": url}
        return jsonify(body), 201 if done.created else 200
    lead = _lead_of(visit)
    said = _tried_again(visit, form) or _gained(visit, lead)
    if lead and asked_on_board():
        return told_board(lead.public_id, said)
    if done.created:
        toast(said)
    # The page one lands on reads the briefing for the next visit.
    if lead is None:
        return redirect(url_for("visits.show", public_id=visit.public_id, logged=visit.public_id))
    return redirect(url_for("leads.show", public_id=lead.public_id, logged=visit.public_id))


def _lead_of(visit: Visit) -> Lead | None:
    try:
        read = queries.readable_visit(actor(), visit.public_id)
    except NotFound:  # sent again, and put away since: its page says where it is
        return None
    return next((one for one in read.leads if one.company_id == read.company_id), None)


def _tried_again(visit: Visit, form: VisitForm) -> str | None:
    """Of a visit that reached nobody: the next step that was set with it, if one was."""
    text, day = form.next_step.data, form.next_step_on.data
    if visit.reached or not (text and day):
        return None
    return logged(visit.mode, _("下一步“%(text)s”定在 %(day)s。", day=written_day(day), text=text))


def _gained(visit: Visit, lead: Lead | None) -> str:
    """That it is written down, as what it was, and what the next stage still asks for."""
    target = next_stage(lead.stage) if lead else None
    if lead is None or target is None:
        return logged(visit.mode)
    name = say(target.name)
    missing = missing_for(facts_of(lead), target.stage, lead.stage)
    asks = (
        ngettext(
            "进入%(stage)s还差 %(num)s 项。",
            "进入%(stage)s还差 %(num)s 项。",
            len(missing),
            stage=name,
        )
        if missing
        else _("进入%(stage)s的条件都齐了。", stage=name)
    )
    return logged(visit.mode, asks)
