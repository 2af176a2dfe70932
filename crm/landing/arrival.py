"""The day a project landed, and the first people who work here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from crm.clock import local_date
from crm.companies.figures import latest_figure, record_figure
from crm.errors import Refusal
from crm.landing.local_company import local_company_of
from crm.landing.registration import milestones
from crm.landing.rules import Arrival, wrong_arrival
from crm.landing.words import EMPLOYEE_SOURCES, REPORTED
from crm.leads.facts import EMPLOYEES
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.figure import Figure
from models.lead import Lead

# What the form calls otherwise than the figure of the people.
_COLUMNS = {
    "employees": ("value",),
    "employees_source": ("source",),
    "employees_on": ("as_of",),
}


def arrive(lead: Lead, given: Arrival, now: datetime, read: Read | None = None) -> None:
    """Write down first employees and landing date of a lead that the caller has locked.

    The number of people is a figure of the local company for the year of its day, which is the day
    of landing unless another is said. ``read`` is what the person had read of it. Raises Refusal
    with each wrong field, and Stale for what two people changed.
    """
    given = _merged(lead, given, read)
    today = local_date(now)
    errors = wrong_arrival(given, milestones(lead), today)
    if given.employees_source and given.employees_source not in EMPLOYEE_SOURCES:
        errors["employees_source"] = [msg("没有这个来源，请从列表里选。")]
    if errors:
        raise Refusal(errors)
    if given.landed_on is not None and given.landed_on != lead.landed_on:
        lead.landed_on = given.landed_on
    if given.employees is not None:
        _note_employees(lead, given.employees, given, now)
    lead.updated_at = now
    db.session.flush()


def known_of(lead: Lead) -> Arrival:
    """What is known, as it would be typed (two statements)."""
    figure = _employees(lead)
    chosen = figure.source if figure else REPORTED
    return Arrival(
        employees=figure.value if figure else None,
        employees_source=chosen if chosen in EMPLOYEE_SOURCES else REPORTED,
        employees_on=figure.as_of if figure else None,
        landed_on=lead.landed_on,
    )


def _employees(lead: Lead) -> Figure | None:
    company = local_company_of(lead)
    return latest_figure(company.id, EMPLOYEES) if company else None


def _merged(lead: Lead, given: Arrival, read: Read | None) -> Arrival:
    if read is None:
        return given
    records = [record for record in (lead, _employees(lead)) if record is not None]
    known, yours = asdict(known_of(lead)), asdict(given)
    if given.employees is None:
        # Where from and of which day say nothing without a number.
        yours = {name: yours[name] for name in ("employees", "landed_on")}
    return Arrival(**{**known, **merged(known, yours, read, records, _COLUMNS)})


def _note_employees(lead: Lead, people: int, given: Arrival, now: datetime) -> None:
    company = local_company_of(lead)
    if company is None:
        raise Refusal({"local_company": [msg("请先登记本地公司，再填员工人数。")]})
    as_of = given.employees_on or lead.landed_on or local_date(now)
    known = latest_figure(company.id, EMPLOYEES)
    if known is not None and known.year > as_of.year:
        raise Refusal(
            {
                "employees_on": [
                    msg("已有 %(year)s 年的员工人数，请填那一年或以后的日期。", year=known.year)
                ]
            }
        )
    record_figure(
        company.id,
        EMPLOYEES,
        people,
        source=given.employees_source or REPORTED,
        now=now,
        as_of=as_of,
    )
