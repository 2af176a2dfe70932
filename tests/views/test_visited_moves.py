"""The form of a move that takes the visit its gates wait for: both are saved, or neither."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.leads.edits import edit_lead
from models.company import Company
from models.contact import ContactRole
from models.enums import Stage, VisitMode
from models.lead import Lead
from models.stage_change import StageChange
from models.user import User
from models.visit import Visit, VisitLead
from tests.clients import Client
from tests.forms import form_with
from tests.leads.making import NOW, PLANS, a_lead, a_visit, actor_of
from tests.people import People
from tests.views.counting import statements

ERROR = re.compile(r'data-testid="field-error"[^>]*data-field="([a-z0-9_]+)"')
# What a person types for the first gate; the rest the form has filled in.
TYPED = {
    "new_name": "周启明",
    "new_title": "总经理",
    "summary": "谈了研发中心",
    "need": "想要一层研发场地",
}


@pytest.fixture
def scout(people: People) -> User:
    return people.scout()


@pytest.fixture
def lead(scout: User) -> Lead:
    return a_lead(scout, "同移软件有限公司")


def opened(client: Client, lead: Lead, stage: Stage) -> tuple[str, dict[str, Any]]:
    """The form of the move, as a browser has it."""
    text = client.get(f"/leads/{lead.public_id}/stage-changes/new?to_stage={stage}").text
    return form_with(text, "to_stage")


def kept(session: Any) -> tuple[int, int]:
    """How many visits and how many moves there are."""
    session.rollback()
    visits = session.scalar(sa.select(sa.func.count()).select_from(Visit))
    return visits, session.scalar(sa.select(sa.func.count()).select_from(StageChange))


def test_the_visit_and_the_move_are_saved_once(
    session: Any, client: Client, scout: User, lead: Lead
) -> None:
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.ENGAGED)
    for _press in range(2):
        answer = client.post(action, {**form, **TYPED})
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].endswith(f"/leads/{lead.public_id}")
    assert kept(session) == (1, 2)
    visit = session.scalars(sa.select(Visit)).one()
    assert (visit.mode, visit.reached, visit.summary) == (VisitMode.OUT, True, "谈了研发中心")
    assert (visit.need, visit.author_id) == ("想要一层研发场地", scout.id)
    assert session.scalars(sa.select(VisitLead.lead_id)).one() == lead.id
    assert session.scalars(sa.select(ContactRole.title)).one() == "总经理"
    assert (lead.stage, lead.need) == (Stage.ENGAGED, "想要一层研发场地")
    assert lead.last_touch_at is not None
    assert "走访已记下，" in client.get(f"/leads/{lead.public_id}").text


def test_what_they_said_is_not_asked_twice(
    session: Any, client: Client, scout: User, lead: Lead
) -> None:
    a_visit(lead, scout, summary="想先租一层做研发中心")
    another = a_lead(scout, "没说过话的软件有限公司")
    session.commit()
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.ENGAGED)
    assert form["need"] == "想先租一层做研发中心"
    # It is written to the lead when somebody has looked at it, not before.
    session.refresh(lead)
    assert lead.need is None
    page = client.get(f"/leads/{lead.public_id}/stage-changes/new?to_stage=engaged").text
    assert "的记录带来，请改成一句话。" in page
    assert client.post(action, form | {"need": "租一层做研发"}).status_code == 302
    session.rollback()
    session.refresh(lead)
    assert (lead.stage, lead.need) == (Stage.ENGAGED, "租一层做研发")
    _action, empty = opened(client, another, Stage.ENGAGED)
    assert empty["need"] == ""
    # A long note comes to the end of a sentence that fits, and it is still said where it is from.
    a_visit(another, scout, summary="想先租一层做研发中心。" + "人才公寓还差二十来套，" * 20)
    path = f"/leads/{another.public_id}/stage-changes/new?to_stage=engaged"
    need = opened(client, another, Stage.ENGAGED)[1]["need"]
    assert need.startswith("想先租一层做研发中心。人才公寓")
    assert need.endswith("人才公寓还差二十来套")
    assert "的记录带来" in client.get(path).text


def test_whom_one_met_may_be_known_and_a_call_is_no_visit(
    session: Any, client: Client, scout: User, lead: Lead
) -> None:
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.ENGAGED)
    client.post(action, {**form, **TYPED, "mode": "call"})
    assert kept(session) == (1, 2)
    assert "联系已记下，" in client.get(f"/leads/{lead.public_id}").text
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    session.commit()

    path = f"/leads/{lead.public_id}/stage-changes/new?to_stage=negotiating"
    answer = client.get(path)
    assert re.findall(r'name="mode"[^>]*value="(\w+)"', answer.text) == ["out", "in", "video"]
    assert statements(answer) <= 15
    known = re.findall(r'name="contacts"[^>]*value="(\w+)"', answer.text)
    action, form = opened(client, lead, Stage.NEGOTIATING)
    sent = {**form, "contacts": known, "summary": "来看了场地"}
    refused = client.post(action, {**sent, "mode": "call"})
    assert refused.status_code == 422
    assert ERROR.findall(refused.text) == ["mode"]
    assert "电话和消息不算" in refused.text
    assert kept(session) == (1, 2)
    assert client.post(action, {**sent, "mode": "in"}).status_code == 302
    assert kept(session) == (2, 3)
    assert len(session.scalars(sa.select(ContactRole)).all()) == 1
    assert lead.stage is Stage.NEGOTIATING


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("changes", "fields", "says"),
    [
        ({"new_name": "", "new_title": ""}, ["contacts"], "点一下见了谁"),
        ({"new_name": ""}, ["new_name"], "姓名"),
        ({"contacts": ["aaaaaaaaaaaa"], "new_name": "", "new_title": ""}, ["contacts"], "重新选"),
        ({"mode": ""}, ["mode"], "请选怎么联系的"),
        ({"mode": "letter"}, ["mode"], "请选怎么联系的"),
        ({"occurred_at": ""}, ["occurred_at"], "请填什么时候"),
        ({"occurred_at": "昨天"}, ["occurred_at"], "请填日期和时间"),
        ({"occurred_at": "2999-01-01T09:00"}, ["occurred_at"], "还没有到"),
        ({"summary": "长" * 4001}, ["summary"], "最多 4000 字"),
        ({"need": ""}, ["need"], "用一句话写下"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(
    session: Any,
    client: Client,
    scout: User,
    lead: Lead,
    changes: dict[str, Any],
    fields: list[str],
    says: str,
) -> None:
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.ENGAGED)
    sent = {**form, **TYPED, **changes}
    answer = client.post(action, sent)
    assert answer.status_code == 422
    assert ERROR.findall(answer.text) == fields
    assert says in answer.text
    again = form_with(answer.text, "to_stage")[1]
    for name in ("client_key", "new_title", "summary", "need", "occurred_at"):
        assert again[name].strip() == sent[name], name
    assert kept(session) == (0, 1)
    assert session.scalars(sa.select(ContactRole)).all() == []
    assert session.scalars(sa.select(Lead.need)).one() is None


def test_a_wrong_plan_takes_the_visit_back(
    session: Any, client: Client, scout: User, lead: Lead
) -> None:
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.NEGOTIATING)
    plans = {
        "planned_investment_cny": "5000",
        "planned_revenue_cny": "很多",
        "planned_headcount": "20",
        "district": "park:nanhu",
        "next_step": "",
    }
    answer = client.post(action, {**form, **TYPED, **plans})
    assert answer.status_code == 422
    assert set(ERROR.findall(answer.text)) == {
        "planned_revenue_cny",
        "next_step",
        "next_step_on",
    }
    assert kept(session) == (0, 1)
    assert lead.planned_investment_cny is None
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    right = {"planned_revenue_cny": "800", "next_step": "答复场地", "next_step_on": tomorrow}
    assert client.post(action, {**form, **TYPED, **plans, **right}).status_code == 302
    assert kept(session) == (1, 2)
    assert lead.stage is Stage.NEGOTIATING


def test_a_stale_form_logs_nothing(session: Any, client: Client, scout: User, lead: Lead) -> None:
    client.sign_in(scout.email)
    action, form = opened(client, lead, Stage.ENGAGED)
    a_visit(lead, scout)
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    session.commit()
    answer = client.post(action, {**form, **TYPED})
    assert answer.status_code == 409
    assert "周启明" in answer.text
    assert kept(session) == (1, 1)
    assert session.scalars(sa.select(Company.short_name)).one() == "同移软件"
