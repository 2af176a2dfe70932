"""A figure of a report as an address: the list that shows exactly what it counts."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from crm.companies.figures import EMPLOYEES
from crm.companies.settled import CITY
from crm.formats import count, money, say
from crm.leads import choices
from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure
from crm.visits.filters import VisitFilter


def href(figure: Figure) -> str:
    """Where a figure leads."""
    opens = figure.opens
    args: dict[str, Any]
    if isinstance(opens, LeadFilter):
        endpoint, args = "leads.index", opens.as_args()
    elif isinstance(opens, VisitFilter):
        endpoint, args = "visits.index", opens.as_args()
    else:
        endpoint = "companies.index"
        args = {"settled": opens.settled, "metric": opens.metric, "least": opens.least}
    return url_for(endpoint, **args)


def amount(metric: str, value: int) -> str:
    """The value of a company's metric."""
    return str(_("%(n)s 人", n=count(value))) if metric == EMPLOYEES else money(value)


def settled_words(where: str) -> str:
    """What the condition is called that companies settled in the city or a place of it."""
    if not where or where == CITY:
        return str(_("招引落地")) if where else ""
    names = dict(choices.places())
    place = say(names[where]) if where in names else where
    return str(_("落地在%(place)s", place=place))
