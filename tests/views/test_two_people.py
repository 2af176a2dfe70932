"""Two people at once: the second save of a stale page is refused, and the person chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from crm.companies.service import create_company
from crm.landing.arrival import arrive
from crm.landing.premises import add_premises
from crm.landing.registration import register
from crm.leads import comments
from crm.leads.next_steps import set_next_step
from crm.leads.views import Shown, save_view
from models.company import Company
from models.user import User
from tests.clients import Client
from tests.forms import form_with
from tests.landing.making import ARRIVAL, SPACE, a_registration, a_signed_lead
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People


@dataclass(frozen=True)
class Case:
    """A page that two people have open: a field that both change, one that only the first does.

    ``said``: both values as the page shows them.
    """

    make: Callable[[User], str]
    both: str
    theirs: str
    yours: str
    said: tuple[str, str]
    other: tuple[str, str] | None = None
    """A field that the second one leaves alone."""


def lead_page(scout: User) -> str:
    return f"/leads/{a_lead(scout).public_id}/edit"


def company_page(_scout: User) -> str:
    return f"/companies/{create_company('两人改软件有限公司', now=NOW).public_id}/edit"


def contact_page(scout: User) -> str:
    company = create_company("两人改软件有限公司", now=NOW)
    typed = ContactInput("周启明", phone="13800000000")
    role = add_contact(company, typed, actor_of(scout), NOW)
    return f"/companies/{company.public_id}/contacts/{role.contact.public_id}"


def registration_page(scout: User) -> str:
    lead = a_signed_lead(scout)
    register(lead, a_registration(), NOW)
    return f"/leads/{lead.public_id}/registration"


def premises_page(scout: User) -> str:
    lead = a_signed_lead(scout)
    return f"/premises/{add_premises(lead, SPACE, actor_of(scout), NOW).public_id}/edit"


def landing_page(scout: User) -> str:
    lead = a_signed_lead(scout)
    register(lead, a_registration(), NOW)
    arrive(lead, ARRIVAL, NOW)
    return f"/leads/{lead.public_id}/landing"


def next_step_page(scout: User) -> str:
    lead = a_lead(scout)
    set_next_step(lead, "约时间", TODAY, now=NOW, by=scout.id)
    return f"/leads/{lead.public_id}/next-steps/new"


def view_page(scout: User) -> str:
    view = save_view("停滞的", "team", Shown({"overdue": "1"}, "updated"), actor_of(scout), NOW)
    return f"/views/{view.public_id}/edit"


def comment_page(scout: User) -> str:
    lead = a_lead(scout)
    comment = comments.write(lead.public_id, "先这样", (), actor_of(scout), now=clock.now())
    return f"/comments/{comment.public_id}/edit"


CASES = {
    "lead": Case(
        lead_page,
        "planned_investment_cny",
        "8000",
        "5000",
        ("8000万元", "5000万元"),
        ("need", "要场地"),
    ),
    "company": Case(
        company_page,
        "short_name",
        "甲简称",
        "乙简称",
        ("甲简称", "乙简称"),
        ("name", "改名软件有限公司"),
    ),
    "contact": Case(
        contact_page, "phone", "0573 1", "0573 2", ("0573 1", "0573 2"), ("title", "总经理")
    ),
    "registration": Case(
        registration_page,
        "registered_capital_cny",
        "6000",
        "7000",
        ("6000万元", "7000万元"),
        ("share", "51"),
    ),
    "premises": Case(
        premises_page, "area_m2", "900", "1000", ("900㎡", "1000㎡"), ("address", "5 号楼")
    ),
    "landing": Case(landing_page, "employees", "15", "20", ("15", "20")),
    "view": Case(view_page, "name", "甲的", "乙的", ("甲的", "乙的"), ("visibility", "private")),
    "comment": Case(comment_page, "text", "甲说", "乙说", ("甲说", "乙说")),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.mark.parametrize("keep", ["theirs", "yours"])
def test_the_second_save_of_a_stale_page(
    client: Client, people: People, case: Case, keep: str
) -> None:
    # One person at two devices is two people: who writes a comment may change it alone.
    scout = people.scout(name="何立群")
    path = case.make(scout)
    fast, slow = (Client(client.app).sign_in(scout.email) for _ in range(2))
    action, read = form_with(fast.get(path).text, "read")
    _, slow_read = form_with(slow.get(path).text, "read")
    first = {**read, case.both: case.theirs, **dict([case.other] if case.other else [])}
    assert fast.post(action, first).status_code == 302

    refused = slow.post(action, {**slow_read, case.both: case.yours})
    assert refused.status_code == 409
    assert 'data-testid="conflict"' in refused.text
    assert "何立群" in refused.text
    assert all(f"<b>{value}</b>" in refused.text for value in case.said)
    _, shown = form_with(refused.text, "read")
    # Everything typed is still there, and what only the other changed stands in the form.
    assert shown[case.both] == case.yours
    if case.other:
        assert shown[case.other[0]] == case.other[1]
    radio = next(name for name in shown if name.startswith("keep_"))
    assert shown[radio] == "yours"
    assert slow.post(action, {**shown, radio: keep}).status_code == 302

    _, now = form_with(fast.get(path).text, "read")
    assert now[case.both] == (case.theirs if keep == "theirs" else case.yours)
    if case.other:
        assert now[case.other[0]] == case.other[1]


def test_what_only_one_changed_is_kept_and_said(client: Client, people: People) -> None:
    scout = people.scout()
    path = company_page(scout)
    fast, slow = (Client(client.app).sign_in(scout.email) for _ in range(2))
    action, read = form_with(fast.get(path).text, "read")
    _, slow_read = form_with(slow.get(path).text, "read")
    segments = [*read["segments"], "FND-DB"]
    assert fast.post(action, {**read, "segments": segments}).status_code == 302
    saved = slow.post(action, {**slow_read, "short_name": "两人改"})
    assert saved.status_code == 302
    assert "别人刚改的也留着：产业链环节。" in slow.get(saved.location).text
    _, now = form_with(fast.get(path).text, "read")
    assert (now["short_name"], now["segments"]) == ("两人改", segments)


def test_a_machine_is_told_the_fields(client: Client, people: People) -> None:
    scout = people.scout()
    path = premises_page(scout)
    client.sign_in(scout.email)
    action, read = form_with(client.get(path).text, "read")
    assert client.post(action, {**read, "lease_start": TODAY.isoformat()}).status_code == 302
    later = TODAY.replace(day=1).isoformat()
    stale = client.post(
        action, {**read, "lease_start": later}, headers={"Accept": "application/json"}
    )
    assert stale.status_code == 409
    assert stale.json is not None
    assert stale.json["code"] == "conflict"
    assert stale.json["changed"] == {"lease_start": {"theirs": TODAY.isoformat(), "yours": later}}


def test_a_next_step_that_somebody_else_set(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    path = next_step_page(scout)
    client.sign_in(scout.email)
    action, read = form_with(client.get(path).text, "read")
    other = Client(client.app).sign_in(boss.email)
    _, theirs = form_with(other.get(path).text, "read")
    day = "2027-12-01"
    step = {"next_step": "约分管市长", "next_step_on": day}
    assert other.post(action, {**theirs, **step}).status_code == 302
    stale = client.post(action, {**read, "next_step": "送方案", "next_step_on": day})
    assert stale.status_code == 409
    assert "约分管市长 · 2027年12月1日" in stale.text
    assert "送方案 · 2027年12月1日" in stale.text
    _, shown = form_with(stale.text, "read")
    assert shown["next_step"] == "送方案"
    kept = client.post(action, {**shown, "keep_next_step": "theirs"})
    assert kept.status_code == 302
    assert "约分管市长" in client.get(path).text


def test_a_name_somebody_took_meanwhile_is_a_refusal(client: Client, people: People) -> None:
    """What can not be right is said before it is saved, also where nothing is stale."""
    scout = people.scout()
    create_company("别家软件有限公司", now=NOW)
    path = company_page(scout)
    client.sign_in(scout.email)
    action, read = form_with(client.get(path).text, "read")
    refused = client.post(action, {**read, "name": "别家软件有限公司"})
    assert refused.status_code == 422
    assert people.session.query(Company).filter_by(name="别家软件有限公司").count() == 1
