"""Referrals: the tree of who led whom to us; written down on a lead or a company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, may_write, readable_lead, writable_lead
from crm.companies.queries import company_or_404
from crm.errors import NotFound
from crm.events.queries import origins_of
from crm.leads.filters import LeadFilter
from crm.leads.queries import page_options
from crm.leads.stages import position, stage_name
from crm.referrals import queries, service
from crm.referrals.service import ReferralInput
from models import db
from models.enums import Stage, Status
from models.referral import Referral
from views.forms.base import answer
from views.forms.referral import ReferralForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("referrals", __name__)


@blueprint.get("/referrals")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """Who led whom to us, all of it or below one company."""
    named = request.args.get("company", "")
    company = company_or_404(named) if named else None
    tree = (
        queries.tree_of(actor(), company)
        if company
        else queries.tree_page(actor(), request.args.get("cursor"))
    )
    return render_template(
        "referrals/index.html",
        tree=tree,
        company=company,
        leads_url=_leads_url,
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        Status=Status,
    )


def _leads_url(choice: str, *, landed: bool = False) -> str:
    """The list of exactly the leads below a source, lost ones too."""
    stage = Stage.LANDED if landed else None
    args: dict[str, Any] = LeadFilter(referrer=choice, stage=stage, status="all").as_args()
    return url_for("leads.index", **args)


@dataclass(frozen=True)
class _Subject:
    """What a referral is of: its page, what it is called, and the verbs of its kind."""

    kind: str
    public_id: str
    title: str
    page: str
    known: Referral | None
    write: Callable[[ReferralInput], Any]
    forget: Callable[[], Any]

    def url(self, verb: str, **args: Any) -> str:
        """An address of this referral."""
        return url_for(f"referrals.{verb}_{self.kind}", public_id=self.public_id, **args)


def _lead(public_id: str) -> _Subject:
    lead = writable_lead(actor(), public_id, *page_options())
    known = queries.referral_of_lead(lead)
    return _Subject(
        "lead",
        public_id,
        title_of(lead),
        url_for("leads.show", public_id=public_id),
        known,
        lambda typed: service.refer_lead(public_id, typed, actor(), clock.now()),
        lambda: service.forget_lead(public_id, actor()),
    )


def _company(public_id: str) -> _Subject:
    company = company_or_404(public_id)
    return _Subject(
        "company",
        public_id,
        company.short_name,
        url_for("companies.show", public_id=public_id),
        queries.referral_of_company(company),
        lambda typed: service.refer_company(public_id, typed, actor(), clock.now()),
        lambda: service.forget_company(public_id, actor()),
    )


@blueprint.get("/leads/<public_id>/origins")
@needs(Right.READ_LEADS)
def origins_of_lead(public_id: str) -> ResponseReturnValue:
    """Where a lead came from: as a page, and among the facts of the lead's own."""
    lead = readable_lead(actor(), public_id, *page_options())
    return render_template(
        "referrals/_of_lead.html" if in_place() else "referrals/origins.html",
        lead=lead,
        origins=origins_of(lead),
        writable=may_write(lead, actor()),
    )


@blueprint.route("/leads/<public_id>/referral", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def of_lead(public_id: str) -> ResponseReturnValue:
    """Who led a lead to us."""
    return _asked(_lead, public_id)


@blueprint.route("/companies/<public_id>/referral", methods=["GET", "POST"])
@needs(Right.WRITE_COMPANIES)
def of_company(public_id: str) -> ResponseReturnValue:
    """Who led a company to us, whatever came of it."""
    return _asked(_company, public_id)


def _asked(find: Callable[[str], _Subject], public_id: str) -> ResponseReturnValue:
    subject, form = find(public_id), ReferralForm()
    if form.validate_on_submit():
        with form.refusals():
            was = sealed("referral", _values(subject.known))
            subject.write(form.typed())
            db.session.commit()
            toast(_("已记下谁引荐的。"), subject.url("restore", was=was))
            return redirect(subject.page)
        subject = find(public_id)
    if request.method == "GET":
        form.show(subject.known)
    chosen = form.referrer.data or ""
    return answer(
        form,
        "referrals/_form.html" if in_place() else "referrals/form.html",
        subject=subject,
        referrer_name=_called(chosen),
    )


def _called(public_id: str) -> str:
    """What the chosen company is called."""
    try:
        return company_or_404(public_id).name if public_id else ""
    except NotFound:
        return public_id


@blueprint.post("/leads/<public_id>/referral/removal")
@needs(Right.WRITE_LEADS)
def forget_lead(public_id: str) -> ResponseReturnValue:
    """Nobody led it to us after all."""
    return _forgotten(_lead(public_id))


@blueprint.post("/companies/<public_id>/referral/removal")
@needs(Right.WRITE_COMPANIES)
def forget_company(public_id: str) -> ResponseReturnValue:
    """The same of a company."""
    return _forgotten(_company(public_id))


def _forgotten(subject: _Subject) -> ResponseReturnValue:
    was = sealed("referral", _values(subject.known))
    subject.forget()
    db.session.commit()
    toast(_("已去掉引荐。"), subject.url("restore", was=was))
    return redirect(subject.page)


@blueprint.post("/leads/<public_id>/referral/restoration")
@needs(Right.WRITE_LEADS)
def restore_lead(public_id: str) -> ResponseReturnValue:
    """Back to what stood there before."""
    return _restored(_lead(public_id))


@blueprint.post("/companies/<public_id>/referral/restoration")
@needs(Right.WRITE_COMPANIES)
def restore_company(public_id: str) -> ResponseReturnValue:
    """The same of a company."""
    return _restored(_company(public_id))


def _restored(subject: _Subject) -> ResponseReturnValue:
    values = unsealed("referral")
    if values:
        referrer, contact, source, day, note = values
        happened_on = date.fromisoformat(day) if day else None
        subject.write(ReferralInput(referrer, contact, source, happened_on, note))
    else:
        subject.forget()
    db.session.commit()
    toast(_("已恢复。"))
    return redirect(subject.page)


def _values(known: Referral | None) -> list[str]:
    """What stands there, to bring it back; nothing where nothing does."""
    if known is None:
        return []
    return [
        known.referrer.public_id if known.referrer else "",
        known.contact.public_id if known.contact else "",
        known.source,
        known.happened_on.isoformat() if known.happened_on else "",
        known.note,
    ]
