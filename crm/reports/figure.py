"""A number of a report, and the filter of the list that shows exactly what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from crm.companies.queries import Filters as CompanyFilter
from crm.leads.counting import Count
from crm.leads.filters import LeadFilter
from crm.visits.filters import VisitFilter

Opens: TypeAlias = LeadFilter | VisitFilter | CompanyFilter


@dataclass(frozen=True)
class Figure:
    """So many records, and what they come to: ``planned`` or ``signed`` CNY, or ``known``, the
    sum of a company's metric. ``sum_of`` is empty where a figure says no sum."""

    name: str
    value: int
    opens: Opens
    sum: int = 0
    sum_of: str = ""


def of_leads(name: str, count: Count, opens: LeadFilter, sum_of: str = "") -> Figure:
    """A figure of leads."""
    total = {"planned": count.planned_cny, "signed": count.signed_cny, "": 0}[sum_of]
    return Figure(name, count.n, opens, total, sum_of)
