"""What companies were year by year: revenue and people, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from crm.clock import local_date
from crm.companies.figures import EMPLOYEES, PUBLISHED, REPORTED, REVENUE
from crm.demo.office.pen import Act, Make
from crm.demo.office.scene import LeadSeen, Scene
from crm.demo.records import Values

A_LEAD, LEAST, MOST = 0.7, 4, 3_000
YEARS = 3
WAN = 10_000
SOURCES = (PUBLISHED, PUBLISHED, REPORTED, REPORTED, "visit")


def figures(scene: Scene) -> Iterator[Act]:
    """Up to three years of so many companies that have a lead."""
    random = scene.chance("figures")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    by_company = {lead.company_id: lead for lead in reversed(scene.leads)}
    leads = scene.spread(by_company.values(), wanted, random)
    for lead in leads:
        yield from _of(scene, random, lead)


def _of(scene: Scene, random: Random, lead: LeadSeen) -> Iterator[Act]:
    people = int(min(random.lognormvariate(5.0, 1.1), 40_000)) + 12
    a_head = random.randint(18, 75) * WAN
    source = random.choice(SOURCES)
    first = scene.today.year - YEARS
    for year in range(first, scene.today.year):
        told_at = _told_at(scene, random, lead, year)
        revenue = people * a_head // WAN * WAN
        yield Act(
            told_at,
            lead.owner_id,
            tuple(
                Make("figure", _row(lead, year, metric, value, source, told_at))
                for metric, value in ((REVENUE, revenue), (EMPLOYEES, people))
            ),
        )
        people = max(10, round(people * random.uniform(0.92, 1.28)))
        a_head = round(a_head * random.uniform(0.97, 1.1))


def _told_at(scene: Scene, random: Random, lead: LeadSeen, year: int) -> datetime:
    """In the spring after the year, or when the company had become known; never in the future."""
    index = scene.days.after(scene.at(date(year + 1, 3, 1), 0)) + random.randint(20, 90)
    spring = scene.days.moment(min(index, scene.days.last), 600 + random.randint(0, 420))
    known = lead.created_at + timedelta(minutes=year % 10 + random.randint(12, 50))
    return max(spring, known)


def _row(lead: LeadSeen, year: int, metric: str, value: int, source: str, at: datetime) -> Values:
    return {
        "company_id": lead.company_id,
        "year": year,
        "metric": metric,
        "value": value,
        "source": source,
        "recorded_at": at,
        "as_of": min(date(year, 12, 31), local_date(at)),
    }
