"""Every figure of every page opens exactly the records it counts, whoever looks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g, request

from crm import clock
from crm.access import Actor, load_actor
from crm.companies.figures import REVENUE
from crm.companies.queries import companies_sum, companies_total
from crm.events.guests import guests_total, read_filter
from crm.events.queries import event_or_404
from crm.leads.archiving import archive_lead
from crm.leads.counting import count
from crm.targets.queries import edition_or_404, entries_total
from crm.visits.archiving import archive_visit
from models.company import CompanyRelation, RelationKind
from models.enums import Role, Stage, Status
from models.event import Event, EventLead
from models.figure import Figure
from models.lead import Lead, LeadEntity
from models.user import User
from models.visit import Visit
from tests.clients import Client
from views.companies import asked_filters
from views.lead_lists import asked_list
from views.targets import asked_filters as entry_filters

PASSWORD = "a-password-for-the-demo"
PAGES = (
    "/overview",
    "/overview?period=two_years&by=sum",
    "/overview/forecast",
    "/board",
    "/leads?status=open",
    "/leads?status=ongoing",
    "/chain",
    "/chain/EMG-AI",
    "/targets",
    "/targets/china-software-100/2018",
    "/events",
    "/referrals",
)
# Of figures whose addresses differ in nothing but a value so many are opened as pages, for each
# role and of none and some; the others are counted as that page counts, by the conditions that it
# reads from the address.
OPENED = 1
TAG = re.compile(r'<[^>]*data-testid="(?:figure|result-total)"[^>]*>')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
# So many figures each role walks at least, so many of them not 0: a walk of none proves nothing.
FLOORS = {
    Role.SCOUT: (450, 200),
    Role.TEAM_LEAD: (450, 200),
    Role.MANAGER: (600, 300),
    Role.PARK_OFFICER: (450, 150),
    Role.LIAISON_LEADER: (400, 100),
    Role.AUDITOR: (600, 300),
    Role.ADMINISTRATOR: (150, 80),
    Role.SECURITY_OFFICER: (150, 80),
}


@pytest.fixture
def event_pages() -> list[str]:
    """The pages of the events that the city holds."""
    return []


def _event(session: Any) -> str:
    """The page of the event that most leads came of."""
    most = sa.select(EventLead.event_id).group_by(EventLead.event_id)
    key = session.scalar(most.order_by(sa.func.count().desc(), EventLead.event_id).limit(1))
    return f"/events/{session.get_one(Event, key).public_id}"


@pytest.fixture
def logins(app: Flask, session: Any, event_pages: list[str]) -> dict[Role, str]:
    """A demo city with an expansion and a few revenues; an account of each role."""
    size = ("--leads", "300", "--visits", "900", "--seed", "5", "--password", PASSWORD)
    done = app.test_cli_runner().invoke(args=["demo", "load", *size])
    assert done.exit_code == 0, done.output
    landed = session.scalars(
        sa.select(Lead).where(Lead.stage == Stage.LANDED).order_by(Lead.landed_on, Lead.id)
    ).all()
    first, second = landed[0], landed[-1]
    session.add(
        CompanyRelation(
            parent_id=first.company_id,
            child_id=second.company_id,
            kind=RelationKind.SUBSIDIARY,
            share_bp=6_000,
        )
    )
    local = session.scalars(
        sa.select(LeadEntity.company_id).where(LeadEntity.lead_id.in_([first.id, second.id]))
    ).all()
    for company_id, value in zip(local, (1_200_000_000, 90_000_000), strict=True):
        session.add(
            Figure(
                company_id=company_id,
                year=date(2026, 1, 1).year,
                metric=REVENUE,
                value=value,
                source="test",
                recorded_at=clock.now(),
            )
        )
    # What lies in the trash is counted nowhere.
    boss = session.scalars(sa.select(User).where(User.role == Role.MANAGER)).first()
    event_pages.append(_event(session))
    few = (Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING)
    early = sa.select(Lead).where(Lead.status == Status.ACTIVE, Lead.stage.in_(few))
    away = session.scalars(early.order_by(Lead.id).limit(6)).all()
    for lead in away:
        archive_lead(lead.public_id, "", load_actor(boss, clock.today()), clock.now())
    for visit in session.scalars(sa.select(Visit).order_by(Visit.occurred_at.desc()).limit(6)):
        archive_visit(visit.public_id, "", load_actor(boss, clock.today()), clock.now())
    session.commit()
    found = session.execute(sa.select(User.role, sa.func.min(User.email)).group_by(User.role))
    return {role: email for role, email in found}  # noqa: C416


def marked(text: str, kind: str) -> Iterator[dict[str, str]]:
    """The attributes of every element of a page with that test id."""
    for tag in TAG.findall(text):
        found = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        if found["data-testid"] == kind:
            yield found


def _fault(client: Client, figure: dict[str, str], totals: dict[str, dict[str, str]]) -> str | None:
    """What is wrong with a figure; each address is opened once."""
    address = figure.get("href")
    if not address:
        return "no link"
    if address not in totals:
        response = client.get(address)
        if response.status_code != 200:
            return f"opens {response.status_code}"
        totals[address] = next(marked(response.text, "result-total"), {})
    total = totals[address]
    if "data-value" not in total:
        return "opens a page without a total"
    if total["data-value"] != figure["data-value"]:
        return f"says {figure['data-value']}, opens {total['data-value']}"
    kind = figure.get("data-sum-of")
    if kind and total.get(f"data-{kind}") != figure["data-sum"]:
        return f"{kind} {figure['data-sum']}, opens {total.get(f'data-{kind}')}"
    return None


class Alike:
    """Which addresses of figures are opened as pages by one role."""

    def __init__(self, app: Flask, actor: Actor) -> None:
        self.app, self.actor = app, actor
        self.opened: Counter[tuple[str, bool]] = Counter()

    def total(self, figure: dict[str, str]) -> dict[str, str] | None:
        """What the page of its address counts; None where the page itself is to be opened."""
        address = figure.get("href", "")
        kind = self._kind(address), figure["data-value"] != "0"
        self.opened[kind] += 1
        return None if self.opened[kind] <= OPENED else self.counted(address)

    def _kind(self, address: str) -> tuple[str, str]:
        """The page of an address, and the names of what it is asked."""
        with self.app.test_request_context(address):
            return str(request.endpoint), re.sub(r"=[^&]*", "=", address.partition("?")[2])

    def counted(self, address: str) -> dict[str, str] | None:
        """The total of a list, by what the list's page makes it of."""
        with self.app.test_request_context(address):
            g.actor = self.actor
            if request.endpoint == "companies.index":
                filters = asked_filters()
                known = companies_sum(filters, actor=self.actor)
                found = {"value": companies_total(filters, actor=self.actor), "known": known}
            elif request.endpoint == "leads.index":
                asked = asked_list(request.args, self.actor).read.filter
                n, planned, signed = count(self.actor, asked, clock.today())
                found = {"value": n, "planned": planned, "signed": signed}
            elif request.endpoint == "targets.show":
                edition = edition_or_404(**(request.view_args or {}))
                found = {"value": entries_total(edition, entry_filters(), clock.now())}
            elif request.endpoint == "events.show":
                event = event_or_404(**(request.view_args or {}))
                found = {"value": guests_total(event, read_filter(request.args))}
            else:
                return None
        return {f"data-{name}": str(value) for name, value in found.items()}


def test_every_figure_opens_its_records(
    app: Flask, session: Any, logins: dict[Role, str], event_pages: list[str]
) -> None:
    wrong, walked = [], {}
    for role in Role:
        client = Client(app).sign_in(logins[role])
        user = session.scalars(sa.select(User).where(User.email == logins[role])).one()
        alike = Alike(app, load_actor(user, clock.today()))
        totals: dict[str, dict[str, str]] = {}
        seen = something = 0
        for path in (*PAGES, *event_pages):
            for figure in marked(client.get(path).text, "figure"):
                seen += 1
                something += figure["data-value"] != "0"
                if figure.get("href") not in totals and (total := alike.total(figure)):
                    totals[figure["href"]] = total
                if fault := _fault(client, figure, totals):
                    wrong.append((role.value, path, figure["data-name"], figure.get("href"), fault))
        walked[role] = (seen, something, len(totals))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    print({role.value: counts for role, counts in walked.items()})
    short = {r.value: walked[r] for r in Role if walked[r][:2] < FLOORS[r]}
    assert not short


def test_the_walk_sees_what_is_wrong() -> None:
    """A figure without a link, one that opens no total, and one that counts something else."""

    class Page:
        status_code = 200

        def __init__(self, text: str) -> None:
            self.text = text

    pages = {
        "/none": "<p>",
        "/two": '<b data-testid="result-total" data-value="2" data-signed="7">',
    }

    class Reader:
        def get(self, path: str) -> Page:
            return Page(pages[path])

    reader: Any = Reader()
    (figure,) = marked('<a data-testid="figure" data-name="n" data-value="2">', "figure")
    assert _fault(reader, figure, {}) == "no link"
    assert _fault(reader, {**figure, "href": "/none"}, {}) == "opens a page without a total"
    assert _fault(reader, {**figure, "href": "/two"}, {}) is None
    assert _fault(reader, {**figure, "href": "/two", "data-value": "3"}, {}) == "says 3, opens 2"
    summed = {**figure, "href": "/two", "data-sum-of": "signed", "data-sum": "8"}
    assert _fault(reader, summed, {}) == "signed 8, opens 7"
