"""Two records that are one company: laid side by side, made one, and parted again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.companies.names import difference
from crm.companies.queries import company_or_404
from crm.errors import Refusal
from crm.leads.claims import leading_holders
from crm.mergers import queries, rules, service
from crm.messages import msg
from models import db
from models.company import Company
from views.forms.base import answer
from views.forms.merger import MergerForm
from views.guard import actor, needs
from views.toasts import in_place, toast, toast_refusal

blueprint = Blueprint("mergers", __name__, url_prefix="/companies/<company_id>/mergers")


@blueprint.get("")
@needs(Right.MERGE_COMPANIES)
def index(company_id: str) -> ResponseReturnValue:
    """What may be the same company, and what was merged into it: a page, or a part of another."""
    company = company_or_404(company_id)
    return render_template(
        "mergers/_of_company.html" if in_place() else "mergers/index.html",
        company=company,
        likely=queries.likely_the_same(company),
        mergers=queries.mergers_into(company.id),
    )


@blueprint.get("/new")
@needs(Right.MERGE_COMPANIES)
def new(company_id: str) -> ResponseReturnValue:
    """Which other company it is; once that is said, both side by side."""
    company = company_or_404(company_id)
    form = MergerForm().offer(request.args.get("other"))
    return _page(company, form)


@blueprint.post("")
@needs(Right.MERGE_COMPANIES)
def create(company_id: str) -> ResponseReturnValue:
    """Make them one."""
    company = company_or_404(company_id)
    form = MergerForm().offer(None)
    if form.validate_on_submit():
        with form.refusals():
            other = company_or_404(form.other.data)
            pair = {company.public_id: other, other.public_id: company}
            if form.stays.data not in pair:
                raise Refusal({"stays": [msg("请选留下哪一家。")]})
            gone = pair[form.stays.data]
            merger = service.merge(gone.public_id, form.stays.data, actor(), clock.now())
            db.session.commit()
            back = url_for("mergers.part", company_id=form.stays.data, merger_id=merger.public_id)
            toast(_("“%(name)s”已并进来", name=gone.name), back)
            return redirect(url_for("companies.show", public_id=form.stays.data))
    return _page(company_or_404(company_id), form)


@blueprint.post("/<merger_id>/reversal")
@needs(Right.MERGE_COMPANIES)
def part(company_id: str, merger_id: str) -> ResponseReturnValue:
    """Part them again."""
    try:
        again = service.part(company_id, merger_id, actor())
    except Refusal as refused:
        toast_refusal(refused)
        return redirect(url_for("companies.show", public_id=company_id))
    name, public_id = again.name, again.public_id
    db.session.commit()
    toast(_("“%(name)s”又是单独的一家", name=name))
    return redirect(url_for("companies.show", public_id=public_id))


def _page(company: Company, form: MergerForm) -> ResponseReturnValue:
    """The choice of the other company; with one chosen, what tells the two apart."""
    chosen = form.other.data
    if not chosen:
        likely = queries.likely_the_same(company)
        return answer(form, "mergers/new.html", company=company, likely=likely)
    other = company_or_404(chosen)
    against = rules.against(queries.facts_of(company, other))
    if company.id == other.id:
        return answer(form, "mergers/new.html", company=company, refused=against[0])
    sides = queries.sides(company, other)
    likelier = rules.likelier(*sides)
    form.compare(*sides, likelier.public_id)
    held = leading_holders([company.id, other.id], reader=actor())
    return answer(
        form,
        "mergers/compare.html",
        company=company,
        other=other,
        sides=sides,
        names=difference(company.name, other.name),
        holders=[held.get(one.id) for one in (company, other)],
        against=against,
        doubts=rules.doubts(*sides),
        likelier=likelier,
    )
