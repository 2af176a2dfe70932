"""People at a company: added and changed."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead
from crm.companies import contacts
from crm.companies.queries import company_or_404
from crm.errors import NotFound
from models import db
from views.forms.base import answer
from views.forms.contact import ContactForm
from views.guard import actor, needs
from views.toasts import in_place, toast

blueprint = Blueprint("contacts", __name__, url_prefix="/companies/<company_id>/contacts")


@blueprint.get("/new")
@needs(Right.LOG_VISITS)
def new(company_id: str) -> ResponseReturnValue:
    """The form of a new contact."""
    return render_template(
        "companies/contact.html",
        form=ContactForm(),
        company=company_or_404(company_id),
        role=None,
        lead=_lead(),
    )


@blueprint.post("")
@needs(Right.LOG_VISITS)
def create(company_id: str) -> ResponseReturnValue:
    """Add a person; htmx gets the new person as a choice of the form it stands in."""
    company, form = company_or_404(company_id), ContactForm()
    if form.validate_on_submit():
        with form.refusals():
            contact = contacts.add_contact(company, form.typed(), actor(), clock.now()).contact
            db.session.commit()
            if in_place():
                return render_template("companies/_contact_choice.html", contact=contact), 201
            toast(_("已添加 %(name)s", name=form.name.data))
            if lead := _lead():
                return redirect(url_for("leads.show", public_id=lead))
            return redirect(url_for("companies.show", public_id=company_id))
    return answer(
        form,
        "companies/contact.html",
        company=company_or_404(company_id),
        role=None,
        lead=_lead(),
    )


def _lead() -> str | None:
    """The lead whose page somebody came from, and goes back to."""
    given = request.args.get("lead", "")
    return readable_lead(actor(), given).public_id if given else None


@blueprint.route("/<contact_id>", methods=["GET", "POST"])
@needs(Right.LOG_VISITS)
def edit(company_id: str, contact_id: str) -> ResponseReturnValue:
    """Change what is known of a person whose numbers the actor may see."""
    company, form = company_or_404(company_id), ContactForm()
    role = contacts.contact_at(company, contact_id)
    if not contacts.may_see_numbers(actor(), role):
        raise NotFound
    if form.validate_on_submit():
        with form.refusals():
            contacts.edit_contact(role, form.typed(), actor(), form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return redirect(url_for("companies.show", public_id=company_id))
        company = company_or_404(company_id)
        role = contacts.contact_at(company, contact_id)
    if request.method == "GET":
        form.show(role)
    return answer(form, "companies/contact.html", company=company, role=role, lead=None)
