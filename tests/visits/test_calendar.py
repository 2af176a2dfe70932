"""The calendar: which days, whose, moved and taken back, and subscribed to."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from crm.access import Scope, load_actor
from crm.leads.next_steps import set_next_step
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange, cancel
from crm.visits.calendar.entries import Entry, EntryKind, Look, by_day, days_of, turned
from crm.visits.calendar.ics import as_ics
from crm.visits.calendar.queries import days_between
from crm.visits.calendar.whose import Whose
from models.enums import VisitMode
from models.lead import Lead
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, a_lead, a_visit
from tests.people import People

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
NAME = "讯飞软件"
FRIDAY = date(2099, 12, 4)
MONDAY = date(2099, 12, 7)


@given(DAYS, st.sampled_from(Look))
def test_a_page_holds_its_day_and_its_neighbours_touch(on: date, look: Look) -> None:
    first, last = days_of(look, on)
    assert first <= on <= last
    before, after = turned(look, on)
    assert days_of(look, before)[0] < first
    assert days_of(look, after)[1] > last
    # No day falls between two pages.
    assert days_of(look, before)[1] >= first - timedelta(days=1)
    assert days_of(look, after)[0] <= last + timedelta(days=1)
    if look is not Look.DAY:
        assert (first.weekday(), last.weekday()) == (0, 6)


def test_what_has_no_hour_stands_first() -> None:
    def entry(kind: EntryKind, hour: int | None = None) -> Entry:
        at = None if hour is None else datetime(2026, 12, 3, hour, tzinfo=timezone.utc)
        return Entry(kind, date(2026, 12, 3), f"{kind}{hour}", "甲", NOW, at=at)

    late, early = entry(EntryKind.VISIT, 9), entry(EntryKind.VISIT, 1)
    step, signing = entry(EntryKind.NEXT_STEP), entry(EntryKind.SIGNING)
    assert by_day([late, step, early, signing]) == {date(2026, 12, 3): [signing, step, early, late]}


def test_a_visit_across_midnight_keeps_its_hours(app: Flask, engine_kind: str) -> None:
    """23:30 in Shanghai is another day elsewhere; the moments stay what they are."""
    at = datetime(2026, 12, 31, 15, 30, tzinfo=timezone.utc)
    visit = Entry(
        EntryKind.VISIT, date(2026, 12, 31), "v", "甲;乙,丙", NOW, at=at, mode=VisitMode.OUT
    )
    step = Entry(EntryKind.NEXT_STEP, date(2026, 12, 31), "s", "甲", NOW, text="答复\n场地")
    with app.test_request_context():
        read = Calendar.from_ical(
            as_ics([visit, step], "我的", "crm.example", lambda _: "https://x")
        )
    timed, whole = read.walk("VEVENT")
    assert timed["DTSTART"].dt == at
    assert timed["DTEND"].dt == datetime(2026, 12, 31, 16, 30, tzinfo=timezone.utc)
    assert str(timed["SUMMARY"]) == "甲;乙,丙 · 外出拜访"
    assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (date(2026, 12, 31), date(2027, 1, 1))
    assert str(whole["SUMMARY"]) == "甲 · 下一步：答复\n场地"
    assert timed["UID"] == "visit-v@crm.example"


def test_what_stands_on_the_last_day_of_the_calendar_has_no_end(app: Flask) -> None:
    step = Entry(EntryKind.NEXT_STEP, date.max, "s", "甲", NOW, text="长期")
    with app.test_request_context():
        read = Calendar.from_ical(as_ics([step], "我的", "crm.example", lambda _: ""))
    (event,) = read.walk("VEVENT")
    assert (event["DTSTART"].dt, "DTEND" in event) == (date.max, False)


@pytest.fixture
def owner(people: People) -> User:
    """Beijing's scout."""
    return people.scout()


@pytest.fixture
def lead(session: Any, owner: User) -> Lead:
    """A lead of theirs with a next step and the day it should land."""
    lead = a_lead(owner, "讯飞软件有限公司", project="研发中心")
    lead.expected_landing_on = MONDAY
    set_next_step(lead, "答复场地方案", FRIDAY, now=NOW, by=owner.id)
    session.commit()
    return lead


@pytest.fixture
def scout(client: Client, owner: User, lead: Lead) -> Client:
    """The scout, signed in."""
    return client.sign_in(owner.email)


def _entries(client: Client, **args: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in args.items())
    page = client.get(f"/calendar?{query}")
    assert page.status_code == 200
    found = re.findall(r'<span class="cal-company">([^<]*)', page.text)
    return sorted(found)


def test_everybody_sees_their_own_days(app: Flask, people: People, owner: User, lead: Lead) -> None:
    met = a_visit(lead, owner, at=datetime(2026, 11, 24, 15, 30, tzinfo=timezone.utc))
    other = people.scout("chengdu")
    a_lead(other, "天府软件有限公司").expected_landing_on = FRIDAY
    week = {"look": "week", "on": FRIDAY.isoformat()}
    mine = Client(app).sign_in(owner.email)
    assert _entries(mine, **week) == [NAME]
    assert _entries(mine, look="month", on="2099-12-01") == [NAME] * 2
    # 23:30 of the 24th in Shanghai.
    day = mine.get("/calendar?look=day&on=2026-11-24")
    assert f"/visits/{met.public_id}" in day.text
    assert "23:30" in day.text
    theirs = Client(app).sign_in(other.email)
    assert _entries(theirs, **week, scope="mine") == ["天府软件"]
    assert _entries(theirs, look="day", on="2026-11-24", scope="team") == []
    boss = Client(app).sign_in(people.manager().email)
    assert _entries(boss, **week, scope="city") == sorted(["天府软件", NAME])
    assert _entries(boss, **week, scope="city", team="chengdu") == ["天府软件"]
    assert _entries(boss, **week, scope="city", park="nanhu") == []


def test_a_day_that_is_none_shows_this_week(scout: Client) -> None:
    for on in ("0001-01-01", "2026-13-40", "x"):
        assert scout.get(f"/calendar?look=month&on={on}").status_code == 200


def _step(client: Client) -> str:
    page = client.get(f"/calendar?look=week&on={FRIDAY}").text
    return re.findall(r'data-moves="([^"]+)" data-read', page)[0]


def test_an_entry_moves_and_is_taken_back(session: Any, scout: Client, lead: Lead) -> None:
    door = _step(scout)
    said = scout.post(door, json={"day": str(MONDAY), "read": str(FRIDAY)})
    assert said.status_code == 201
    assert (session.refresh(lead), lead.next_step_on)[1] == MONDAY
    assert scout.post(said.json["undo_url"], json={}).status_code == 201
    assert (session.refresh(lead), lead.next_step_on)[1] == FRIDAY
    landing = f"/calendar/landing/{lead.public_id}/day"
    assert scout.post(landing, json={"day": "2099-12-30", "read": str(MONDAY)}).status_code == 201
    assert (session.refresh(lead), lead.expected_landing_on)[1] == date(2099, 12, 30)


def test_a_move_is_refused_with_a_sentence(session: Any, scout: Client, lead: Lead) -> None:
    door = _step(scout)
    past = scout.post(door, json={"day": "2020-01-01", "read": str(FRIDAY)})
    assert (past.status_code, list(past.json["errors"])) == (422, ["day"])
    empty = scout.post(door, json={"day": "", "read": str(FRIDAY)})
    assert (empty.status_code, list(empty.json["errors"])) == (422, ["day"])
    meanwhile = scout.post(door, json={"day": str(MONDAY), "read": "2099-12-01"})
    assert meanwhile.status_code == 409
    assert "12月4日" in meanwhile.json["message"]
    assert (session.refresh(lead), lead.next_step_on)[1] == FRIDAY
    assert scout.get("/calendar/visit/nothing/day").status_code == 404
    assert scout.get("/calendar/nothing/nothing/day").status_code == 404


def test_one_entry_is_a_file_for_a_phone(scout: Client, lead: Lead) -> None:
    door = _step(scout).removesuffix("/day")
    answer = scout.get(f"{door}.ics")
    assert answer.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["DTSTART"].dt == FRIDAY
    assert str(event["URL"]).endswith(f"/leads/{lead.public_id}")


def test_an_address_opens_its_owners_days_until_it_is_ended(
    app: Flask, session: Any, scout: Client, owner: User, lead: Lead
) -> None:
    lead.expected_landing_on = date.today() + timedelta(days=3)  # noqa: DTZ011
    session.commit()

    def made() -> str:
        scout.get("/account")
        page = scout.post("/account/calendar-feeds")
        assert page.status_code == 201
        return re.findall(r"/calendar/[\w-]+\.ics", page.text)[0]

    def reads(address: str) -> int:
        return int(Client(app).get(address).status_code)

    first = made()
    answer = Client(app).get(first)
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith(NAME)
    again = Client(app).get(first, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    second = made()
    assert (reads(first), reads(second)) == (404, 200)
    owner.active = False
    session.commit()
    assert reads(second) == 404
    owner.active = True
    session.commit()
    assert scout.get("/account").status_code == 200
    assert scout.post("/account/calendar-feeds/revocations").status_code == 302
    assert reads(second) == 404


def test_a_teams_visits_stand_in_its_week_and_what_does_not_fit_is_counted(
    app: Flask, session: Any, people: People, owner: User, lead: Lead
) -> None:
    at = datetime(2026, 11, 24, 15, 30, tzinfo=timezone.utc)  # 23:30 of the 24th in Shanghai
    colleague, chengdu = people.scout(), people.scout("chengdu")
    for n in range(7):
        a_visit(lead, owner, at=at + timedelta(minutes=n))
    # Of another team's lead: a team's calendar shows what its reader may read.
    a_visit(a_lead(chengdu, "天府软件有限公司"), owner, at=at)
    theirs = a_visit(a_lead(chengdu, "蜀山软件有限公司"), chengdu, at=at)
    reader = Client(app).sign_in(colleague.email)
    week = reader.get("/calendar?look=week&on=2026-11-24&scope=team").text
    assert week.count('class="cal-entry cal-visit') == 7
    month = reader.get("/calendar?look=month&on=2026-11-24&scope=team").text
    assert month.count('class="cal-entry cal-visit') == 4
    assert "还有 3 条" in month
    assert "天府" not in week + month
    boss = Client(app).sign_in(people.manager().email)
    city = boss.get("/calendar?look=week&on=2026-11-24&scope=city").text
    assert 'class="cal-entry cal-visit' not in city
    assert "走访 9 次" in city
    team = boss.get("/calendar?look=week&on=2026-11-24&scope=city&team=chengdu").text
    assert f"/visits/{theirs.public_id}" in team


def test_a_phone_hears_that_something_was_called_off(session: Any, owner: User, lead: Lead) -> None:
    now = datetime(2026, 12, 3, 1, 0, tzinfo=timezone.utc)
    plan = Plan(VisitMode.IN, now + timedelta(days=1), 60, "智创园 2 号楼")
    who = load_actor(owner, now.date())
    one, _made = arrange(NewAppointment("key-0001", plan, lead=lead.public_id), who, now)
    day = (now + timedelta(days=1)).date()

    def entry(*, called_off: bool) -> list[tuple[int, bool]]:
        found = days_between(who, Whose(Scope.MINE), day, day, 9, called_off=called_off).entries
        return [(e.sequence, e.cancelled) for e in found if e.kind is EntryKind.APPOINTMENT]

    assert entry(called_off=True) == [(0, False)]
    cancel(one, who, now)
    assert (entry(called_off=True), entry(called_off=False)) == ([(1, True)], [])
