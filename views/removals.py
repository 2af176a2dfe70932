"""Putting a record away: asked for in a dialog or on a page, with a way back in the toast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Actor, Right, may_write, readable_lead
from crm.companies import archiving as companies
from crm.companies import contacts
from crm.companies.contact_archiving import archive_contact
from crm.companies.queries import company_or_404
from crm.errors import Forbidden, NotFound
from crm.events import service as events
from crm.events.queries import event_or_404
from crm.formats import moment, say
from crm.leads import archiving as leads
from crm.leads.queries import page_options
from crm.leads.words import MODE_WORDS
from crm.visits import archiving as visits
from crm.visits.queries import readable_visit
from models import db
from models.archive import ArchiveEntry
from views.forms.base import answer
from views.forms.trash import ReasonForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast

blueprint = Blueprint("removals", __name__)

Archive = Callable[[str, Actor, datetime], ArchiveEntry]


@dataclass(frozen=True)
class Asked:
    """A record that somebody wants to put away: what it is called and what becomes of it.

    ``page`` is its page, ``after`` where one goes when it is gone. ``said``: the toast. ``refused``
    says at once why it can not be.
    """

    title: str
    kept: str
    page: str
    after: str
    said: str
    archive: Archive
    refused: str = ""


@blueprint.route("/leads/<public_id>/removal", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def of_lead(public_id: str) -> ResponseReturnValue:
    """Put a lead away."""
    lead = readable_lead(actor(), public_id, *page_options())
    if not may_write(lead, actor()) or not leads.may_archive(lead, actor()):
        raise Forbidden
    return _asked(
        Asked(
            title_of(lead),
            _("看板、列表、数字和提醒里都不再有它，走访、附件和评论都留着。在回收站可以恢复。"),
            page=url_for("leads.show", public_id=public_id),
            after=url_for("leads.index"),
            said=_("线索已归档，企业可以由别人登记。"),
            archive=lambda reason, by, now: leads.archive_lead(public_id, reason, by, now),
        )
    )


@blueprint.route("/visits/<public_id>/removal", methods=["GET", "POST"])
@needs(Right.LOG_VISITS)
def of_visit(public_id: str) -> ResponseReturnValue:
    """Put a visit away."""
    visit = readable_visit(actor(), public_id)
    if not visits.may_archive(visit, actor()):
        raise Forbidden
    lead = next(iter(visit.leads), None)
    return _asked(
        Asked(
            f"{visit.company.short_name} {say(MODE_WORDS[visit.mode])} {moment(visit.occurred_at)}",
            _("列表、时间线、上次接触和统计里都不再有它；已经过的阶段不变。在回收站可以恢复。"),
            page=url_for("visits.show", public_id=public_id),
            after=url_for("leads.show", public_id=lead.public_id)
            if lead
            else url_for("visits.index"),
            said=_("走访已归档。"),
            archive=lambda reason, by, now: visits.archive_visit(public_id, reason, by, now),
        )
    )


@blueprint.route("/companies/<company_id>/contacts/<contact_id>/removal", methods=["GET", "POST"])
@needs(Right.LOG_VISITS)
def of_contact(company_id: str, contact_id: str) -> ResponseReturnValue:
    """Put a person at a company away."""
    role = contacts.contact_at(company_or_404(company_id), contact_id)
    if not contacts.may_see_numbers(actor(), role):
        raise NotFound
    page = url_for("companies.show", public_id=company_id)
    return _asked(
        Asked(
            role.contact.name,
            _("选人和搜索里都不再有他；见过他的走访里还有他的名字。在回收站可以恢复。"),
            page=url_for("contacts.edit", company_id=company_id, contact_id=contact_id),
            after=page,
            said=_("联系人已归档。"),
            archive=lambda reason, by, now: archive_contact(role, reason, by, now),
        )
    )


@blueprint.route("/companies/<public_id>/removal", methods=["GET", "POST"])
@needs(Right.ARCHIVE_COMPANIES)
def of_company(public_id: str) -> ResponseReturnValue:
    """Put a company away that nothing stands on."""
    company = company_or_404(public_id)
    refused = companies.refused(company)
    return _asked(
        Asked(
            company.short_name,
            _("搜索、列表和产业链里都不再有它，名称和信用代码可以重新登记。在回收站可以恢复。"),
            page=url_for("companies.show", public_id=public_id),
            after=url_for("companies.index"),
            said=_("企业已归档。"),
            archive=lambda reason, by, now: companies.archive_company(
                company.public_id, reason, by, now
            ),
            refused=say(refused) if refused else "",
        )
    )


@blueprint.route("/events/<public_id>/removal", methods=["GET", "POST"])
@needs(Right.WRITE_EVENTS)
def of_event(public_id: str) -> ResponseReturnValue:
    """Put an event away with its guests."""
    event = event_or_404(public_id)
    if not events.may_archive(event, actor()):
        raise Forbidden
    return _asked(
        Asked(
            event.name,
            _("列表里不再有它，名单留着；由它记的走访和登记的线索不变。在回收站可以恢复。"),
            page=url_for("events.show", public_id=public_id),
            after=url_for("events.index"),
            said=_("活动已归档。"),
            archive=lambda reason, by, now: events.archive_event(public_id, reason, by, now),
        )
    )


def _asked(asked: Asked) -> ResponseReturnValue:
    """Ask why, as a page or in a dialog; then put it away."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals():
            entry = asked.archive(form.reason.data or "", actor(), clock.now())
            db.session.commit()
            toast(asked.said, url_for("trash.bring_back", entry_id=entry.public_id))
            return redirect(asked.after)
    return answer(form, "trash/_remove.html" if in_place() else "trash/remove.html", asked=asked)
