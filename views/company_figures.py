"""What a company was, year by year: written down beside what was known before."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.companies.figures import record_year
from crm.companies.queries import company_or_404
from models import db
from views.forms.base import answer
from views.forms.company_figures import YearFiguresForm
from views.guard import needs
from views.toasts import toast

blueprint = Blueprint("company_figures", __name__, url_prefix="/companies/<company_id>/figures")


@blueprint.get("/new")
@needs(Right.WRITE_COMPANIES)
def new(company_id: str) -> ResponseReturnValue:
    """The form of another year; last year is what is usually known."""
    form = YearFiguresForm().offer()
    form.year.data = clock.today().year - 1
    return answer(form, "companies/figures.html", company=company_or_404(company_id))


@blueprint.post("")
@needs(Right.WRITE_COMPANIES)
def create(company_id: str) -> ResponseReturnValue:
    """Write a year down; of the same year the later word counts, and the earlier one stays."""
    company, form = company_or_404(company_id), YearFiguresForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            record_year(company.id, form.typed(), clock.now())
            db.session.commit()
            toast(_("已记下 %(year)s 年的数据", year=form.year.data))
            return redirect(url_for("companies.show", public_id=company_id) + "#figures")
    return answer(form, "companies/figures.html", company=company_or_404(company_id))
