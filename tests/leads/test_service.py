"""Making and changing leads: who may, what is refused, what is written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.companies.service import create_company
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads import claims
from crm.leads.edits import edit_lead, known_of
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.service import create_lead
from crm.together import Read
from models.company import CompanySegment
from models.enums import Role, Stage, Status, TaskState
from models.lead import Claim, Lead
from models.stage_change import StageChange
from models.task import Task
from tests.leads.making import CHANNEL, NOW, SEGMENT, TODAY, a_lead, actor_of
from tests.people import People


def errors_of(refused: pytest.ExceptionInfo[Refusal]) -> dict[str, list[str]]:
    return {field: [str(text) for text in texts] for field, texts in refused.value.errors.items()}


def test_a_new_lead_is_the_scouts_of_their_team(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, next_step="打第一个电话", next_step_on=date(2026, 11, 30))
    claim = session.scalars(sa.select(Claim).where(Claim.lead_id == lead.id)).one()
    first = session.scalars(sa.select(StageChange).where(StageChange.lead_id == lead.id)).one()
    step = session.scalars(sa.select(Task).where(Task.lead_id == lead.id)).one()
    assert (lead.owner_id, lead.team_id) == (scout.id, actor_of(scout).team)
    assert (lead.stage, lead.status, lead.version) == (Stage.IDENTIFIED, Status.ACTIVE, 2)
    assert lead.stalls_on == date(2026, 12, 26)
    assert (claim.from_on, claim.protected_until) == (TODAY, date(2027, 2, 23))
    assert (first.seq, first.from_stage, first.to_stage) == (1, None, Stage.IDENTIFIED)
    assert first.facts["segment_id"] == lead.segment_id
    assert (step.text, step.state, lead.next_step_on) == (
        "打第一个电话",
        TaskState.OPEN,
        date(2026, 11, 30),
    )
    source = session.get_one(CompanySegment, (lead.company_id, lead.segment_id)).source
    assert source == "lead"


def test_a_typed_name_makes_a_company_once(session: Any, people: People) -> None:
    first = a_lead(people.scout(), company="嘉禾数据库科技有限公司")
    second = a_lead(people.scout(), company="嘉禾数据库科技有限公司 ", project="研发中心")
    assert first.company_id == second.company_id


def test_all_that_is_missing_is_said_at_once(session: Any, people: People) -> None:
    manager = people.manager()
    with pytest.raises(Refusal) as refused:
        create_lead(NewLead("", "", ""), actor_of(manager), NOW)
    assert set(refused.value.errors) == {"company", "segment", "channel", "team"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"segment": "NO-SUCH"}, "segment"),
        ({"channel": "no-such"}, "channel"),
        ({"team": "no-such"}, "team"),
        ({"team": "shenzhen"}, "team"),
        ({"owner": "nobody"}, "owner"),
        ({"company": "abcdefghijkm"}, "company"),
        ({"company": "长" * 500}, "company"),
        ({"project": "长" * 500}, "project"),
        ({"need": "长" * 2001}, "need"),
        ({"next_step": "打电话"}, "next_step_on"),
        ({"next_step": "打电话", "next_step_on": date(2026, 11, 24)}, "next_step_on"),
        ({"more": LeadEdit(planned_investment_cny=-1)}, "planned_investment_cny"),
        ({"more": LeadEdit(planned_headcount=10**9)}, "planned_headcount"),
        ({"more": LeadEdit(place="park:no-such")}, "district"),
        ({"more": LeadEdit(expected_landing_on=date(1926, 1, 1))}, "expected_landing_on"),
    ],
)
def test_what_can_not_be_right_is_refused_at_its_field(
    session: Any, people: People, changes: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {"company": "新芯软件有限公司", "segment": SEGMENT, "channel": CHANNEL}
    with pytest.raises(Refusal) as refused:
        create_lead(NewLead(**{**values, **changes}), actor_of(people.scout()), NOW)
    session.rollback()
    assert set(refused.value.errors) == {field}
    assert session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 0


def test_a_held_company_names_its_holder(session: Any, people: People) -> None:
    holder = people.scout("shanghai", name="吴佳")
    company = create_company("东软集团股份有限公司", now=NOW)
    lead = a_lead(holder, company=company.public_id)
    with pytest.raises(Refusal) as refused:
        a_lead(people.scout(), company=company.public_id)
    assert refused.value.code == "held"
    assert errors_of(refused)["company"] == [
        "吴佳（上海小分队）2026-11-25 已登记这家企业，保护期到 2027-02-23。"
    ]
    session.rollback()
    # Who asks for what they hold themselves is shown the way there, not their own name.
    with pytest.raises(Refusal) as own:
        a_lead(holder, company=company.public_id)
    assert errors_of(own)["company"][0].startswith("您 2026-11-25 已登记这家企业")
    session.rollback()
    assert a_lead(people.scout(), company=company.public_id, project="第二个项目").id != lead.id
    claim = claims.current_claim(lead)
    assert claim
    claim.protected_until = claim.from_on - timedelta(days=1)
    session.flush()
    held = claims.leading_holders([company.id], holder.id)[company.id]
    assert (held.lead_id, str(held.protection)) == (lead.id, "保护期 2026-11-24 已过")


def test_roles_that_do_not_work_leads_make_none(session: Any, people: People) -> None:
    officer = people.make(Role.PARK_OFFICER, park="nanhu")
    with pytest.raises(Forbidden):
        a_lead(officer)


def test_a_manager_gives_a_lead_to_a_team(session: Any, people: People) -> None:
    scout = people.scout("shenzhen")
    lead = a_lead(people.manager(), team="shenzhen", owner=scout.public_id)
    assert lead.owner_id == scout.id
    with pytest.raises(Refusal) as refused:
        a_lead(people.manager(), team="beijing", owner=scout.public_id)
    assert set(refused.value.errors) == {"owner"}


def test_a_park_sets_its_district(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    edit_lead(lead.public_id, LeadEdit(place="park:nanhu"), actor_of(scout), NOW)
    assert lead.park_id
    assert lead.district_id
    edit_lead(lead.public_id, LeadEdit(place="district:xiuzhou"), actor_of(scout), NOW)
    assert lead.park_id is None
    assert lead.district_id
    edit_lead(lead.public_id, LeadEdit(place=""), actor_of(scout), NOW)
    assert lead.district_id is None


def test_two_edits_of_different_fields_are_both_kept(session: Any, people: People) -> None:
    one, two = people.scout(), people.scout()
    lead = a_lead(one)
    read = Read.of(known_of(lead))
    sent = LeadEdit(need="", planned_headcount=None)
    edit_lead(lead.public_id, LeadEdit(**{**sent, "need": "研发中心"}), actor_of(one), NOW)
    session.commit()
    late = LeadEdit(**{**sent, "planned_headcount": 80})
    edit_lead(lead.public_id, late, actor_of(two), NOW, read=read)
    session.commit()
    assert (lead.need, lead.planned_headcount) == ("研发中心", 80)


def test_two_edits_of_one_field_are_a_conflict(session: Any, people: People) -> None:
    one, two = people.scout(), people.scout()
    lead = a_lead(one)
    read = Read.of(known_of(lead))
    edit_lead(lead.public_id, LeadEdit(planned_investment_cny=80_000_000), actor_of(one), NOW)
    session.commit()
    with pytest.raises(Conflict) as conflict:
        edit_lead(
            lead.public_id,
            LeadEdit(planned_investment_cny=50_000_000),
            actor_of(two),
            NOW,
            read=read,
        )
    assert conflict.value.changed == {"planned_investment_cny": (80_000_000, 50_000_000)}


def test_who_works_on_a_lead_is_said_by_the_team_lead(session: Any, people: People) -> None:
    scout, other, lead_of_team = people.scout(), people.scout(), people.team_lead()
    lead = a_lead(scout)
    with pytest.raises(Forbidden):
        edit_lead(lead.public_id, LeadEdit(owner=other.public_id), actor_of(scout), NOW)
    edit_lead(lead.public_id, LeadEdit(owner=other.public_id), actor_of(lead_of_team), NOW)
    session.commit()
    assert lead.owner_id == other.id


def test_a_hand_over_takes_the_claim_along(session: Any, people: People) -> None:
    taker, manager = people.scout("chengdu"), people.manager()
    lead = a_lead(people.scout())
    edit = LeadEdit(owner=taker.public_id, team="chengdu")
    edit_lead(lead.public_id, edit, actor_of(manager), NOW)
    session.commit()
    claims = session.scalars(
        sa.select(Claim).where(Claim.lead_id == lead.id).order_by(Claim.id)
    ).all()
    assert [claim.released_at is None for claim in claims] == [False, True]
    assert claims[1].team_id == lead.team_id
    assert claims[1].protected_until == claims[0].protected_until


def test_a_foreign_teams_lead_does_not_exist(session: Any, people: People) -> None:
    lead = a_lead(people.scout("beijing"))
    with pytest.raises(NotFound):
        edit_lead(lead.public_id, LeadEdit(need="x"), actor_of(people.scout("shanghai")), NOW)
