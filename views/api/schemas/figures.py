"""Yearly figures of companies."""

from __future__ import annotations

from crm.amounts import LARGEST_CNY
from crm.companies.figures import METRIC_WORDS, PUBLISHED, REVENUE, SOURCE_WORDS, YEARLY_SOURCES
from crm.companies.rules import EARLIEST
from views.api import fields as f

_LATEST = 2100
_SOURCE = "Where it comes from"


class YearFigureSchema(f.Record):
    """What was known of a year."""

    year = f.Whole("Year", 2025, least=EARLIEST, most=_LATEST, required=True)
    metric = f.Text(
        required=True,
        validate=f.Among(list(METRIC_WORDS)),
        metadata=f.about("What is counted: whole CNY or people", REVENUE),
    )
    value = f.Whole("Whole CNY or people", 280_000_000, most=LARGEST_CNY, required=True)
    source = f.Text(
        required=True,
        validate=f.Among(list(SOURCE_WORDS)),
        metadata=f.about(_SOURCE, PUBLISHED),
    )


class WrittenYearSchema(f.Record):
    """A year as it was written down."""

    year = f.Whole("Year", 2025, least=EARLIEST, most=_LATEST, required=True)
    revenue_cny = f.Whole(
        "Software revenue, in whole CNY", 280_000_000, most=LARGEST_CNY, allow_none=True
    )
    employees = f.Whole("People", 1500, most=f.LARGEST_WHOLE, allow_none=True)
    source = f.Text(
        required=True, validate=f.Among(YEARLY_SOURCES), metadata=f.about(_SOURCE, PUBLISHED)
    )


class NewYearSchema(f.Body):
    """A year of a company: its revenue, its people or both."""

    year = f.Whole("Year, not one to come", 2025, least=EARLIEST, most=_LATEST, required=True)
    revenue_cny = f.Whole(
        "Software revenue, in whole CNY", 280_000_000, most=LARGEST_CNY, allow_none=True
    )
    employees = f.Whole("People", 1500, most=f.LARGEST_WHOLE, allow_none=True)
    source = f.Text(
        validate=f.Among(YEARLY_SOURCES),
        metadata=f.about(f"{_SOURCE}; published when it is left out", PUBLISHED),
    )
