"""Offers: proposed for a lead, shown with their working, approved, refused, withdrawn."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.errors import Conflict, Refusal
from crm.formats import say
from crm.leads.attachments import attach_to_offer
from crm.messages import msg
from crm.offers import decided, service
from crm.offers.incentives import Verdict
from crm.offers.pages import Drafting, drafting, offer_page
from crm.offers.policy import policy
from crm.offers.queries import awaiting_decision
from crm.offers.rules import Decision
from crm.offers.terms import Kind
from models import db
from models.enums import OfferState
from views.attachments import Home, create, page
from views.errors import wants_json
from views.forms.attachment import AttachmentForm
from views.forms.base import answer
from views.forms.offer import DecisionForm, OfferForm, filled, offer_form
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast, toast_refusal
from views.uploads import allow_uploads

blueprint = Blueprint("offers", __name__)
allow_uploads(blueprint)


@blueprint.get("/leads/<public_id>/offers/new")
@needs(Right.PROPOSE_OFFERS)
def new(public_id: str) -> ResponseReturnValue:
    """The form of a new version: each rule with what it gives, and what was asked before."""
    found = drafting(public_id, actor())
    return _new(found, offer_form(formdata=None, data=filled(found.again)))


@blueprint.post("/leads/<public_id>/offers")
@needs(Right.PROPOSE_OFFERS)
def create_offer(public_id: str) -> ResponseReturnValue:
    """Propose it, or state that nothing is asked."""
    form = offer_form()
    if form.validate_on_submit():
        with form.refusals():
            offer = service.propose(public_id, form.proposal(), actor(), clock.now())
            db.session.commit()
            waits = offer.state is OfferState.PROPOSED
            toast(_("已提交，等局领导批准。") if waits else _("已记录：不申请扶持。"))
            return redirect(url_for("offers.show", public_id=offer.public_id))
    return _new(drafting(public_id, actor()), form)


@blueprint.get("/offers/<public_id>")
@needs(Right.READ_OFFERS)
def show(public_id: str) -> ResponseReturnValue:
    """One version, its lines and how they came about, and the ones before."""
    return _show(public_id, DecisionForm(formdata=None))


@blueprint.post("/offers/<public_id>/decision")
@needs(Right.DECIDE_OFFERS)
def decide(public_id: str) -> ResponseReturnValue:
    """Approve or refuse; who was slower is told who decided and when."""
    form = DecisionForm()
    conflict = None
    if form.validate_on_submit():
        try:
            with form.refusals():
                if (decision := form.decided) is None:
                    raise Refusal({"reason": [msg("请选同意或不同意。")]})
                service.decide(
                    public_id,
                    decision,
                    form.reason.data or "",
                    actor(),
                    clock.now(),
                    seen=form.state_seen,
                )
                db.session.commit()
                approved = decision is Decision.APPROVE
                toast(_("已批准。") if approved else _("已退回，提出人会看到原因。"))
                # Over the overview one goes on with the next.
                if in_place():
                    return redirect(_overview())
                return redirect(url_for("offers.show", public_id=public_id))
        except Conflict as found:
            db.session.rollback()
            if wants_json():
                raise
            conflict = found
    return _show(public_id, form, conflict)


def _overview() -> str:
    """The overview of the period that the person looks at."""
    before, overview = urlsplit(request.referrer or ""), url_for("overview.show")
    same = before.path == overview and before.netloc == request.host
    return f"{overview}?{before.query}" if same and before.query else overview


@blueprint.post("/offers/<public_id>/withdrawal")
@needs(Right.PROPOSE_OFFERS)
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take back what nobody has decided yet."""
    try:
        service.withdraw(public_id, actor(), clock.now())
    except (Conflict, Refusal) as refused:
        toast_refusal(refused)
        return redirect(url_for("offers.show", public_id=public_id))
    db.session.commit()
    toast(_("已撤回。"))
    return redirect(url_for("offers.show", public_id=public_id))


@blueprint.post("/leads/<public_id>/offers/seen")
@needs(Right.PROPOSE_OFFERS)
def see(public_id: str) -> ResponseReturnValue:
    """Who is to hear of a decision on this lead knows of it, and is not told again."""
    decided.see(public_id, actor(), clock.now())
    db.session.commit()
    if request.values.get("back") == "today":
        return redirect(url_for("today.show"))
    return redirect(url_for("leads.show", public_id=public_id))


@blueprint.get("/offers/<public_id>/attachments/new")
@needs(Right.PROPOSE_OFFERS)
def new_attachment(public_id: str) -> ResponseReturnValue:
    """The form of a file, as a page or in a dialog."""
    return page(AttachmentForm(formdata=None), _home(public_id))


@blueprint.post("/offers/<public_id>/attachments")
@needs(Right.PROPOSE_OFFERS)
def create_attachment(public_id: str) -> ResponseReturnValue:
    """Hang files on an offer that nobody has decided yet."""
    return create(AttachmentForm(), _home(public_id))


def _home(public_id: str) -> Home:
    offer = offer_page(public_id, actor()).offer
    return Home(
        title=_("政策测算第 %(n)s 版", n=offer.version),
        page=url_for("offers.show", public_id=public_id),
        action=url_for("offers.create_attachment", public_id=public_id),
        attach=lambda file, by, now: attach_to_offer(public_id, file, by, now),
    )


def _new(found: Drafting, form: OfferForm) -> ResponseReturnValue:
    return answer(
        form,
        "offers/new.html",
        draft=found,
        lead=found.lead,
        title=title_of(found.lead),
        Verdict=Verdict,
    )


def _show(
    public_id: str, form: DecisionForm, conflict: Conflict | None = None
) -> ResponseReturnValue:
    found = offer_page(public_id, actor())
    # A hidden field shows what was sent; after a conflict it is what is known now.
    form.seen.data, form.seen.raw_data = found.version.state.value, None
    context: dict[str, Any] = {
        "page": found,
        "offer": found.offer,
        "lead": found.offer.lead,
        "title": title_of(found.offer.lead),
        "conflict": conflict,
        "local_date": clock.local_date,
        "Kind": Kind,
        "Verdict": Verdict,
        "OfferState": OfferState,
        "kinds": {kind: say(name) for kind, name in policy().kinds.items()},
        # Who has decided one goes on with the next.
        "next": None if found.may_decide else next(iter(awaiting_decision(actor(), 1)), None),
    }
    template = "offers/dialog.html" if in_place() else "offers/show.html"
    if conflict is not None:
        return render_template(template, form=form, **context), 409
    return answer(form, template, **context)
