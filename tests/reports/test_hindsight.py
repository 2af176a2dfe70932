"""What the forecast would have said of past quarters: of what was known then, and nothing else."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.clock import ZONE
from crm.leads.counting import count
from crm.leads.filters import LeadFilter
from crm.reports.forecast.hindsight import hindsight_of, look_back, looked_back
from crm.reports.forecast.observing import known_at_start, observed
from crm.reports.forecast.rules import ON_THEIR_WAY, Points, Quarter
from models.enums import Role, Stage, Status
from models.landing_hindsight import LandingHindsight
from models.lead import Lead
from models.stage_change import StageChange
from tests.api.machine import machine_of
from tests.clients import Client
from tests.leads.making import NOW, TODAY, actor_of, some_leads
from tests.people import People

FIRST = Quarter(date(2027, 1, 1))
ONE_DAY = timedelta(days=1)
# Each engine is told a random story of its own.
STORIES = {"sqlite": 1, "postgresql": 2}


def _starts(quarter: Quarter) -> datetime:
    return datetime.combine(quarter.first, time(), ZONE)


def _happens(session: Any, lead: Lead, seq: int, chance: Random, now: datetime) -> None:
    """A move that is entered now, of now or of months ago; or a lead goes into the trash."""
    if chance.random() < 0.05:
        lead.archived_at = None if lead.archived_at else now
        return
    stage = chance.choice((*ON_THEIR_WAY, Stage.LANDED, Stage.LANDED))
    status = chance.choice((Status.ACTIVE, Status.ACTIVE, Status.ON_HOLD, Status.LOST))
    happened = max(now - timedelta(days=chance.choice((0, 0, 20, 150))), NOW)
    session.add(
        StageChange(
            lead_id=lead.id,
            seq=seq,
            to_stage=stage,
            to_status=status,
            facts={},
            occurred_at=happened,
            recorded_at=now,
        )
    )
    lead.stage, lead.status = stage, status
    lead.hold_until = lead.held_since = now.date() if status is Status.ON_HOLD else None
    if stage is Stage.LANDED:
        lead.landed_on = max(happened.date() - timedelta(days=chance.choice((0, 40))), NOW.date())


def test_it_says_what_was_said_then_whatever_came_since(
    session: Any, people: People, engine_kind: str
) -> None:
    chance, then, numbers = Random(STORIES[engine_kind]), {}, itertools.count(2)
    with time_machine.travel(NOW, tick=False):
        leads = some_leads(people.scout(), 25)
        session.commit()
    quarter = FIRST
    for _quarter in range(10):
        at = _starts(quarter)
        with time_machine.travel(at, tick=False):
            then[quarter] = known_at_start(quarter)
            # Before anything else comes, that is what the records say as they are.
            assert then[quarter][0] == observed(quarter.first)
            session.rollback()
        for _event in range(12):
            at += timedelta(days=chance.randint(1, 7), hours=chance.randint(0, 3))
            with time_machine.travel(at, tick=False):
                _happens(session, chance.choice(leads), next(numbers), chance, at)
                session.commit()
        quarter = quarter.next
    landed = sum(
        one.landed for rates, _n in then.values() for by in rates.values() for one in by.values()
    )
    assert landed > 20
    assert {quarter: known_at_start(quarter) for quarter in then} == then
    # What came since would say something else of some of them.
    assert any(observed(quarter.first) != rates for quarter, (rates, _n) in then.items())


def test_the_leads_of_then_are_those_that_stood_at_the_start(session: Any, people: People) -> None:
    with time_machine.travel(NOW, tick=False):
        lost, gone, _stays = some_leads(people.scout(), 3)
        session.commit()
    assert known_at_start(FIRST)[1][Stage.IDENTIFIED] == 3
    with time_machine.travel(_starts(FIRST.next), tick=False):
        _change_to(session, lost, Status.LOST)
        gone.archived_at = _starts(FIRST.next)
        session.commit()
    assert known_at_start(FIRST)[1][Stage.IDENTIFIED] == 3
    assert known_at_start(FIRST.next)[1][Stage.IDENTIFIED] == 1
    # Before there was any, there is nothing to say.
    assert sum(known_at_start(FIRST.before)[1].values()) == 0


def _change_to(session: Any, lead: Lead, status: Status) -> None:
    lead.status = status
    now = _starts(FIRST.next)
    session.add(
        StageChange(
            lead_id=lead.id,
            seq=2,
            to_stage=lead.stage,
            to_status=status,
            facts={},
            occurred_at=now,
            recorded_at=now,
        )
    )


def test_it_is_computed_once_and_stays(session: Any, people: People) -> None:
    day = date(2027, 8, 3)
    with time_machine.travel(NOW, tick=False):
        some_leads(people.scout(), 2)
        session.commit()
    assert look_back(day) == 4
    session.commit()
    assert look_back(day + ONE_DAY) == 0
    # The next quarter has another last one.
    assert look_back(day + timedelta(days=80)) == 1
    session.commit()
    rows = session.scalars(sa.select(LandingHindsight).order_by(LandingHindsight.first)).all()
    assert [(row.first, row.standing, row.likely) for row in rows] == [
        (date(2026, 7, 1), 0, None),
        (date(2026, 10, 1), 0, None),
        (date(2027, 1, 1), 2, None),
        (date(2027, 4, 1), 2, None),
        (date(2027, 7, 1), 2, None),
    ]


@pytest.fixture
def city(session: Any, people: People) -> People:
    """Ranges of three quarters: one holds, more landed than the second says, fewer than the third;
    of the fourth nothing was said."""
    with time_machine.travel(NOW, tick=False):
        leads = iter(some_leads(people.scout(), 6))
        quarters = looked_back(TODAY)
        for quarter, landings in zip(quarters, (2, 2, 0, 1), strict=True):
            for _n in range(landings):
                lead = next(leads)
                lead.stage, lead.landed_on = Stage.LANDED, quarter.first + timedelta(days=40)
                lead.created_at = _starts(quarter) - timedelta(seconds=1)
        late = next(leads)
        late.stage, late.landed_on = Stage.LANDED, quarters[0].last
        late.created_at = _starts(quarters[0])
        for quarter, said in zip(
            quarters, ((1, 2, 3), (0, 0, 1), (1, 2, 2), (None,) * 3), strict=True
        ):
            row = dict(zip(("sure", "likely", "possible"), said, strict=True))
            session.add(LandingHindsight(first=quarter.first, standing=9, **row))
        session.commit()
    return people


def test_ranges_stand_beside_what_landed_of_the_leads_of_then(session: Any, city: People) -> None:
    boss = actor_of(city.manager())
    found = hindsight_of(boss, TODAY)
    assert found is not None
    assert [one.landed.value for one in found.quarters] == [2, 2, 0, 1]
    assert [one.later.value for one in found.quarters] == [1, 0, 0, 0]
    assert [one.beside for one in found.quarters] == [0, 1, -1, None]
    assert (found.said, found.inside) == (3, 1)
    assert found.quarters[0].points == Points(1, 2, 3)
    for figure in found.figures():
        assert isinstance(figure.opens, LeadFilter)
        assert count(boss, figure.opens, TODAY).n == figure.value
    assert hindsight_of(actor_of(city.scout()), TODAY) is None


def _rows(client: Client) -> list[str]:
    page = client.get("/overview/forecast").text
    part = page.partition('id="past-head"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", row)).strip() for row in part.split("</tr>")]


def test_page_machine_and_command_say_it(
    app: Flask, session: Any, city: People, client: Client
) -> None:
    with time_machine.travel(NOW, tick=False):
        client.sign_in(city.make(Role.AUDITOR).email)
        text = client.get("/overview/forecast").text
        assert "说得出范围的 3 个季度里，1 个落在范围之内。" in text
        held, more, fewer, unsaid, _end = _rows(client)
        assert held.startswith("2025 四季度")
        assert "在范围之内 季里才登记的另有 1" in held
        assert "多于范围" in more
        assert "少于范围" in fewer
        assert "说不出" in unsaid
        session.execute(sa.delete(LandingHindsight))
        session.commit()
        assert all("还没有算" in row for row in _rows(client)[:4])
        assert "说不出范围" in client.get("/overview/forecast").text
        client.sign_in(city.scout().email)
        assert 'id="past-head"' not in client.get("/overview/forecast").text
        session.rollback()
        look_back(TODAY)
        session.commit()
        found = machine_of(app, city.manager()).get("/reports/landing-forecast").json
        part = machine_of(app, city.scout()).get("/reports/landing-forecast").json
        session.commit()
        runner = app.test_cli_runner()
        printed = runner.invoke(args=["landings", "forecast", "--json"]).stdout
        lines = runner.invoke(args=["landings", "forecast"]).stdout.splitlines()
    assert part["hindsight"] is None
    assert json.loads(printed) == found
    first = found["hindsight"][0]
    assert (first["first"], first["last"]) == ("2025-10-01", "2025-12-31")
    assert (first["landed"], first["registered_later"], first["within"]) == (2, 1, None)
    assert "2025 Q4, looking back: unknown, landed 2" in lines
