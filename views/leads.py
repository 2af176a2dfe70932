"""Leads: the board, the list, a lead's page, registering and changing one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import current_user

from crm import clock
from crm.access import Right, allowed, readable_lead, scopes, writable_lead
from crm.companies.figures import METRIC_WORDS, SOURCE_WORDS
from crm.errors import NotFound
from crm.events.leads import register_lead
from crm.exports import Kind
from crm.formats import say
from crm.landing.queries import Landing, landing_of
from crm.landing.trail import told as told_landing
from crm.leads import board as boards
from crm.leads import edits, listing
from crm.leads import views as saved
from crm.leads.archiving import may_archive
from crm.leads.bulk_values import MOST
from crm.leads.cards import card_options, cards
from crm.leads.columns import COLUMNS
from crm.leads.counting import count_resting
from crm.leads.edit_reversals import number_of_edit
from crm.leads.entries import EntryKind
from crm.leads.filters import LeadFilter, read_filter
from crm.leads.lanes import Group, lanes, value_of
from crm.leads.orders import DESCENDING
from crm.leads.queries import LeadPage, lead_page, page_options
from crm.leads.stages import position, stage_name
from crm.leads.timeline import Timeline
from crm.leads.words import STATUS_WORDS
from crm.messages import Message
from crm.offers.queries import offers_of, told
from crm.promises.queries import Promised, promises_among
from crm.promises.queries import told as told_promises
from crm.reminders import aftercare
from models import db
from models.enums import Status
from models.lead import Lead
from views import bulk_edits, export_links, lead_forms
from views.fact_words import facts
from views.figures import amount
from views.forms.base import answer
from views.forms.lead import EditLeadForm, NewLeadForm
from views.forms.talk import CommentForm, draft_of
from views.guard import actor, needs
from views.lead_among import among
from views.lead_cards import badge_views, card_views, title_of
from views.lead_facts import undo_of
from views.lead_filters import FilterBar, empty_state, group_choices
from views.lead_lists import asked_list, columns_arg
from views.toasts import toast
from views.trash import archived_lead_page
from views.why import why_of

blueprint = Blueprint("leads", __name__)

# So many files stand beside a lead; the others are in its timeline.
FILES_SHOWN = 5
# What one sheet of paper has room for: its latest visits, and lines a section.
SHEET_VISITS = 3
SHEET_LINES = 3


@blueprint.get("/board")
@needs(Right.READ_LEADS)
def board() -> ResponseReturnValue:
    """Columns by stage, district or team, each with its first cards."""
    today = clock.today()
    group = _group()
    wanted, notes = _board_filter(group)
    found = boards.board(actor(), wanted, today, group)
    bar = FilterBar("leads.board", wanted, actor(), group=group, typed=request.args)
    keys = [column.lane.key for column in found.columns]
    asked = request.args.get("column") or request.args.get("stage", "")
    return render_template(
        "leads/board.html",
        board=found,
        among=among(wanted, found.on_hold),
        bar=bar,
        notes=notes,
        shown=asked if asked in keys else keys[0],
        card_views=card_views,
        group=group,
        groups=group_choices(bar, actor()),
        empty_state=None if found.n else empty_state(bar, actor(), today),
    )


@blueprint.get("/board/columns/<key>")
@needs(Right.READ_LEADS)
def column(key: str) -> ResponseReturnValue:
    """The next cards of one column, as a fragment."""
    group = _group()
    lane = next((lane for lane in lanes(group) if lane.key == key), None)
    if lane is None:
        raise NotFound
    wanted, _notes = _board_filter(group)
    cursor = request.args.get("cursor")
    page = boards.more_cards(actor(), wanted, lane, cursor, clock.today())
    args = {**wanted.as_args(), "group": group}
    return render_template(
        "leads/_cards.html", page=page, cards=card_views(page.items, lane), lane=lane, args=args
    )


@blueprint.get("/board/cards/<public_id>")
@needs(Right.READ_LEADS)
def card(public_id: str) -> ResponseReturnValue:
    """One card as it is now, as a fragment: after a move, and after somebody else's."""
    group = _group()
    lead = readable_lead(actor(), public_id, *card_options())
    if lead.status is Status.LOST:
        raise NotFound
    found = cards([lead], clock.today())
    lane = next(lane for lane in lanes(group) if lane.value == value_of(lead, group))
    return render_template("leads/_card.html", cards=card_views(found, lane))


@blueprint.get("/board/headings")
@needs(Right.READ_LEADS)
def headings() -> ResponseReturnValue:
    """The columns' heads anew after a card moved, as a fragment."""
    group = _group()
    wanted, _notes = _board_filter(group)
    found, _overdue = boards.headings(actor(), wanted, clock.today(), group)
    return render_template(
        "leads/_headings.html", lanes=lanes(group), headings=found, empty=boards.Heading()
    )


def _group() -> Group:
    asked = request.args.get("group", "")
    return Group(asked) if asked in set(Group) else Group.STAGE


def _board_filter(group: Group) -> tuple[LeadFilter, Any]:
    """The board shows what is worked on, or what is on hold; every column at once."""
    read = read_filter(request.args, actor())
    status = "on_hold" if read.filter.status == "on_hold" else "active"
    scope = read.filter.scope or scopes(actor())[0]
    stage = None if group is Group.STAGE else read.filter.stage
    return replace(read.filter, status=status, scope=scope, stage=stage), read.notes


@blueprint.get("/leads")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """The list, filtered and sorted, a page at a time."""
    today = clock.today()
    asked = asked_list(request.args, actor())
    read, sort = asked.read, asked.sort
    found, on_hold = count_resting(actor(), read.filter, today)
    cursor = request.args.get("cursor")
    page = listing.leads_page(actor(), read.filter, sort, cursor, asked.columns, today, n=found.n)
    kept = columns_arg(asked.columns)
    bar = FilterBar(
        "leads.index", read.filter, actor(), sort=sort, more=asked.more, typed=request.args
    )
    return render_template(
        "leads/index.html",
        page=page,
        found=found,
        among=among(read.filter, on_hold),
        bar=bar,
        sort=sort,
        columns=asked.columns,
        columns_arg=kept,
        descending=DESCENDING,
        columns_known=len(COLUMNS) + 1,
        Kind=Kind,
        view=asked.view,
        views=saved.views_of(actor()),
        changeable=asked.view is not None and saved.may_change(asked.view, actor()),
        notes=read.notes,
        empty_state=None if page.items else empty_state(bar, actor(), today),
        title_of=title_of,
        files=[
            *export_links.of_list("exports.leads", sort=sort, **bar.args, **kept),
            *export_links.ledgers(bar.args),
        ],
        chosen=export_links.of_chosen("exports.chosen", sort=sort, **bar.args, **kept),
        bulk_kinds=bulk_edits.kinds(actor()) if allowed(actor(), Right.WRITE_LEADS) else [],
        bulk_most=MOST,
        badge_views=badge_views,
        why_of=why_of,
        position=position,
        stage_name=stage_name,
        local_date=clock.local_date,
        Status=Status,
    )


@blueprint.get("/leads/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """Where a lead stands, what is next, what is missing, what happened."""
    kind = request.args.get("show", "")
    offers = offers_of(public_id, actor())
    try:
        found = lead_page(
            public_id,
            actor(),
            clock.today(),
            kind=EntryKind(kind) if kind in set(EntryKind) else None,
            before=_moment(request.args.get("before")),
            told=tuple(told(offers)),
            tell=lambda lead, rows: told_promises(promises_among(rows, lead, actor())),
            beside=told_landing,
        )
    except NotFound:
        return archived_lead_page(public_id)
    landing = landing_of(found.lead, found.facts, actor(), also=aftercare.column())
    return render_template(
        "leads/show.html",
        page=found,
        lead=found.lead,
        facts=facts(found.lead, writable=found.writable, may_hand_over=found.may_hand_over),
        landing=landing,
        next_visit=_next_visit(found, landing),
        source_words=SOURCE_WORDS,
        metric_words=METRIC_WORDS,
        amount=amount,
        title=title_of(found.lead),
        ruler=_ruler(found),
        archivable=found.writable and may_archive(found.lead, actor()),
        kind=kind,
        kinds=_kinds(found.timeline, kind),
        draft=partial(draft_of, author=current_user.public_id),
        comment_form=_comment_form(found),
        offers=offers,
        promises=_to_keep(found),
        way_out=partial(lead_forms.way_out, offers=offers),
        badge_views=badge_views,
        why_of=why_of,
        local_date=clock.local_date,
        today=clock.today(),
        FILES_SHOWN=FILES_SHOWN,
        Status=Status,
    )


@blueprint.get("/leads/<public_id>/print")
@needs(Right.READ_LEADS)
def sheet(public_id: str) -> ResponseReturnValue:
    """A lead on one sheet of A4, for a leader's folder."""
    now = clock.now()
    found = lead_page(public_id, actor(), clock.today(), kind=EntryKind.VISITS)
    return render_template(
        "leads/print.html",
        page=found,
        lead=found.lead,
        title=title_of(found.lead),
        offers=offers_of(public_id, actor()),
        promises=_to_keep(found),
        days=next((part.note for part in found.ruler if part.current), None),
        status=STATUS_WORDS[found.lead.status],
        stage=stage_name(found.lead.stage),
        now=now,
        today=clock.today(),
        local_date=clock.local_date,
        Status=Status,
        VISITS=SHEET_VISITS,
        LINES=SHEET_LINES,
    )


def _ruler(found: LeadPage) -> list[dict[str, Any]]:
    """The stages as the page draws them; the present one says why it stalls."""
    stalled = why_of(found.word("stalled"), found.lead.public_id)
    return [
        {
            "word": say(part.info.name),
            "note": say(part.note) if part.note else "",
            "reached": part.reached,
            "current": part.current,
            "why": stalled if part.current else None,
        }
        for part in found.ruler
    ]


def _next_visit(found: LeadPage, landing: Landing | None) -> Message | None:
    """When those who have landed are to be visited again."""
    lists = {entry.edition.target_list.code for entry in found.entries}
    asked = landing.also if landing else None
    return aftercare.next_visit(asked, found.lead, lists, clock.today())


def _to_keep(found: LeadPage) -> list[Promised]:
    """The promises that are still to be kept, as far as the reader may see them."""
    return [one for one in promises_among(found.every_task, found.lead, actor()) if one.open]


def _kinds(found: Timeline, chosen: str) -> list[tuple[str, str, int]]:
    """The kinds of timeline entries, what they are called and how many there are, none left out."""
    words = {
        EntryKind.VISITS: _("走访"),
        EntryKind.STAGES: _("阶段"),
        EntryKind.DIRECTIVES: _("批示"),
        EntryKind.PROMISES: _("承诺"),
        EntryKind.COMMENTS: _("评论"),
        EntryKind.STEPS: _("下一步"),
        EntryKind.NOTES: _("台账"),
        EntryKind.EDITS: _("资料"),
        EntryKind.FILES: _("附件"),
        EntryKind.OFFERS: pgettext("timeline", "测算"),
    }
    counted = [(kind.value, word, found.counts[kind]) for kind, word in words.items()]
    shown = [one for one in counted if one[2] or one[0] == chosen]
    return [("", _("全部"), found.counts.total()), *shown]


def _comment_form(found: LeadPage) -> CommentForm | None:
    """An empty form for who may say something here."""
    if not allowed(actor(), Right.COMMENT):
        return None
    draft = draft_of("comment", found.lead.public_id, current_user.public_id)
    return CommentForm(formdata=None, data={"draft": draft})


def _moment(text: str | None) -> datetime | None:
    try:
        return clock.moment_of(text) if text else None
    except ValueError:
        return None


@blueprint.route("/leads/new", methods=["GET", "POST"])
@blueprint.post("/leads", endpoint="create")
@needs(Right.WRITE_LEADS)
def new() -> ResponseReturnValue:
    """Register a lead."""
    form = NewLeadForm()
    lead_forms.offer_new(form, actor(), clock.today())
    if request.method == "GET":
        lead_forms.preset(form, request.args, actor())

    def register() -> Lead:
        event_id, referral = form.event.data or "", form.referral()
        return register_lead(
            form.new_lead(), actor(), clock.now(), event_id=event_id, referral=referral
        )

    if form.all_right(register):
        with form.refusals():
            lead = register()
            db.session.commit()
            toast(_("已登记。"))
            return redirect(url_for("leads.show", public_id=lead.public_id))
    return answer(form, "leads/new.html", **lead_forms.about_company(form))


@blueprint.route("/leads/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def edit(public_id: str) -> ResponseReturnValue:
    """Change what is known of a lead."""
    lead = writable_lead(actor(), public_id, *page_options())
    title = title_of(lead)
    form = EditLeadForm()
    lead_forms.offer_edit(form, lead, actor(), clock.today())
    if request.method == "GET":
        lead_forms.show(form, lead)

    def change() -> Lead:
        return edits.edit_lead(public_id, form.edit(), actor(), clock.now(), read=form.has_read)

    if form.all_right(change):
        with form.refusals():
            done = change()
            undo = undo_of(public_id, number_of_edit(done))
            db.session.commit()
            toast(form.saved(_("已保存。")), undo)
            return redirect(url_for("leads.show", public_id=public_id))
    if request.method == "POST":
        lead = readable_lead(actor(), public_id, *page_options())
    return answer(form, "leads/edit.html", lead=lead, title=title, today=clock.today())
