"""Registration, premises and landing as people see them, and what is said of wrong input."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from crm.companies.service import create_company
from crm.landing.local_company import local_company_of
from crm.leads.facts import facts_of
from models.company import Company
from models.enums import Role, Stage
from models.lead import Lead
from models.premises import Premises
from models.user import User
from tests.clients import Client
from tests.landing.making import REGISTERED_ON, a_code, a_signed_lead
from tests.leads.making import NOW, TODAY, a_lead
from tests.people import People

ERROR = re.compile(r'data-testid="field-error" data-field="(\w+)"')


@pytest.fixture
def scout(people: People) -> User:
    return people.scout()


@pytest.fixture
def lead(session: Any, scout: User) -> Lead:
    return a_signed_lead(scout)


@pytest.fixture
def page(client: Client, scout: User) -> Client:
    return client.sign_in(scout.email)


def registration(**changes: str) -> dict[str, str]:
    return {
        "local_company": "嘉兴页上软件有限公司",
        "credit_code": a_code(),
        "registered_capital_cny": "5000",
        "registered_on": REGISTERED_ON.isoformat(),
        **changes,
    }


def landing(**changes: str) -> dict[str, str]:
    return {
        "premises": "park:nanhu",
        "address": "3 号楼",
        "area_m2": "800",
        "lease_start": REGISTERED_ON.isoformat(),
        "lease_end": "",
        "employees": "12",
        "employees_source": "visit",
        "landed_on": TODAY.isoformat(),
        **changes,
    }


def move(page: Client, lead: Lead, stage: Stage, values: dict[str, str]) -> Any:
    sent = {"to_stage": stage.value, "version": str(lead.version), **values}
    return page.post(f"/leads/{lead.public_id}/stage-changes", sent)


def wrong(response: Any) -> set[str]:
    assert response.status_code == 422, response.text
    return set(ERROR.findall(response.text))


def test_the_form_of_a_move_asks_for_what_is_missing_and_lands(
    session: Any, page: Client, lead: Lead
) -> None:
    url = f"/leads/{lead.public_id}/stage-changes/new?to_stage="
    asked = page.get(url + "registered").text
    for name in ("local_company", "credit_code", "registered_capital_cny", "registered_on"):
        assert f'name="{name}"' in asked
    assert 'name="premises"' not in asked
    assert move(page, lead, Stage.REGISTERED, registration()).status_code == 302
    asked = page.get(url + "landed").text
    assert 'name="local_company"' not in asked
    # The place the lead is headed for is chosen already.
    assert '<option selected value="park:nanhu">' in asked
    assert move(page, lead, Stage.LANDED, landing()).status_code == 302
    assert lead.stage is Stage.LANDED
    shown = page.get(f"/leads/{lead.public_id}").text
    for text in ("嘉兴页上软件有限公司", "5000万元", "3 号楼", "800㎡", "12 人", "走访所见"):
        assert text in shown
    assert "停滞" not in shown
    assert "退回注册" in shown
    assert "落地满 30 天" in shown


@pytest.mark.only_sqlite
def test_what_is_wrong_is_listed_as_it_stands_on_the_page(
    page: Client, lead: Lead, scout: User
) -> None:
    early = {"planned_headcount": "一百", "signed_on": "2030-01-01", "next_step_on": "2020-01-01"}
    far = {"registered_on": "2030-01-01", "share": "一半", "local_company": "", "credit_code": "1"}
    nothing = {"area_m2": "", "employees": "0", "lease_start": "", "premises": "park:nowhere"}
    money = {"registered_capital_cny": "5千万", "landed_on": "2030-01-01"}
    sent = registration(**far) | landing(**nothing) | money
    for answer in (
        move(page, lead, Stage.LANDED, sent),
        move(page, a_lead(scout), Stage.LANDED, {**sent, **early}),
        page.post(f"/leads/{lead.public_id}/registration", {**sent, "funds_in_place_cny": "一"}),
    ):
        assert answer.status_code == 422
        summary = answer.text[answer.text.index("data-error-summary") :]
        listed = re.findall(r'<li[^>]*><a href="#(\w+)">', summary[: summary.index("</ul>")])
        assert listed == ERROR.findall(answer.text)
        assert len(listed) > 2


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("changes", "fields", "says"),
    [
        ({"credit_code": "911100008021004331"}, {"credit_code"}, "应为 B"),
        ({"credit_code": ""}, {"credit_code"}, "18 位"),
        ({"registered_capital_cny": "0"}, {"registered_capital_cny"}, "大于 0"),
        ({"registered_capital_cny": "-5"}, {"registered_capital_cny"}, "大于 0"),
        ({"registered_capital_cny": "5千万"}, {"registered_capital_cny"}, "填 5000"),
        ({"registered_on": "2030-01-01"}, {"registered_on"}, "还没有到"),
        ({"registered_on": "2015-01-01"}, {"registered_on"}, "签约前已注册"),
        ({"share": "120"}, {"share"}, "0 到 100"),
        ({"share": "一半"}, {"share"}, "只填数字"),
        ({"local_company": ""}, {"local_company"}, "营业执照"),
    ],
)
def test_wrong_values_of_a_registration_are_told_at_their_field(
    session: Any, page: Client, lead: Lead, changes: dict[str, str], fields: set[str], says: str
) -> None:
    answer = move(page, lead, Stage.REGISTERED, registration(**changes))
    assert wrong(answer) == fields
    assert says in answer.text
    # What was typed stays, and nothing was saved.
    assert all(value in answer.text for value in registration(**changes).values() if len(value) < 9)
    assert local_company_of(lead) is None


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"premises": ""}, {"premises"}),
        ({"area_m2": "三千"}, {"area_m2"}),
        ({"area_m2": "800㎡"}, {"area_m2"}),
        ({"area_m2": "0"}, {"area_m2"}),
        ({"lease_start": "2040-01-01"}, {"lease_start"}),
        ({"lease_end": "2020-01-01"}, {"lease_end"}),
        ({"employees": "0"}, {"employees"}),
        ({"landed_on": "2026-01-01"}, {"landed_on"}),
        ({"employees": "", "landed_on": ""}, {"employees", "landed_on"}),
    ],
)
def test_wrong_values_of_a_landing_are_told_at_their_field(
    session: Any, page: Client, lead: Lead, changes: dict[str, str], fields: set[str]
) -> None:
    answer = move(page, lead, Stage.LANDED, registration() | landing(**changes))
    assert wrong(answer) == fields
    assert session.scalars(sa.select(Premises)).all() == []


def test_a_company_that_looks_alike_is_asked_and_may_be_chosen(
    session: Any, page: Client, lead: Lead
) -> None:
    alike = create_company("嘉兴云帆数据科技有限公司", now=NOW)
    values = registration(local_company="嘉兴云帆数据技术有限公司")
    answer = move(page, lead, Stage.REGISTERED, values)
    assert wrong(answer) == {"local_company"}
    assert f'value="{alike.public_id}"' in answer.text
    assert 'value="new"' in answer.text
    chosen = values | {"local_company_is": alike.public_id}
    assert move(page, lead, Stage.REGISTERED, chosen).status_code == 302
    assert local_company_of(lead) is alike


def test_a_code_that_is_taken_offers_its_company(session: Any, page: Client, lead: Lead) -> None:
    holder = create_company("杭州持码信息有限公司", now=NOW, credit_code=a_code())
    page.get(f"/leads/{lead.public_id}/registration")
    values = registration(credit_code=str(holder.credit_code))
    answer = page.post(f"/leads/{lead.public_id}/registration", values)
    assert wrong(answer) == {"credit_code"}
    assert f'value="{holder.public_id}"' in answer.text
    assert 'value="new"' not in answer.text
    again = page.post(
        f"/leads/{lead.public_id}/registration", values | {"local_company_is": holder.public_id}
    )
    assert again.status_code == 302
    assert local_company_of(lead) is holder


def test_the_pages_show_what_is_known_and_put_it_right(
    session: Any, page: Client, lead: Lead
) -> None:
    move(page, lead, Stage.LANDED, registration() | landing())
    url = f"/leads/{lead.public_id}/registration"
    shown = page.get(url).text
    assert "嘉兴页上软件有限公司" in shown
    assert 'value="5000"' in shown
    code = facts_company(session, lead).credit_code
    values = registration(credit_code=str(code), registered_capital_cny="6,000.5")
    assert page.post(url, values).status_code == 302
    assert facts_of(lead).registered_capital_cny == 60_005_000
    assert wrong(page.post(url, values | {"registered_on": ""})) == {"registered_on"}
    paid = values | {"funds_in_place_cny": "2000"}
    assert page.post(url, paid).status_code == 302
    assert "到位资金" in page.get(f"/leads/{lead.public_id}").text
    assert 'value="2000"' in page.get(url).text
    assert wrong(page.post(url, values | {"funds_in_place_cny": ""})) == {"funds_in_place_cny"}
    url = f"/leads/{lead.public_id}/landing"
    assert 'value="12"' in page.get(url).text
    arrived = {"employees": "15", "employees_source": "visit", "landed_on": TODAY.isoformat()}
    assert page.post(url, arrived).status_code == 302
    assert facts_of(lead).employees == 15
    assert wrong(page.post(url, arrived | {"employees": ""})) == {"employees"}


def facts_company(session: Any, lead: Lead) -> Company:
    company = local_company_of(lead)
    assert company is not None
    return company


def test_premises_are_added_changed_and_taken_back(session: Any, page: Client, lead: Lead) -> None:
    url = f"/leads/{lead.public_id}/premises/new"
    assert '<option selected value="park:nanhu">' in page.get(url).text
    assert wrong(page.post(url, {})) == {"premises", "area_m2", "lease_start"}
    assert page.post(url, landing()).status_code == 302
    premises = session.scalars(sa.select(Premises)).one()
    edit = f"/premises/{premises.public_id}/edit"
    assert 'value="800"' in page.get(edit).text
    assert wrong(page.post(edit, landing(area_m2="0"))) == {"area_m2"}
    assert page.post(edit, landing(area_m2="900")).status_code == 302
    assert "900㎡" in page.get(f"/leads/{lead.public_id}").text
    assert page.post(f"/premises/{premises.public_id}/removal").status_code == 302
    assert session.scalars(sa.select(Premises)).all() == []
    shown = page.get(f"/leads/{lead.public_id}").text
    (back,) = re.findall(r'action="([^"]+/premises/restorations[^"]+)"', shown)
    assert page.get(edit).status_code == 404
    for _twice in range(2):
        assert page.post(back).status_code == 302
    again = session.scalars(sa.select(Premises)).one()
    assert (again.area_m2, again.lease_start.isoformat()) == (900, landing()["lease_start"])
    assert page.post(f"{back}x").status_code == 422


def test_a_landed_lead_keeps_its_last_premises_and_says_so(
    session: Any, page: Client, lead: Lead
) -> None:
    move(page, lead, Stage.LANDED, registration() | landing())
    premises = session.scalars(sa.select(Premises)).one()
    page.post(f"/premises/{premises.public_id}/removal")
    assert session.scalars(sa.select(Premises)).one()
    assert "至少要有一处场地" in page.get(f"/leads/{lead.public_id}").text
    asked = page.post(
        f"/premises/{premises.public_id}/removal", headers={"Accept": "application/json"}
    )
    assert (asked.status_code, asked.json["code"]) == (422, "refused")


def test_a_park_officer_adds_space_and_changes_nothing_else(
    session: Any, people: People, client: Client, lead: Lead
) -> None:
    client.sign_in(people.make(Role.PARK_OFFICER, park="nanhu").email)
    shown = client.get(f"/leads/{lead.public_id}").text
    assert f"/leads/{lead.public_id}/premises/new" in shown
    assert f"/leads/{lead.public_id}/registration" not in shown
    assert client.post(f"/leads/{lead.public_id}/premises/new", landing()).status_code == 302
    assert client.get(f"/leads/{lead.public_id}/registration").status_code == 403


def test_investor_and_local_company_show_one_another(
    session: Any, people: People, page: Client, lead: Lead
) -> None:
    move(page, lead, Stage.LANDED, registration() | landing())
    local = facts_company(session, lead)
    investor = session.get_one(Company, lead.company_id)
    shown = page.get(f"/companies/{local.public_id}").text
    assert f"/companies/{investor.public_id}" in shown
    assert f"/leads/{lead.public_id}" in shown
    shown = page.get(f"/companies/{investor.public_id}").text
    assert f"/companies/{local.public_id}" in shown
    assert "已落地" in shown
    # Everybody may know of it; the lead opens for who may read it.
    page.post("/logout")
    page.sign_in(people.scout("chengdu").email)
    shown = page.get(f"/companies/{local.public_id}").text
    assert investor.short_name in shown
    assert f"/leads/{lead.public_id}" not in shown


def test_a_signed_lead_that_is_lost_and_taken_up_again(
    session: Any, page: Client, lead: Lead
) -> None:
    lost = {"to_status": "lost", "reason": "总部叫停", "version": str(lead.version)}
    url = f"/leads/{lead.public_id}/stage-changes"
    assert page.post(url, lost).status_code == 302
    again = {"to_status": "active", "reason": "总部又批了", "version": str(lead.version)}
    assert page.post(url, again).status_code == 302
    assert lead.stage is Stage.COMMITTED
    assert move(page, lead, Stage.REGISTERED, registration()).status_code == 302
