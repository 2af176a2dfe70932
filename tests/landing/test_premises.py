"""Premises: several, each change in the trail, by those who may; and the first people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.access import writable_premises
from crm.errors import Forbidden, NotFound, Refusal
from crm.landing.arrival import arrive
from crm.landing.local_company import local_company_of
from crm.landing.premises import add_premises, edit_premises, may_write_premises, remove_premises
from crm.landing.registration import register
from crm.landing.rules import Arrival
from crm.leads.facts import EMPLOYEES, facts_of
from crm.leads.moves import locked_lead
from models.audit import Change
from models.enums import Role, Stage
from models.figure import Figure
from models.lead import Lead
from models.place import Park
from models.premises import Premises
from tests.landing.making import ARRIVAL, SPACE, a_registration, a_signed_lead
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People


def test_several_premises_follow_the_local_company(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    first = add_premises(lead, SPACE, actor_of(scout), NOW)
    assert first.company_id is None
    assert facts_of(lead).has_premises
    register(lead, a_registration(), NOW)
    company = local_company_of(lead)
    assert company is not None
    second = add_premises(lead, replace(SPACE, premises="district:xiuzhou"), actor_of(scout), NOW)
    assert (first.company_id, second.company_id) == (company.id, company.id)
    assert first.park_id is not None
    assert second.park_id is None


def test_each_change_of_premises_is_told(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    premises = add_premises(lead, SPACE, actor_of(scout), NOW)
    session.commit()
    edit_premises(premises.public_id, replace(SPACE, area_m2=900), actor_of(scout), NOW)
    session.commit()
    remove_premises(premises.public_id, actor_of(scout), NOW)
    session.commit()
    rows = session.execute(
        sa.select(Change.field, Change.before, Change.after)
        .where(Change.subject == "premises")
        .order_by(Change.seq)
    ).all()
    assert [row.field for row in rows] == ["*", "area_m2", "*"]
    assert (rows[1].before, rows[1].after) == (800, 900)
    assert rows[2].before["area_m2"] == 900
    assert not facts_of(lead).has_premises


def test_wrong_premises_are_refused_at_their_fields(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    for wrong, fields in (
        (replace(SPACE, premises="park:nowhere"), {"premises"}),
        (replace(SPACE, premises="", area_m2=0), {"premises", "area_m2"}),
        (replace(SPACE, lease_start=date(2036, 1, 1)), {"lease_start", "lease_end"}),
    ):
        with pytest.raises(Refusal) as refused:
            add_premises(lead, wrong, actor_of(scout), NOW)
        assert set(refused.value.errors) == fields


@pytest.mark.parametrize(
    "values",
    [{"area_m2": 0}, {"lease_end": date(2026, 1, 1)}, {"park": "elsewhere"}],
)
def test_the_database_refuses_what_can_not_be(
    session: Any, people: People, values: dict[str, Any]
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    premises = add_premises(lead, SPACE, actor_of(scout), NOW)
    if code := values.pop("park", None):
        other = sa.select(Park.id).where(Park.district_id != premises.district_id)
        values["park_id"] = session.scalars(other.order_by(Park.id)).first()
        assert values["park_id"], code
    session.commit()
    for name, value in values.items():
        setattr(premises, name, value)
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_landed_project_keeps_its_last_premises(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    first = add_premises(lead, SPACE, actor_of(scout), NOW)
    lead.stage = Stage.LANDED
    session.commit()
    with pytest.raises(Refusal):
        remove_premises(first.public_id, actor_of(scout), NOW)
    add_premises(lead, SPACE, actor_of(scout), NOW)
    assert remove_premises(first.public_id, actor_of(scout), NOW) is lead


def test_a_park_writes_down_space_from_signing_on(session: Any, people: People) -> None:
    scout = people.scout()
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    elsewhere = people.make(Role.PARK_OFFICER, park="haining")
    lead = a_signed_lead(scout)
    held = locked_lead(lead.public_id, actor_of(officer), writable_premises)
    premises = add_premises(held, SPACE, actor_of(officer), NOW)
    session.commit()
    assert edit_premises(premises.public_id, SPACE, actor_of(officer), NOW) is premises
    assert may_write_premises(lead, actor_of(officer))
    with pytest.raises(NotFound):
        edit_premises(premises.public_id, SPACE, actor_of(elsewhere), NOW)
    with pytest.raises(Forbidden):
        locked_lead(lead.public_id, actor_of(officer))
    for reader in (Role.AUDITOR,):
        with pytest.raises(Forbidden):
            edit_premises(premises.public_id, SPACE, actor_of(people.make(reader)), NOW)
    lead.stage = Stage.NEGOTIATING
    session.commit()
    with pytest.raises(Forbidden):
        edit_premises(premises.public_id, SPACE, actor_of(officer), NOW)


def _landing(people: People) -> Lead:
    lead = a_signed_lead(people.scout())
    register(lead, a_registration(), NOW)
    return lead


def test_the_first_people_are_a_figure_of_the_year_with_source_and_day(
    session: Any, people: People
) -> None:
    lead = _landing(people)
    arrive(lead, ARRIVAL, NOW)
    figure = session.scalars(sa.select(Figure).where(Figure.metric == EMPLOYEES)).one()
    assert (figure.year, figure.value, figure.source) == (2026, 12, "social_insurance")
    assert (figure.as_of, figure.recorded_at) == (TODAY, NOW)
    assert (facts_of(lead).employees, lead.landed_on) == (12, TODAY)


def test_without_a_day_the_people_are_those_of_the_landing(session: Any, people: People) -> None:
    lead = _landing(people)
    day = TODAY - timedelta(days=5)
    arrive(lead, Arrival(employees=8, landed_on=day), NOW)
    assert session.scalars(sa.select(Figure.as_of).where(Figure.metric == EMPLOYEES)).all() == [day]


def test_a_later_number_stands_beside_the_first(session: Any, people: People) -> None:
    lead = _landing(people)
    arrive(lead, ARRIVAL, NOW)
    arrive(lead, replace(ARRIVAL, employees=15), NOW.replace(hour=3))
    arrive(lead, replace(ARRIVAL, employees=15), NOW.replace(hour=4))
    values = sa.select(Figure.value).where(Figure.metric == EMPLOYEES).order_by(Figure.id)
    assert session.scalars(values).all() == [12, 15]
    assert facts_of(lead).employees == 15
    with pytest.raises(Refusal) as refused:
        arrive(lead, Arrival(employees=9, employees_on=date(2025, 12, 31)), NOW)
    assert set(refused.value.errors) == {"employees_on"}


def test_people_need_a_company_and_a_known_source(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    for given, fields in (
        (Arrival(employees=5), {"local_company"}),
        (Arrival(employees=5, employees_source="hearsay"), {"employees_source"}),
    ):
        with pytest.raises(Refusal) as refused:
            arrive(lead, given, NOW)
        assert set(refused.value.errors) == fields


def test_nobody_else_finds_the_premises(session: Any, people: People) -> None:
    scout, stranger = people.scout("beijing"), people.scout("chengdu")
    premises = add_premises(a_signed_lead(scout), SPACE, actor_of(scout), NOW)
    session.commit()
    assert session.get(Premises, premises.id)
    with pytest.raises(NotFound):
        remove_premises(premises.public_id, actor_of(stranger), NOW)
    assert a_lead(stranger)
