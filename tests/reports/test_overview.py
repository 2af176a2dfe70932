"""The overview: what counts in it, what does not, and what each role sees."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.access import visible_leads, visible_parts
from crm.leads.counting import count
from crm.leads.filters import LeadFilter
from crm.reports.goals import goals
from crm.reports.landed import landed
from crm.reports.overview import overview
from crm.reports.results import months_of
from crm.spans import Period, Span, read_span
from crm.visits import totals
from models.company import CompanyRelation, RelationKind
from models.enums import Role, Stage, Status, VisitMode
from models.lead import CreditShare, Lead
from models.place import Park
from models.user import User
from models.visit import VisitTotal
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, a_visit, actor_of
from tests.people import People


def _landed(user: User, on: date, **more: Any) -> Lead:
    lead = a_lead(user)
    lead.stage, lead.landed_on, lead.signed_on = Stage.LANDED, on, on
    lead.signed_investment_cny = 10_000_000
    for name, value in more.items():
        setattr(lead, name, value)
    return lead


def test_a_group_lands_once_and_what_comes_later_is_an_expansion(
    session: Any, people: People
) -> None:
    scout = people.scout()
    first = _landed(scout, TODAY - timedelta(days=40))
    later = _landed(scout, TODAY - timedelta(days=20))
    minority = _landed(scout, TODAY - timedelta(days=10))
    _landed(scout, TODAY, status=Status.LOST)
    for child, share in ((later, 6_000), (minority, 5_000)):
        session.add(
            CompanyRelation(
                parent_id=first.company_id,
                child_id=child.company_id,
                kind=RelationKind.SUBSIDIARY,
                share_bp=share,
            )
        )
    session.commit()
    manager = actor_of(people.manager())
    found = overview(manager, Period.YEAR, NOW).results
    assert (found.landed.value, found.landed.sum) == (2, 20_000_000)
    assert found.expansions.value == 1
    for figure in (found.landed, found.expansions, found.signed):
        assert isinstance(figure.opens, LeadFilter)
        there = count(manager, figure.opens, TODAY)
        assert (there.n, there.signed_cny) == (figure.value, figure.sum)


def test_the_landings_of_two_years_are_counted_by_month(session: Any, people: People) -> None:
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    place = {"park_id": park.id, "district_id": park.district_id}
    scout, other = people.scout(), people.scout("chengdu")
    days = [date(2025, 1, 1), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31)]
    leads = [_landed(scout, day, **place) for day in (*days, TODAY, TODAY)]
    leads += [_landed(other, date(2026, 1, 1)), _landed(scout, TODAY, status=Status.LOST)]
    _landed(scout, date(2024, 12, 31))
    leads[4].stage = Stage.REGISTERED
    shared = CreditShare(agreement="a", lead_id=leads[6].id, user_id=scout.id, basis_points=5_000)
    session.add(shared)
    session.commit()
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    for user, first in ((people.manager(), 2), (scout, 2), (officer, 1), (other, 1)):
        actor = actor_of(user)
        found = landed(actor, TODAY)
        assert len(found.months) == 12
        for figure in found.figures():
            assert isinstance(figure.opens, LeadFilter)
            assert count(actor, figure.opens, TODAY).n == figure.value, (user.role, figure)
        this = [month.this and month.this.value for month in found.months]
        own = user is not other
        assert this == [first, *[0] * 9, int(own), None]
        assert [month.before.value for month in found.months] == (
            [1, *[0] * 9, 1, 1] if own else [0] * 12
        )
        totals = (found.this.value, found.before.value, found.full.value, found.full_before.value)
        assert totals == ((first + 1, 3, first, 1) if own else (1, 0, 1, 0))


def test_what_went_back_counts_as_signed_no_more(session: Any, people: People) -> None:
    scout = people.scout()
    lead = _landed(scout, TODAY)
    lead.stage = Stage.NEGOTIATING
    session.commit()
    assert overview(actor_of(people.manager()), Period.QUARTER, NOW).results.signed.value == 0


def test_three_totals_of_the_same_leads_say_what_is_in_them(
    session: Any, people: People, client: Client
) -> None:
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    scout = people.scout()
    for lead in (_landed(scout, TODAY), a_lead(scout), a_lead(scout), a_lead(scout)):
        lead.park_id, lead.district_id = park.id, park.district_id
        lead.stage = max(lead.stage, Stage.NEGOTIATING, key=list(Stage).index)
    lead.status, lead.hold_until, lead.held_since = Status.ON_HOLD, TODAY, TODAY
    session.commit()
    for user in (people.manager(), people.make(Role.PARK_OFFICER, park="nanhu")):
        found = overview(actor_of(user), Period.QUARTER, NOW).standing
        figures = (found.ongoing, found.total.leads, found.resting, found.on_hold, found.landed)
        assert [one.value for one in figures] == [3, 4, 1, 1, 1]
    client.sign_in(people.manager().email)
    said = {}
    for path in ("/board?scope=city", "/leads?status=open", "/leads?status=ongoing", "/overview"):
        text = re.sub(r"<[^>]*>", "", client.get(path).text)
        said[path] = re.findall(r"\d+ 条，计划|不?含(?:暂缓|已落地)(?: \d+|的)", text)
    assert list(said.values()) == [
        ["3 条，计划", "不含暂缓 1"],
        ["4 条，计划", "含暂缓 1"],
        ["3 条，计划", "含暂缓 1", "不含已落地的"],
        ["含暂缓 1", "不含已落地 1", "含暂缓 1", "含已落地 1"],
    ]
    client.sign_in(scout.email)
    assert "，不含暂缓的" not in client.get("/board?stalled=1").text
    assert "不含暂缓的" in client.get("/board?place=park:nanhu").text


def test_parts_of_what_an_actor_sees_share_nothing_and_leave_nothing_out(
    session: Any, people: People
) -> None:
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    scout, other = people.scout(), people.scout("chengdu")
    leader = people.make(Role.LIAISON_LEADER)
    leads = [a_lead(user) for user in (scout, scout, other, other, other)]
    for lead in leads[1:4]:
        lead.stage, lead.park_id, lead.district_id = Stage.NEGOTIATING, park.id, park.district_id
    leads[2].liaison_id = leader.id
    leads[3].owner_id = scout.id
    session.add_all(
        CreditShare(agreement="a", lead_id=leads[2].id, user_id=user.id, basis_points=5_000)
        for user in (scout, leader)
    )
    session.commit()
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    for user in (scout, other, leader, officer, people.manager(), people.administrator()):
        actor = actor_of(user)
        whole = session.scalars(sa.select(Lead.id).where(visible_leads(actor))).all()
        parts = [
            key
            for part in visible_parts(actor)
            for key in session.scalars(sa.select(Lead.id).where(part))
        ]
        assert sorted(parts) == sorted(whole), user.role


def test_goals_are_for_who_sees_their_whole_and_never_0_when_unknown(
    session: Any, people: People
) -> None:
    city = goals(actor_of(people.manager()))
    assert {line.goal.scope for line in city} > {"city", "nanhu"}
    assert all(line.actual is None and line.value is None and line.gap is None for line in city)
    assert all(line.known_by for line in city)
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    assert {line.goal.scope for line in goals(actor_of(officer))} == {"nanhu"}
    assert goals(actor_of(people.team_lead())) == []


@pytest.mark.parametrize("role", [Role.SCOUT, Role.PARK_OFFICER, Role.MANAGER])
def test_an_empty_city_is_said_in_words(people: People, client: Client, role: Role) -> None:
    text = client.sign_in(people.make(role).email).get("/overview").text
    assert "签了约的都在往前走。" in text
    assert ("没有等您审批的政策测算。" in text) == (role is Role.MANAGER)


def test_a_manager_starts_there(people: People, client: Client) -> None:
    assert client.sign_in(people.manager().email).get("/").location == "/overview"


def test_the_visits_of_a_day_are_a_recount(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    out, call = a_visit(lead, scout), a_visit(lead, scout, VisitMode.CALL)
    a_visit(lead, scout, VisitMode.OUT, named=False)
    a_visit(lead, scout, VisitMode.VIDEO, arranged=False)

    def kept() -> dict[Any, int]:
        rows = session.scalars(sa.select(VisitTotal).where(VisitTotal.n != 0))
        return {(row.day, row.author_id, row.mode): row.n for row in rows}

    session.expire_all()
    assert kept() == {(TODAY, scout.id, VisitMode.OUT): 1}
    out.occurred_at -= timedelta(days=1)
    call.mode = VisitMode.IN
    session.commit()
    yesterday = TODAY - timedelta(days=1)
    assert kept() == {
        (yesterday, scout.id, VisitMode.OUT): 1,
        (TODAY, scout.id, VisitMode.IN): 1,
    }
    assert kept() == {tuple(cell): n for cell, n in totals.counted(session).items()}
    totals.rebuild(session)
    assert kept() == {tuple(cell): n for cell, n in totals.counted(session).items()}


def test_months_are_cut_at_their_ends() -> None:
    cut = months_of(date(2026, 11, 25), date(2027, 1, 10))
    assert cut[0] == (date(2026, 11, 25), date(2026, 11, 30))
    assert cut[-1] == (date(2027, 1, 1), date(2027, 1, 10))
    assert len(cut) == 3


def test_periods_and_spans() -> None:
    assert Period.QUARTER.span(date(2026, 12, 3)) == Span(date(2026, 10, 1), date(2026, 12, 31))
    assert Period.TWO_YEARS.span(date(2026, 2, 1)) == Span(date(2025, 1, 1), date(2026, 12, 31))
    for span in (Span(TODAY, TODAY), Span(None, TODAY), Span(TODAY, None)):
        assert read_span(str(span)) == span
    for text in ("", "..", "2026-11-25", "x..y", "2026-11-25..2026-11-01"):
        assert read_span(text) is None
