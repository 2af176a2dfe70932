"""What is found, in which order, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.search import Found, search
from models.enums import Role, Stage, Status, VisitMode
from models.lead import CreditShare, Lead
from models.place import Park
from models.team import Team
from models.user import User
from tests.leads.making import NOW, a_lead, a_visit, actor_of, some_leads
from tests.people import People
from tests.search.making import a_person

PHONE = "13812345678"
EVERY = 20


def find(query: str, user: User, limit: int = EVERY) -> Found:
    return search(query, actor_of(user), limit)


def names(found: Found) -> dict[str, list[str]]:
    """What was found, by kind."""
    return {
        "leads": [lead.company.short_name + lead.project for lead in found.leads],
        "contacts": [role.contact.name for role in found.contacts],
        "visits": [visit.summary for visit in found.visits],
    }


@pytest.fixture
def lead(people: People) -> Lead:
    """A lead of Beijing's with a person and a visit."""
    scout = people.scout()
    made = a_lead(scout, "科大讯飞股份有限公司", project="华东研发中心")
    a_person(made, scout)
    a_visit(made, scout, summary="谈了机房的供电")
    return made


def own_team(people: People) -> User:
    return people.scout()


def in_charge(people: People) -> User:
    return people.manager()


def auditing(people: People) -> User:
    return people.make(Role.AUDITOR)


@pytest.mark.parametrize("who", [own_team, in_charge, auditing])
def test_who_may_read_a_lead_finds_all_of_it(lead: Lead, people: People, who: Any) -> None:
    user = who(people)
    for query in ("讯飞", "科大讯飞股份有限公司", "xunfei", "KDXF", "ｋｄｘｆ", "讯飞 研发"):
        found = find(query, user)
        assert [one.id for one in found.leads] == [lead.id], query
        assert [visit.summary for visit in found.visits] == ["谈了机房的供电"], query
        # The project is the lead's alone.
        shown = [hit.short_name for hit in found.companies]
        assert shown == ([] if "研发" in query else ["科大讯飞"]), query


def test_people_are_found_by_name_sound_and_number(lead: Lead, people: People) -> None:
    user = own_team(people)
    for query in ("欧阳", "oymz", "mingzhu", "阳", PHONE, "138 1234 5678", "5678"):
        shown = [role.contact.name for role in find(query, user).contacts]
        assert shown == ["欧阳明珠"], query


@pytest.mark.parametrize("role", [Role.PARK_OFFICER, Role.LIAISON_LEADER, Role.ADMINISTRATOR])
def test_others_find_the_company_alone(lead: Lead, people: People, role: Role) -> None:
    users = (people.scout("chengdu"), people.make(role, park="nanhu"))
    for query in ("讯飞", "研发", "欧阳明珠", PHONE, "5678", "供电", "周启明"):
        for user in users:
            found = find(query, user)
            assert [*found.leads, *found.contacts, *found.visits] == [], query
            assert bool(found.companies) is (query == "讯飞"), query


def test_a_park_hears_of_what_is_headed_for_it(lead: Lead, session: Any, people: People) -> None:
    officer, elsewhere = (
        people.make(Role.PARK_OFFICER, park=code) for code in ("nanhu", "haining")
    )
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    lead.park_id, lead.district_id = park.id, park.district_id
    session.commit()
    assert not find("讯飞", officer).leads
    lead.stage = Stage.NEGOTIATING
    session.commit()
    found = find("讯飞", officer)
    assert [one.id for one in found.leads] == [lead.id]
    assert found.visits
    assert find(PHONE, officer).contacts
    assert not find("讯飞", elsewhere).leads
    assert not find(PHONE, elsewhere).contacts


@pytest.mark.parametrize("ground", ["owner", "share", "team share", "liaison"])
def test_each_ground_to_read_a_lead_finds_it(
    lead: Lead, session: Any, people: People, ground: str
) -> None:
    user = people.make(Role.LIAISON_LEADER) if ground == "liaison" else people.scout("chengdu")
    if ground == "owner":
        lead.owner_id = user.id
    elif ground == "liaison":
        lead.liaison_id = user.id
    else:
        team = session.scalars(sa.select(Team.id).where(Team.code == "chengdu")).one()
        whose = {"team_id": team} if ground == "team share" else {"user_id": user.id}
        session.add(CreditShare(agreement="a", lead_id=lead.id, basis_points=10_000, **whose))
    session.commit()
    assert [one.id for one in find("讯飞", user).leads] == [lead.id]
    assert find("oymz", user).contacts
    assert find("讯飞", user).visits


def test_one_finds_whom_one_has_written_down_for_no_team(
    session: Any, people: People, lead: Lead
) -> None:
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    a_person(lead, officer, "孙园区", "057312345678")
    assert [role.contact.name for role in find("孙园", officer).contacts] == ["孙园区"]
    assert find("057312345678", officer).contacts
    assert not find("孙园", people.scout("chengdu")).contacts


def test_the_order_of_leads(session: Any, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    made: dict[str, Lead] = {}
    for number, (name, owner) in enumerate(
        (("科大云智", mate), ("云智联", mate), ("云智", mate), ("云智谷", scout), ("云智港", mate))
    ):
        made[name] = a_lead(owner, f"{name}有限公司")
        made[name].updated_at = NOW + timedelta(days=number)
    made["云智港"].status = Status.LOST
    session.commit()
    expected = ["云智", "云智谷", "云智联", "云智港", "科大云智"]
    assert names(find("云智", scout))["leads"] == expected
    assert names(find("云智", scout, 2))["leads"] == expected[:2]


def test_a_frequent_word_of_others_hides_nothing(session: Any, people: People) -> None:
    """Own, exact and a small team's leads are found among more than are looked at."""
    scout, mate, other = people.scout(), people.scout(), people.scout("chengdu")
    mine = a_lead(scout, "老云智能有限公司")
    theirs = a_lead(other, "远方智能有限公司")
    exact = a_lead(mate, "智能有限公司")
    some_leads(mate, 70, "第{}号智能有限公司")
    found = names(find("智能", scout))["leads"]
    assert found[0] == "智能"
    assert mine.id in {lead.id for lead in find("智能", scout, 100).leads}
    assert theirs.id in {lead.id for lead in find("智能", people.manager(), 100).leads}
    assert exact.id == find("智能", people.manager(), 1).leads[0].id


def test_visits_by_whom_was_met_and_by_own_words(session: Any, people: People, lead: Lead) -> None:
    scout, mate = people.scout(), people.scout()
    a_visit(lead, scout, VisitMode.CALL, summary="说到了 100% 的电_费")
    assert names(find("周启明", scout))["visits"] == []  # nobody's contact: of no company
    for query in ("100%", "电_费", "到了 100"):
        assert names(find(query, scout))["visits"] == ["说到了 100% 的电_费"], query
        assert names(find(query, mate))["visits"] == []
    for query in ("%%", "__", "10%电"):
        assert not find(query, scout).visits, query


def test_what_means_nothing_finds_nothing(lead: Lead, people: People) -> None:
    user = own_team(people)
    wrong = ("", "   ", "%", "_", "讯", "x", "，，", "\x00\x00", "'; --", "%飞", "😀😀")
    for query in (*wrong, "讯" * 500, "a" * 500):
        found = find(query, user)
        assert [*found.companies, *found.leads] == [], query


def test_limits_hold(people: People) -> None:
    scout = people.scout()
    for number in range(7):
        one = a_lead(scout, f"云谷{number}号有限公司")
        a_person(one, scout, f"王云谷{number}")
        a_visit(one, scout)
    found = find("云谷", scout, 5)
    assert [len(found.companies), len(found.leads), len(found.contacts), len(found.visits)] == [
        5
    ] * 4
