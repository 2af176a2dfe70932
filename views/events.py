"""Promotion events: the list, one event, writing one down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from crm import clock
from crm.access import Right, allowed, may_write
from crm.errors import NotFound
from crm.events import guests, queries, service
from crm.events.guests import Guests
from crm.events.rules import ATTENDANCE_WORDS, REPLY_WORDS, EventStatus, status_of
from crm.formats import say
from crm.leads import choices
from crm.leads.filters import LeadFilter
from crm.leads.stages import position, stage_name, stages
from models import db
from models.enums import Stage, Status
from models.event import Attendance, Event, Reply
from models.lead import Lead
from views import export_links
from views.forms.base import answer
from views.forms.event import EventForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import toast
from views.trash import archived_page

blueprint = Blueprint("events", __name__, url_prefix="/events")


@blueprint.get("")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """Events, the latest first, with whom they brought."""
    today, wanted = clock.today(), queries.read_filter(request.args)
    args = wanted.as_args()
    return render_template(
        "events/index.html",
        page=queries.events_page(actor(), wanted, request.args.get("cursor"), today),
        total=queries.events_total(wanted, today),
        wanted=wanted,
        args=args,
        statuses=[("", _("全部")), *((one.value, say(one.words)) for one in EventStatus)],
        channels=[("", _("全部渠道")), *((code, say(name)) for code, name in choices.channels())],
        leads_url=leads_url,
        Guests=Guests,
    )


@blueprint.get("/new")
@needs(Right.WRITE_EVENTS)
def new() -> ResponseReturnValue:
    """The form; whoever writes it down is there."""
    form = EventForm()
    _offer(form)
    form.people.data = [current_user.public_id]
    return answer(form, "events/form.html", event=None)


@blueprint.post("")
@needs(Right.WRITE_EVENTS)
def create() -> ResponseReturnValue:
    """Write an event down."""
    form = EventForm()
    if form.validate_on_submit():
        with form.refusals():
            event = service.create_event(form.typed(), actor(), clock.now())
            db.session.commit()
            toast(_("活动已登记。"))
            return redirect(url_for("events.show", public_id=event.public_id))
    _offer(form)
    return answer(form, "events/form.html", event=None)


@blueprint.get("/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """One event: its guests, and what came of it."""
    try:
        event = queries.event_or_404(public_id)
    except NotFound:
        return _archived(public_id)
    who, wanted = actor(), guests.read_filter(request.args)
    by_stage = queries.stages_of(event, who)
    return render_template(
        "events/show.html",
        **about(event),
        page=guests.guests_page(event, wanted, request.args.get("cursor")),
        total=guests.guests_total(event, wanted),
        counts=guests.counts_of([event.id])[event.id],
        wanted=wanted,
        args=wanted.as_args(),
        by_stage=[(one, by_stage[one.stage]) for one in stages() if by_stage.get(one.stage)],
        n_leads=sum(by_stage.values()),
        leads=[(lead, may_write(lead, who)) for lead in queries.leads_of(event, who)],
        may_have_come=_linkable(event),
        archivable=allowed(who, Right.WRITE_EVENTS) and service.may_archive(event, who),
        files=export_links.of_list("exports.guest_list", public_id=public_id, **wanted.as_args()),
        leads_url=leads_url,
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        Status=Status,
    )


def about(event: Event) -> dict[str, Any]:
    """What the page of an event and a row of its guests say with."""
    return {
        "event": event,
        "status": status_of(event.starts_on, event.ends_on, clock.today()),
        "EventStatus": EventStatus,
        "Guests": Guests,
        "Reply": Reply,
        "Attendance": Attendance,
        "reply_words": REPLY_WORDS,
        "attendance_words": ATTENDANCE_WORDS,
        "local_date": clock.local_date,
        "writes": allowed(actor(), Right.WRITE_EVENTS),
    }


def _linkable(event: Event) -> list[Lead]:
    who = actor()
    if not allowed(who, Right.WRITE_LEADS):
        return []
    return [lead for lead in queries.may_have_come(event, who) if may_write(lead, who)]


def leads_url(event: Event, stage: Stage | None = None) -> str:
    """The list of exactly the leads that came of an event, lost ones too."""
    args: dict[str, Any] = LeadFilter(event=event.public_id, stage=stage, status="all").as_args()
    return url_for("leads.index", **args)


def _archived(public_id: str) -> ResponseReturnValue:
    """The page of an event in the trash. Raises NotFound."""
    entry = queries.archived_event(public_id)
    assert entry.event  # noqa: S101 (asked for)
    who = actor()
    restorable = allowed(who, Right.WRITE_EVENTS) and service.may_archive(entry.event, who)
    kept = _("列表里不再有它，名单留着；由它记的走访和登记的线索不变。")
    return archived_page(entry, entry.event.name, kept=kept, restorable=restorable)


@blueprint.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_EVENTS)
def edit(public_id: str) -> ResponseReturnValue:
    """Change what is known of an event."""
    event, form = queries.event_or_404(public_id), EventForm()
    if form.validate_on_submit():
        with form.refusals():
            service.edit_event(public_id, form.typed(), actor(), form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return redirect(url_for("events.show", public_id=public_id))
        event = queries.event_or_404(public_id)
    if request.method == "GET":
        form.show(service.known_of(event))
    _offer(form)
    return answer(form, "events/form.html", event=event)


def _offer(form: EventForm) -> None:
    form.channel.offer(choices.channels(), _("请选渠道"))
    form.team.offer(choices.teams(), _("不分小分队"))
    form.people.offer((one.public_id, one.name) for one in queries.our_people(clock.today()))
