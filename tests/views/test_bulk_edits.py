"""Many leads at once through the pages: chosen, previewed, applied, undone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.leads.inputs import LeadEdit
from crm.working_days.queries import working_calendar
from models.enums import Role
from models.export import Export
from models.lead import Lead
from models.place import Park
from models.task import Task
from models.user import User
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People
from tests.views.sheets import csv_of, sheet_of


def owner_of(session: Any, lead_id: str) -> str:
    name: str = session.scalar(
        sa.select(User.name).join(Lead, Lead.owner_id == User.id).where(Lead.public_id == lead_id)
    )
    session.rollback()
    return name


def test_leads_are_handed_over_and_back(client: Client, session: Any, people: People) -> None:
    boss, scout, other = people.team_lead(), people.scout(), people.scout()
    ids = [a_lead(scout).public_id for _ in range(2)]
    client.sign_in(boss.email)
    assert 'name="kind" value="owner"' in client.get("/leads").text
    path = client.post("/bulk-edits", {"lead": ids, "kind": "owner"}).location
    page = client.get(path).text
    assert "还没有改任何线索" in page
    assert "<h1>移交 2 条线索</h1>" in page
    assert "换负责人" not in client.get("/leads").text + page
    refused = client.post(f"{path}/preview", {"owner": ""})
    assert refused.status_code == 422
    assert "请选由谁负责。" in refused.text
    assert client.post(f"{path}/preview", {"owner": other.public_id}).location == path
    page = client.get(path).text
    assert "会改 2 条" in page
    assert page.count('data-state="ready"') == 2
    assert owner_of(session, ids[0]) == scout.name
    client.post(f"{path}/application")
    assert owner_of(session, ids[0]) == other.name
    assert "已改 2 条" in client.get(path).text
    client.post(f"{path}/reversal")
    assert owner_of(session, ids[1]) == scout.name
    assert "已撤销 2 条" in client.get(path).text
    # Pressed twice, it says so and does nothing.
    assert client.post(f"{path}/reversal").location == path
    assert "这一批已经撤销过" in client.get(path).text


def test_a_task_for_each_stands_on_its_page_and_in_today(
    client: Client, session: Any, people: People
) -> None:
    scout = people.scout()
    ids = [a_lead(scout).public_id for _ in range(2)]
    client.sign_in(scout.email)
    path = client.post("/bulk-edits", {"lead": ids, "kind": "task"}).location
    wrong = client.post(f"{path}/preview", {"text": "报一次进度", "due_on": "1999-01-01"})
    assert wrong.status_code == 422
    assert 'id="due_on-error"' in wrong.text
    assert re.search(r">\s*报一次进度</textarea>", wrong.text)
    today = clock.today()
    calendar = working_calendar(today, today + timedelta(days=30))
    day = calendar.next_working_day(today).isoformat()
    client.post(f"{path}/preview", {"text": "报一次进度", "due_on": day})
    client.post(f"{path}/application")
    assert "报一次进度" in client.get(f"/leads/{ids[1]}").text
    for task in session.scalars(sa.select(Task)):
        task.due_on = today
    session.commit()
    page = client.get("/today").text
    assert all(f'href="/leads/{key}#tasks"' in page for key in ids)
    client.post(f"{path}/reversal")
    assert "报一次进度" not in client.get("/today").text


def test_all_that_the_filter_leaves(client: Client, session: Any, people: People) -> None:
    scout = people.scout()
    here, there = a_lead(scout), a_lead(scout)
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    here.park_id, here.district_id = park.id, park.district_id
    session.commit()
    client.sign_in(scout.email)
    sent = client.post("/bulk-edits?place=park:nanhu", {"all": "1", "kind": "hold"})
    page = client.get(sent.location).text
    assert here.public_id in page
    assert there.public_id not in page


@pytest.mark.parametrize("sent", [{"kind": "hold"}, {"kind": "nonsense", "all": "1"}, {}])
def test_nothing_chosen_goes_back_to_the_list(
    client: Client, people: People, sent: dict[str, str]
) -> None:
    client.sign_in(people.scout().email)
    response = client.post("/bulk-edits?scope=team", sent)
    assert response.location == "/leads?scope=team"
    assert re.search("请先选", client.get(response.location).text)


def test_what_another_prepared_is_not_there(app: Flask, client: Client, people: People) -> None:
    scout, other = people.scout(), people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    path = client.post("/bulk-edits", {"lead": lead.public_id, "kind": "hold"}).location
    client = Client(app).sign_in(other.email)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/application").status_code == 404
    # A scout hands nothing over: the bar does not offer it.
    assert 'name="kind" value="owner"' not in client.get("/leads").text


def test_the_chosen_rows_go_out_and_no_others(app: Flask, session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("chengdu")
    made = [
        a_lead(scout, f"{name}软件有限公司", more=LeadEdit(planned_investment_cny=cny))
        for name, cny in (("=甲", 10_000_000), ("乙", 20_000_000), ("丙", 30_000_000))
    ]
    ids = [lead.public_id for lead in made]
    foreign = a_lead(other).public_id
    session.commit()
    client = Client(app).sign_in(scout.email)
    page = client.get("/leads?scope=mine&sort=investment&columns=planned").text
    action = re.search(r'formaction="(/leads\.xlsx[^"]+)"', page)
    assert action
    path = action[1].replace("&amp;", "&")
    # In the order and columns of the list; what is not theirs to see is not there.
    rows = sheet_of(client.post(path, {"lead": [ids[0], foreign, ids[2]]}))
    assert [row[::2] for row in rows] == [
        ["企业", "计划投资(万元)"],
        ["丙软件有限公司", 3000],
        ["'=甲软件有限公司", 1000],
    ]
    trail = session.scalars(sa.select(Export)).one()
    assert (trail.rows, trail.filter["leads"]) == (2, ",".join([ids[0], foreign, ids[2]]))
    session.rollback()
    # All that the list shows, whatever is ticked besides, also as csv and for who only reads.
    reader = Client(app).sign_in(people.make(Role.AUDITOR).email)
    assert 'name="kind"' not in reader.get("/leads").text
    sent = reader.post("/leads.csv?team=beijing&sort=updated", {"lead": foreign, "all": "1"})
    found = {row[0] for row in csv_of(sent)[1:]}
    assert found == {"'=甲软件有限公司", "乙软件有限公司", "丙软件有限公司"}
    # Nothing chosen goes back to the list and says so.
    assert client.post(path).location == "/leads?scope=mine"
    assert "请先选要导出的线索。" in client.get("/leads?scope=mine").text
