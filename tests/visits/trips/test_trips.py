"""Trips: planned, ordered, joined by visits, and seen by whom they may be seen."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar

from crm.companies.service import create_company
from crm.targets.cadence import recompute
from crm.visits.archiving import archive_visit, restore_visit
from crm.visits.service import NewVisit, log_visit
from crm.visits.trips import linking, service, stops
from crm.visits.trips.queries import itinerary, readable_trip
from crm.visits.trips.service import TripInput
from crm.visits.trips.worth_seeing import worth_seeing
from models.company import Company
from models.enums import MatchState, Role, VisitMode
from models.place import Place
from models.target import ListEdition, ListEntry, TargetList
from models.trip import Trip, TripVisit
from models.user import User
from tests.clients import Client
from tests.forms import form_with
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

FIRST, LAST = TODAY, TODAY + timedelta(days=2)


@pytest.fixture
def scout(people: People) -> User:
    """Beijing's scout."""
    return people.scout(name="陈思远")


@pytest.fixture
def trip(scout: User, session: Any) -> Trip:
    """Three days in Chengdu."""
    made = service.plan_trip(
        TripInput("chengdu", FIRST, LAST, [scout.public_id], "拜访基础软件企业"),
        actor_of(scout),
        NOW,
    )
    session.commit()
    return made


def _company(session: Any, name: str, city: str | None = "chengdu") -> Company:
    company = create_company(name, now=NOW)
    if city:
        company.place_id = session.scalar(sa.select(Place.id).where(Place.code == city))
    session.commit()
    return company


def _visit(company: Company, author: User, day: date, mode: VisitMode = VisitMode.OUT) -> str:
    at = datetime(day.year, day.month, day.day, 2, tzinfo=timezone.utc)
    new = NewVisit(
        client_key=f"{company.public_id}-{author.id}-{day}",
        company=company.public_id,
        mode=mode,
        occurred_at=at,
        summary="谈了场地",
    )
    return log_visit(new, actor_of(author), at).visit.public_id


def _plan(trip: Trip, user: User) -> list[tuple[date, str, int]]:
    found = itinerary(trip, actor_of(user))
    return [
        (day, one.stop.company.short_name, len(one.visits))
        for day, rows in found.days.items()
        for one in rows
    ]


def test_what_was_planned_wrongly_is_said_at_its_field(client: Client, people: People) -> None:
    scout, auditor = people.scout(), people.make(Role.AUDITOR)
    client.sign_in(scout.email)
    client.get("/trips/new")
    sent = {
        "place": "atlantis",
        "first_on": "2026-12-03",
        "last_on": "2026-12-01",
        "members": [auditor.public_id],
        "purpose": "",
    }
    page = client.post("/trips", sent)
    assert page.status_code == 422
    wrong = re.findall(r'data-testid="field-error" data-field="(\w+)"', page.text)
    assert wrong == ["place", "last_on", "purpose", "members"]
    assert 'value="2026-12-03"' in page.text
    fine = {
        "place": "chengdu",
        "first_on": "2026-12-01",
        "last_on": "2026-12-03",
        "members": [scout.public_id],
        "purpose": "拜访",
    }
    made = client.post("/trips", fine)
    assert made.status_code == 302, made.text
    assert "成都市" in client.get(made.location).text


def test_a_visit_joins_its_stop_by_itself(trip: Trip, scout: User, session: Any) -> None:
    planned = _company(session, "外地软件有限公司", None)
    in_city, elsewhere = _company(session, "天府软件"), _company(session, "深南软件", "shenzhen")
    stops.add_stop(trip.public_id, planned.public_id, LAST, actor_of(scout), TODAY)
    for company in (planned, in_city, elsewhere):
        _visit(company, scout, FIRST)
    _visit(in_city, scout, LAST + timedelta(days=1))
    _visit(in_city, scout, LAST, VisitMode.CALL)
    session.commit()
    # It belongs to its stop whatever the day it was planned for.
    assert _plan(trip, scout) == [(LAST, "外地软件", 1)]
    unplanned = itinerary(trip, actor_of(scout)).unplanned
    assert [one.company.short_name for one in unplanned] == ["天府软件"]


def test_what_was_there_before_joins_and_leaves_with_days_and_people(
    trip: Trip, scout: User, people: People, session: Any
) -> None:
    colleague, company = people.scout(), _company(session, "天府软件")
    _visit(company, colleague, FIRST)
    assert session.scalars(sa.select(TripVisit)).all() == []
    both = [scout.public_id, colleague.public_id]
    wider = TripInput("chengdu", FIRST, LAST, both, "拜访")
    service.edit_trip(trip.public_id, wider, actor_of(scout))
    assert len(session.scalars(sa.select(TripVisit)).all()) == 1
    later = TripInput("chengdu", LAST, LAST, both, "拜访")
    service.edit_trip(trip.public_id, later, actor_of(scout))
    assert session.scalars(sa.select(TripVisit)).all() == []


def test_what_a_person_decided_of_a_visit_stays(trip: Trip, scout: User, session: Any) -> None:
    actor, key = actor_of(scout), trip.public_id
    one, two = _company(session, "天府软件"), _company(session, "深南软件", "shenzhen")
    joined, beside = _visit(one, scout, FIRST), _visit(two, scout, FIRST)
    linking.take_off(key, joined, actor)
    linking.put_on(key, beside, actor)
    stops.add_stop(key, one.public_id, FIRST, actor, TODAY)  # settles anew
    assert [v.company_id for v in itinerary(trip, actor).unplanned] == [two.id]
    assert _plan(trip, scout) == [(FIRST, "天府软件", 0)]
    linking.put_on(key, joined, actor)
    assert _plan(trip, scout) == [(FIRST, "天府软件", 1)]
    # In the trash it is no visit; brought back it belongs as before.
    archive_visit(joined, "", actor, NOW)
    assert _plan(trip, scout) == [(FIRST, "天府软件", 0)]
    restore_visit(joined, actor)
    assert _plan(trip, scout) == [(FIRST, "天府软件", 1)]


def test_stops_move_by_button_and_by_drop_and_come_back(
    client: Client, trip: Trip, scout: User, session: Any
) -> None:
    client.sign_in(scout.email)
    page, key = f"/trips/{trip.public_id}", trip.public_id
    names = ["甲一软件", "乙二软件", "丙三软件"]
    for name in names:
        company = _company(session, name)
        client.get(page)
        first = {"company": company.public_id, "day": FIRST.isoformat()}
        assert client.post(f"{page}/stops", first).status_code == 302
    keys = re.findall(r'data-stop="(\w+)"', client.get(page).text)

    def plan() -> list[tuple[int, str]]:
        session.expire_all()
        found = _plan(session.scalars(sa.select(Trip)).one(), scout)
        return [((day - FIRST).days, name) for day, name, _visits in found]

    assert plan() == [(0, name) for name in names]
    client.post(f"{page}/stops/{keys[0]}/place", {"by": "1"})
    client.post(f"{page}/stops/{keys[2]}/place", {"by": "1"})
    assert plan() == [(0, "乙二软件"), (0, "甲一软件"), (1, "丙三软件")]
    dropped = {"day": (FIRST + timedelta(days=1)).isoformat(), "before": keys[2]}
    headers = {"Accept": "application/json"}
    sent = client.post(f"{page}/stops/{keys[0]}/place", dropped, headers=headers)
    assert sent.status_code == 201
    assert plan() == [(0, "乙二软件"), (1, "甲一软件"), (1, "丙三软件")]
    outside = {"day": (LAST + timedelta(days=1)).isoformat()}
    refused = client.post(f"{page}/stops/{keys[0]}/place", outside, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["day"])
    # Two places the same company is there once; taken off, the way back puts it where it stood.
    company = session.scalar(sa.select(Company).where(Company.short_name == "甲一软件"))
    client.post(f"{page}/stops", {"company": company.public_id})
    assert len(plan()) == 3
    client.post(f"{page}/stops/{keys[0]}/removal")
    assert plan() == [(0, "乙二软件"), (1, "丙三软件")]
    undo = re.search(rf"/trips/{key}/stops\?was=[^&\"]+", client.get(page).text)
    assert undo
    assert client.post(undo.group().replace("&#34;", "")).status_code == 302
    assert plan() == [(0, "乙二软件"), (1, "甲一软件"), (1, "丙三软件")]
    wrong = client.post(f"{page}/stops", {"company": "", "day": LAST.isoformat()})
    assert wrong.status_code == 422
    assert 'data-field="company"' in wrong.text


def test_a_stop_is_edited_and_two_people_do_not_overwrite_each_other(
    client: Client, trip: Trip, scout: User, session: Any
) -> None:
    actor = actor_of(scout)
    company = _company(session, "天府软件")
    stop = stops.add_stop(trip.public_id, company.public_id, FIRST, actor, TODAY).public_id
    session.commit()
    client.sign_in(scout.email)
    address = f"/trips/{trip.public_id}/stops/{stop}/edit"
    _action, opened = form_with(client.get(address).text, "note")
    done = client.post(address, {**opened, "note": "十点见", "day": LAST.isoformat()})
    assert done.status_code == 302, done.text
    stale = client.post(address, {**opened, "note": "下午两点见"})
    assert stale.status_code == 409
    assert "十点见" in stale.text
    _action, opened = form_with(client.get(address).text, "note")
    outside = client.post(address, {**opened, "day": "2026-01-01"})
    assert (outside.status_code, 'data-field="day"' in outside.text) == (422, True)
    # The same holds for the trip itself.
    address = f"/trips/{trip.public_id}/edit"
    _action, opened = form_with(client.get(address).text, "purpose")
    opened["members"] = [scout.public_id]
    assert client.post(address, {**opened, "purpose": "拜访一"}).status_code == 302
    assert client.post(address, {**opened, "purpose": "拜访二"}).status_code == 409
    # Only the last day is left: what stands outside is said, nothing is lost.
    stops.place_stop(trip.public_id, stop, FIRST, None, actor)
    session.commit()
    _action, opened = form_with(client.get(address).text, "purpose")
    opened["members"] = [scout.public_id]
    short = client.post(address, {**opened, "first_on": LAST.isoformat()})
    assert (short.status_code, 'data-field="first_on"' in short.text) == (422, True)
    later = {name: (day + timedelta(days=7)).isoformat() for name, day in
             (("first_on", FIRST), ("last_on", LAST))}  # fmt: skip
    assert client.post(address, {**opened, **later}).status_code == 302
    session.expire_all()
    assert _plan(session.scalars(sa.select(Trip)).one(), scout) == [
        (FIRST + timedelta(days=7), "天府软件", 0)
    ]


def test_a_cancelled_trip_comes_back(client: Client, trip: Trip, scout: User) -> None:
    client.sign_in(scout.email)
    page = f"/trips/{trip.public_id}"
    client.get(page)
    client.post(f"{page}/cancellation")
    assert page not in client.get("/trips").text.replace(f"{page}/restoration", "")
    assert page in client.get("/trips?state=cancelled").text
    assert "加进行程" not in client.get(page).text
    assert client.post(f"{page}/restoration").location.endswith(page)
    assert page in client.get("/trips?state=under_way").text or page in client.get("/trips").text


def test_a_trip_is_seen_by_its_people_their_lead_and_those_above(
    trip: Trip, scout: User, people: People, session: Any
) -> None:
    liaison = people.make(Role.LIAISON_LEADER)
    new = TripInput("chengdu", FIRST, LAST, [scout.public_id, liaison.public_id], "拜访")
    service.edit_trip(trip.public_id, new, actor_of(scout))
    company = _company(session, "天府软件")
    lead = a_lead(scout, company=company.public_id)
    _visit(company, scout, FIRST)
    session.commit()
    readers = {
        "mine": scout,
        "lead": people.team_lead(),
        "manager": people.manager(),
        "auditor": people.make(Role.AUDITOR),
        "goes along": liaison,
    }
    strangers = [
        people.scout(),
        people.team_lead("chengdu"),
        people.make(Role.PARK_OFFICER, park="nanhu"),
        people.administrator(),
    ]
    seen = {}
    for name, user in readers.items():
        found = readable_trip(actor_of(user), trip.public_id)
        seen[name] = len(itinerary(found, actor_of(user)).unplanned)
    # Who may not read the lead's visits sees the trip without them.
    assert seen == {"mine": 1, "lead": 1, "manager": 1, "auditor": 1, "goes along": 0}
    for user in strangers:
        with pytest.raises(Exception, match="找不到"):
            readable_trip(actor_of(user), trip.public_id)
    assert lead.company_id == company.id


def test_worth_seeing_are_cold_targets_of_the_city_rewarded_first_then_by_rank(
    trip: Trip, scout: User, session: Any
) -> None:
    lists = {
        one.rewarded: one for one in session.scalars(sa.select(TargetList).where(TargetList.wanted))
    }
    rows = [
        ("奖励六", "chengdu", True, 6),
        ("奖励二", "chengdu", True, 2),
        ("普通一", "chengdu", False, 1),
        ("无名次", "chengdu", False, None),
        ("别城一", "shenzhen", True, 1),
        ("刚见过", "chengdu", True, 3),
        ("久未见", "chengdu", True, 4),
    ]
    editions = {}
    for rewarded, target in lists.items():
        editions[rewarded] = ListEdition(list_id=target.id, year=2018)
        session.add(editions[rewarded])
    session.flush()
    found = {}
    for name, city, rewarded, rank in rows:
        company = found[name] = _company(session, f"{name}软件有限公司", city)
        session.add(
            ListEntry(
                edition_id=editions[rewarded].id,
                row_key=name,
                name=name,
                raw={},
                rank=rank,
                match_state=MatchState.NEW,
                company_id=company.id,
            )
        )
    session.flush()
    recompute([one.id for one in found.values()])
    found["刚见过"].last_touch_at = NOW - timedelta(days=89)
    found["久未见"].last_touch_at = NOW - timedelta(days=100)
    _company(session, "不在榜软件有限公司")
    session.commit()
    actor = actor_of(scout)

    def names(cursor: str | None = None, limit: int = 10) -> tuple[list[str], str | None]:
        page = worth_seeing(trip, actor, NOW, cursor, limit)
        return [one.company.short_name.removesuffix("软件") for one in page.items], page.next

    expected = ["奖励二", "久未见", "奖励六", "普通一", "无名次"]
    assert names() == (expected, None)
    first, cursor = names(limit=2)
    assert first + names(cursor)[0] == expected
    reasons = {
        one.company.short_name.removesuffix("软件"): str(one.reason)
        for one in worth_seeing(trip, actor, NOW).items
    }
    assert "第 2 名" in reasons["奖励二"]
    assert "还没有人接触过" in reasons["奖励二"]
    assert "100 天没有接触" in reasons["久未见"]
    # On the trip it is worth seeing no more.
    today = FIRST + timedelta(days=1)
    assert (
        stops.add_stop(trip.public_id, found["奖励二"].public_id, None, actor, today).day == today
    )
    assert names()[0] == expected[1:]


def test_the_list_turns_its_pages_by_key(client: Client, scout: User, session: Any) -> None:
    for n in range(31):
        day = FIRST + timedelta(days=n // 2)
        service.plan_trip(
            TripInput("chengdu", day, day, [scout.public_id], f"第{n}次"), actor_of(scout), NOW
        )
    session.commit()
    client.sign_in(scout.email)
    page = client.get("/trips").text
    more = re.search(r'href="(/trips\?cursor=[^"]+)"', page)
    assert more
    rest = client.get(more.group(1).replace("&amp;", "&")).text
    said = re.findall(r"第(\d+)次", page) + re.findall(r"第(\d+)次", rest)
    assert sorted(map(int, said)) == list(range(31))


def test_a_trip_stands_on_each_of_its_days_and_on_phones_once(
    app: Flask, client: Client, trip: Trip, scout: User, people: People, session: Any
) -> None:
    def days(reader: Client, **args: str) -> int:
        query = "&".join(f"{name}={value}" for name, value in args.items())
        page = reader.get(f"/calendar?look=month&on={FIRST.isoformat()}&{query}").text
        return page.count(f'href="/trips/{trip.public_id}"')

    client.sign_in(scout.email)
    assert days(client) == 3
    assert days(client, scope="team") == 3
    lead = Client(app).sign_in(people.team_lead().email)
    assert (days(lead), days(lead, scope="team")) == (0, 3)
    assert days(Client(app).sign_in(people.team_lead("chengdu").email), scope="team") == 0
    file = client.get(f"/calendar/trip/{trip.public_id}.ics")
    (event,) = Calendar.from_ical(file.data).walk("VEVENT")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (FIRST, LAST + timedelta(days=1))
    assert str(event["SUMMARY"]) == "成都市 · 出差：拜访基础软件企业"
    service.cancel_trip(trip.public_id, actor_of(scout), NOW)
    session.commit()
    assert days(client) == 0
