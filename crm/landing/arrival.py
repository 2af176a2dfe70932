"""The day a project landed, and the first people who work here."""

from __future__ import annotations

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
from models import db
from models.lead import Lead


def arrive(lead: Lead, given: Arrival, now: datetime) -> None:
    """Write down first employees and landing date of a lead that the caller has locked.

    The number of people is a figure of the local company for the year of its day, which is the day
    of landing unless another is said. Raises Refusal with each wrong field.
    """
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
