"""Every page on the demo's data: axe finds nothing serious, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from crm import clock
from crm.access import load_actor
from crm.companies.relations import add_relation
from crm.companies.service import create_company
from crm.events.invitations import Guest, invite, mark
from crm.events.rules import EventInput
from crm.events.service import create_event
from crm.leads.archiving import archive_lead
from crm.referrals.service import ReferralInput, refer_lead
from crm.reminders.plan import plan
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange
from crm.visits.people import NewPerson
from crm.visits.trips.linking import put_on
from crm.visits.trips.queries import left_out
from crm.visits.trips.service import TripInput, plan_trip
from crm.visits.trips.stops import add_stop
from crm.visits.trips.worth_seeing import worth_seeing
from models.company import Company
from models.enums import VisitMode
from models.event import Attendance
from models.lead import Lead
from models.offer import Offer
from models.premises import Premises
from models.referral import Referral
from models.reminder import Reminder
from models.user import User
from models.visit import Visit
from tests.browser.conftest import PATIENCE
from tests.browser.screenshots import PASSWORD, go, sign_in
from tests.leads.making import NOW, TODAY, a_lead, actor_of

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "static" / "vendor" / "axe.min.js"
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
# How a page is looked at: language, light, the size it is opened at, the one it is drawn to then.
# Each of the six is seen by axe, and each language at each size, which is what decides whether a
# page fits.
LOOKS = (("zh", "light", DESK, PHONE), ("en", "dark", PHONE, DESK))
# In the page, once it has the width that was asked for: what axe finds serious or worse and where,
# and how wide the page is. Axe tells much more; what is right stays there, for it takes long to
# send.
LOOK = """
// What lies half under a bar that stands still is whole once it is scrolled to.
const stillSmall = async (node) => {
  document.querySelector(node.target[0]).scrollIntoView({ block: "center" });
  const only = { resultTypes: ["violations"], runOnly: { type: "rule", values: ["target-size"] } };
  const again = await axe.run(document, only);
  return again.violations.some(({ nodes }) => nodes.some(({ html }) => html === node.html));
};
window.looked = async (width, patience, thoroughly) => {
  const until = performance.now() + patience;
  while (innerWidth !== width && performance.now() < until)
    await new Promise(requestAnimationFrame);
  const wide = document.documentElement.scrollWidth;
  const found = thoroughly ? await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
  }) : { violations: [] };
  for (const one of found.violations.filter(({ id }) => id === "target-size")) {
    const small = [];
    for (const node of one.nodes) if (await stillSmall(node)) small.push(node);
    one.nodes = small;
  }
  const faults = found.violations
    .filter((one) => one.nodes.length)
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${JSON.stringify(one.nodes.slice(0, 3).map((n) => n.target))}`);
  if (innerWidth !== width || wide > width) faults.push(`${wide} px wide at ${width}`);
  return faults;
};
"""

# Pages look alike on both engines; their services are tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def an_event(by: User) -> str:
    """An event of today with guests of a few kinds."""
    who = actor_of(by)
    event = create_event(EventInput("软件产业推介会", "conference", TODAY), who, NOW)
    names = [Guest("全新数智软件有限公司"), Guest("很长名字的工业互联网平台软件科技股份有限公司")]
    came = Guest("来宾软件有限公司", person=NewPerson("夏安"))
    guests = invite(event.public_id, [*names, came], who, NOW).made
    mark(event.public_id, guests[-1].public_id, Attendance.ATTENDED, who, NOW)
    return event.public_id


def _appointment(lead: str, scout: User) -> str:
    """Something arranged for today, as long as the names of places get."""
    now = clock.now()
    plan = Plan(VisitMode.IN, now + timedelta(minutes=1), place="智创园 2 号楼 " * 5, host="周晓")
    new = NewAppointment("pages-0001", plan, lead=lead)
    return arrange(new, actor_of(scout), now)[0].public_id


@pytest.fixture
def demo(app: Flask, session: Any) -> dict[str, list[str]]:
    """A small demo city, and the pages to look at by login."""
    done = app.test_cli_runner().invoke(
        args=["demo", "load", "--leads", "120", "--visits", "400", "--seed", "3"]
    )
    assert done.exit_code == 0, done.output
    lead = session.scalar(
        sa.select(Lead.public_id)
        .join(User, User.id == Lead.owner_id)
        .where(User.email == "scout.beijing@demo.example", Lead.stage == "negotiating")
    )
    company = session.scalar(sa.select(Company.public_id).join(Lead).where(Lead.public_id == lead))
    visit = session.scalar(
        sa.select(Visit.public_id)
        .join(User, User.id == Visit.author_id)
        .where(User.email == "scout.beijing@demo.example")
    )
    landed, premises = session.execute(
        sa.select(Lead.public_id, Premises.public_id)
        .join(Premises, Premises.lead_id == Lead.id)
        .where(Lead.stage == "landed")
        .order_by(Lead.id)
    ).first()
    signed = session.scalar(
        sa.select(Lead.public_id).where(Lead.stage == "committed", Lead.status == "active")
    )
    offer = session.scalar(sa.select(Offer.public_id).where(Offer.state == "approved"))
    waiting = session.scalar(sa.select(Offer.public_id).where(Offer.state == "proposed"))
    scout = session.scalars(sa.select(User).where(User.email == "scout.beijing@demo.example")).one()
    away = a_lead(scout).public_id
    arranged = _appointment(lead, scout)
    entry = archive_lead(away, "重复登记", actor_of(scout), NOW).public_id
    trip = a_trip(scout)
    event = an_event(scout)
    # Whom nobody led to us, so that no circle comes of it.
    led = Company.id.in_(sa.select(Referral.company_id))
    other = session.scalar(
        sa.select(Company.public_id).where(Company.public_id != company, ~led).order_by(Company.id)
    )
    refer_lead(lead, ReferralInput(other), actor_of(scout), NOW)
    person = scout.public_id
    # Nothing stands against one of them, and much against the other.
    second, related = (
        create_company(f"星尘{n}号软件有限公司", now=NOW).public_id for n in ("一", "二")
    )
    below, above = (
        session.scalars(sa.select(Company).where(Company.public_id == key)).one()
        for key in (related, company)
    )
    add_relation(above, below, now=NOW)
    session.commit()
    plan(clock.now(), leads=[])  # of targets alone
    told = session.scalar(
        sa.select(sa.func.max(Reminder.id))
        .join(User, User.id == Reminder.person_id)
        .where(User.email == "manager@demo.example", Reminder.entry_id.is_not(None))
    )
    session.rollback()  # or the server waits for this reader
    return {
        "": ["/login", "/api/v1/docs", "/offline"],
        "scout.beijing": [
            "/today",
            "/board",
            "/leads",
            f"/leads/{lead}",
            f"/leads/{lead}/edit",
            f"/leads/{lead}/stage-changes/new?to_stage=committed",
            f"/leads/{lead}?show=files",
            f"/leads/{lead}/print",
            f"/leads/{lead}/comments/new",
            "/promises",
            "/promises?scope=team&side=theirs",
            f"/leads/{lead}/promises/new",
            f"/leads/{lead}/tasks/new",
            f"/leads/{lead}/next-steps",
            f"/leads/{lead}/removal",
            f"/leads/{away}",
            "/trash",
            f"/leads/{lead}/attachments/new",
            f"/leads/{lead}/offers/new",
            "/leads/new",
            "/leads/columns",
            "/views/new",
            f"/visits/new?lead={lead}",
            f"/visits/new?lead={lead}&appointment={arranged}",
            f"/appointments/new?lead={lead}",
            f"/appointments/{arranged}",
            f"/appointments/{arranged}/edit",
            "/visits/new",
            "/visits",
            "/events",
            "/events/new",
            f"/events/{event}",
            f"/events/{event}/invitations/new",
            f"/events/{event}/invitations/pasted",
            f"/events/{event}/invitations/listed?list=china-software-100/2018",
            "/referrals",
            f"/leads/{lead}/referral",
            "/calendar",
            "/calendar?look=month&scope=team",
            "/calendar?look=day",
            "/trips",
            "/trips/new",
            f"/trips/{trip}",
            f"/trips/{trip}/edit",
            f"/trips/{trip}/report",
            f"/visits/{visit}",
            f"/visits/{visit}/removal",
            f"/visits/{visit}/edit",
            f"/visits/{visit}/briefing",
            f"/leads/{lead}/snoozes/new",
            "/companies",
            f"/incentives?lead={lead}",
            "/incentives?given=1&is_software_company=yes&growth_stage=startup&fund_left_cny=-1",
            f"/companies/{company}",
            f"/companies/{company}/edit",
            f"/companies/{company}/names",
            "/chain",
            "/chain?gap=missing",
            "/chain/EMG-AI",
            "/search?q=科技",
            "/board#palette",
            "/leads#palette=科技",
            "/visits#palette=不存在的企业",
            "/notices",
            "/notices/settings",
            "/notices/settings/robots/dingtalk",
            "/notices/leaves/new",
            "/reminders",
            "/reminders/forecast",
            f"/leads/{lead}/reminders",
            "/next-steps/new",
            "/queue",
            "/queue#refused",
            "/account",
            "/account/tokens/new",
            "/by-mail/done/nobodys",
            "/nowhere",
        ],
        "manager": [
            "/overview",
            "/overview/forecast",
            "/landing-goals",
            f"/landing-goals/{TODAY.year}",
            "/chain/EMG-AI/judgements/new",
            "/overview?period=year&by=sum",
            f"/offers/{offer}",
            f"/offers/{waiting}",
            f"/companies/{company}/removal",
            f"/companies/{company}",
            f"/companies/{company}/mergers",
            f"/companies/{company}/mergers/new",
            f"/companies/{company}/mergers/new?other={second}",
            f"/companies/{company}/mergers/new?other={related}",
            "/today",
            "/today/targets",
            f"/notices/{told}/targets",
            "/board",
            "/targets",
            "/targets/china-software-100/2018",
            "/leads/import",
            "/targets/import",
            f"/leads/{landed}",
            f"/leads/{landed}/directives/new",
            f"/leads/{landed}/matters/new",
            f"/leads/{landed}/registration",
            f"/leads/{landed}/landing",
            f"/premises/{premises}/edit",
            f"/leads/{signed}/stage-changes/new?to_stage=landed",
        ],
        "admin": [
            "/admin/reminder-rules",
            "/admin/reminder-rules/cadence_top",
            "/admin/working-days",
            "/reminders/forecast",
            "/admin/outbox",
            "/admin/runs",
            "/admin/users",
            "/admin/users/new",
            f"/admin/users/{person}",
            f"/admin/users/{person}/deactivations/new",
            "/trash",
            f"/trash/{entry}/purge",
        ],
    }


def a_trip(scout: User) -> str:
    """A trip of these days with a stop and a visit of its own."""
    actor, today = load_actor(scout, clock.today()), clock.today()
    new = TripInput("beijing", today - timedelta(days=3), today, [scout.public_id], "拜访软件企业")
    trip = plan_trip(new, actor, clock.now())
    for one in worth_seeing(trip, actor, clock.now(), limit=2).items:
        add_stop(trip.public_id, one.company.public_id, None, actor, today)
    for visit in left_out(trip, actor)[:2]:
        put_on(trip.public_id, visit.public_id, actor)
    return trip.public_id


@pytest.fixture
def contexts(browser: Browser, served: str) -> Iterator[Any]:
    """Browser windows of a size and a light."""
    opened: list[BrowserContext] = []

    def make(size: dict[str, int], light: str) -> BrowserContext:
        context = browser.new_context(
            base_url=served,
            viewport=size,
            color_scheme=light,
            has_touch=size["width"] < 768,
            reduced_motion="reduce",  # nothing is looked at half-way
            service_workers="block",  # nothing is looked at from a copy
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(AXE.read_text(encoding="utf-8") + LOOK)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def _faults(page: Page, size: dict[str, int], *, thoroughly: bool) -> list[str]:
    """What is wrong with the page at the size that it was given."""
    found: list[str] = page.evaluate(
        "asked => looked(...asked)", [size["width"], PATIENCE, thoroughly]
    )
    return found


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]}-{look[2]['width']}")
def test_every_page_is_accessible_and_fits(
    demo: dict[str, list[str]], contexts: Any, look: tuple[str, str, dict[str, int], dict[str, int]]
) -> None:
    lang, light, size, other = look
    wrong: list[Any] = []

    def note(error: object) -> None:
        # Playwright marks what it calls, which a built-in method does not allow.
        wrong.append(error)

    for login, paths in demo.items():
        page = contexts(size, light).new_page()
        page.on("pageerror", note)
        if login:
            sign_in(page, f"{login}@demo.example", PASSWORD)
            page.goto(f"/account?lang={lang}")
        for path in paths:
            page.set_viewport_size(size)
            go(page, path)
            found = _faults(page, size, thoroughly=True)
            page.set_viewport_size(other)
            found += _faults(page, other, thoroughly=False)
            wrong += [f"{path}: {fault}" for fault in found]
    assert not wrong, "\n".join(map(str, wrong))
