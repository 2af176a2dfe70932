"""One fact of a lead changed on its page: by the form's rules, with a way back, on both engines."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from crm import clock
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.next_steps import open_next_step
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import NOW, PLANS, a_lead, actor_of
from tests.people import People

HERE = {"HX-Request": "true"}


@pytest.fixture
def lead(session: Any, people: People, client: Client) -> Lead:
    """A signed-in scout's lead with its plans."""
    scout = people.scout()
    lead = a_lead(scout)
    plans = {name: value for name, value in PLANS.items() if not name.startswith("next_step")}
    edit_lead(lead.public_id, LeadEdit(**plans), actor_of(scout), NOW)  # type: ignore[typeddict-item]
    session.commit()
    client.sign_in(scout.email)
    return lead


def opened(client: Client, lead: Lead, name: str) -> dict[str, str]:
    """The hidden fields of a fact's form."""
    answer = client.get(f"/leads/{lead.public_id}/facts/{name}", headers=HERE)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert "<html" not in text
    found = re.findall(r'name="(read)" type="hidden" value="([^"]+)"', text)
    return dict(found)


def send(client: Client, lead: Lead, name: str, value: str, **more: str) -> Any:
    path = f"/leads/{lead.public_id}/facts/{name}"
    return client.post(path, {name: value, **more}, headers=HERE)


def undo_of(answer: Any) -> str:
    told: dict[str, str] = json.loads(answer.headers["HX-Trigger"])["lead:saved"]
    return told["undo_url"]


@pytest.mark.parametrize(
    ("name", "typed", "column", "shown"),
    [
        ("planned_investment_cny", "5000", 50_000_000, "5000万元"),
        ("space_m2", "3000", 3000, "3000㎡"),
        ("need", "要 人才公寓", "要 人才公寓", "要 人才公寓"),
        ("expected_signing_on", "2027-01-18", date(2027, 1, 18), "2027年1月18日"),
    ],
)
def test_a_fact_is_saved_and_taken_back(
    session: Any, client: Client, lead: Lead, name: str, typed: str, column: object, shown: str
) -> None:
    before = getattr(lead, name)
    answer = send(client, lead, name, typed, **opened(client, lead, name))
    assert answer.status_code == 200
    assert shown in answer.get_data(as_text=True)
    session.expire_all()
    assert getattr(lead, name) == column
    back = client.post(undo_of(answer), headers=HERE)
    assert back.status_code == 200
    session.expire_all()
    assert getattr(lead, name) == before
    # The way back starts from the version that it undoes, and from no other.
    other = {"space_m2": "70", "need": "要别的"}.get(name, "2027-02-01" if "_on" in name else "70")
    send(client, lead, name, other, **opened(client, lead, name))
    assert client.post(undo_of(answer), headers=HERE).status_code == 409


def test_a_place_is_one_fact(session: Any, client: Client, lead: Lead) -> None:
    answer = send(client, lead, "district", "district:nanhu", **opened(client, lead, "district"))
    session.expire_all()
    assert lead.park_id is None
    assert lead.district_id is not None
    client.post(undo_of(answer), headers=HERE)
    session.expire_all()
    assert lead.park_id is not None


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("planned_investment_cny", "-20"),
        ("planned_headcount", "十个"),
        ("expected_signing_on", "1812-01-01"),
        ("project", "长" * 201),
        ("segment", "NOWHERE"),
    ],
)
def test_what_is_wrong_is_said_as_in_the_form(
    session: Any, client: Client, lead: Lead, name: str, typed: str
) -> None:
    before = lead.version
    hidden = opened(client, lead, name)
    here = send(client, lead, name, typed, **hidden)
    form = client.post(f"/leads/{lead.public_id}/edit", {name: typed, **hidden})
    assert here.status_code == form.status_code == 422
    said = re.compile(rf'data-field="{name}"[^>]*>([^<]+)')
    sentences = [said.findall(page.get_data(as_text=True)) for page in (here, form)]
    assert sentences[0] == sentences[1]
    assert sentences[0]
    if name != "segment":  # of choices nobody types one that is not there
        assert typed in here.get_data(as_text=True)
    session.expire_all()
    assert lead.version == before


def test_two_people_change_one_fact(session: Any, client: Client, lead: Lead) -> None:
    hidden = opened(client, lead, "planned_headcount")
    other = opened(client, lead, "space_m2")
    send(client, lead, "planned_headcount", "200", **hidden)
    stale = send(client, lead, "planned_headcount", "300", **hidden)
    text = stale.get_data(as_text=True)
    assert stale.status_code == 409
    assert 'data-testid="conflict"' in text
    assert "<b>200</b>" in text
    assert "<b>300</b>" in text
    assert 'value="300"' in text
    session.expire_all()
    assert lead.planned_headcount == 200
    read = dict(re.findall(r'name="(read)" type="hidden" value="([^"]+)"', text))
    kept = {"keep_planned_headcount": "theirs", **read}
    assert send(client, lead, "planned_headcount", "300", **kept).status_code == 200
    session.expire_all()
    assert lead.planned_headcount == 200
    mine = {"keep_planned_headcount": "yours", **read}
    assert send(client, lead, "planned_headcount", "300", **mine).status_code == 200
    # Another fact was read before all of this, and nobody else changed it.
    assert send(client, lead, "space_m2", "80", **other).status_code == 200
    session.expire_all()
    assert (lead.planned_headcount, lead.space_m2) == (300, 80)


def test_who_works_on_it_is_for_those_who_hand_over(
    app: Flask, session: Any, people: People, client: Client, lead: Lead
) -> None:
    colleague = people.scout(name="接手的人")
    assert send(client, lead, "owner", colleague.public_id).status_code == 403
    heads = Client(app).sign_in(people.team_lead().email)
    hidden = opened(heads, lead, "owner")
    answer = send(heads, lead, "owner", colleague.public_id, **hidden)
    assert "接手的人" in answer.get_data(as_text=True)
    session.expire_all()
    assert lead.owner_id == colleague.id


def test_without_scripts_the_form_has_the_field(client: Client, lead: Lead) -> None:
    path = f"/leads/{lead.public_id}"
    assert f'href="{path}/edit#need"' in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/facts/need").headers["Location"].endswith(f"{path}/edit#need")
    assert client.get(f"{path}/facts/version", headers=HERE).status_code == 404
    assert client.get(f"{path}/facts/team", headers=HERE).status_code == 404


def test_the_next_step_changes_in_its_place(session: Any, client: Client, lead: Lead) -> None:
    day = clock.today() + timedelta(days=3)
    path = f"/leads/{lead.public_id}/next-steps"

    def step(text: str) -> Any:
        sent = {"next_step": text, "next_step_on": day.isoformat(), "here": "1"}
        return client.post(path, sent, headers=HERE)

    step("答复场地")
    answer = step("约下周上门")
    assert "约下周上门" in answer.get_data(as_text=True)
    undo = undo_of(answer)
    back = client.post(undo, headers=HERE)
    assert "答复场地" in back.get_data(as_text=True)
    found = open_next_step(lead)
    assert found
    assert found.text == "答复场地"
    step("又换了一件")
    # What was undone once stands there no more.
    assert client.post(undo, headers=HERE).status_code == 409
    assert client.post(f"{path}/reversals?was=forged").status_code == 422


def test_a_step_that_was_done_by_mistake_comes_back(
    session: Any, client: Client, lead: Lead
) -> None:
    day = clock.today() + timedelta(days=3)
    sent = {"next_step": "答复场地", "next_step_on": day.isoformat()}
    client.post(f"/leads/{lead.public_id}/next-steps", sent)
    step = open_next_step(lead)
    assert step
    client.post(f"/next-steps/{step.public_id}/completions")
    session.expire_all()
    assert open_next_step(lead) is None
    page = client.get(f"/leads/{lead.public_id}").get_data(as_text=True)
    undo = re.findall(r'action="(/leads/\w+/next-steps/reversals[^"]+)"', page)
    assert client.post(undo[-1].replace("&amp;", "&")).status_code == 302
    session.expire_all()
    assert open_next_step(lead) == step
    assert lead.next_step_on == day
