"""Figures of companies: what they were, year by year."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.companies.figures import YearFigures, figures_of, record_year
from crm.companies.queries import company_or_404
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.figures import NewYearSchema, WrittenYearSchema, YearFigureSchema

noun = Noun("figures", "Figures: revenue and people of a company, year by year.", path="")


@noun.get("/companies/<id:company_id>/figures")
@noun.needs(Right.READ_LEADS)
@noun.arguments(ShortPaging, location="query")
@noun.pages(YearFigureSchema)
def index(query: dict[str, Any], company_id: str) -> dict[str, Any]:
    """List the figures of a company

    The latest year first; of a metric and year the one that was recorded last.
    """
    found = figures_of(company_or_404(company_id).id)
    return answers.all_of([vars(figure) for figure in found], query)


@noun.post("/companies/<id:company_id>/figures")
@noun.needs(Right.WRITE_COMPANIES)
@noun.arguments(NewYearSchema)
@noun.makes(WrittenYearSchema)
def create(sent: dict[str, Any], company_id: str) -> Response:
    """Write down what a company was in a year

    Revenue, people or both. Of the same year the later word counts; the earlier one stays in the
    records.
    """

    def make() -> Response:
        company, given = company_or_404(company_id), YearFigures(**sent)
        record_year(company.id, given, clock.now())
        dumped = WrittenYearSchema().dump(vars(given))
        return answers.made(dumped, f"companies/{company_id}/figures")

    return answers.once(make)
