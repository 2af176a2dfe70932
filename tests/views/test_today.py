"""Today: who first, and why, in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from crm.leads import comments, directives
from crm.leads.to_do import NewTask, assign
from crm.working_days.queries import working_calendar
from models.company import Company
from models.enums import Role, TaskState
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import a_lead, actor_of
from tests.offers.making import approved, negotiating
from tests.people import People
from tests.views.counting import statements


def overdue(session: Any, lead: Lead, days: int) -> None:
    from crm.leads.next_steps import open_next_step  # noqa: PLC0415

    step = open_next_step(lead)
    assert step
    step.due_on = lead.next_step_on = clock.today() - timedelta(days=days)
    session.commit()


def test_the_most_overdue_stands_first_with_its_reason(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    soon = clock.today() + timedelta(days=400)
    for name, days in (("甲软件有限公司", 2), ("乙软件有限公司", 9)):
        lead = a_lead(scout, name, next_step=f"答复{name}", next_step_on=soon)
        overdue(session, lead, days)
    page = client.sign_in(scout.email).get("/today").get_data(as_text=True)
    assert "<b>先联系 2 家</b>，其中 2 家已逾期" in page
    assert page.index("答复乙软件") < page.index("答复甲软件")
    assert "已逾期 9 天" in page


@pytest.mark.parametrize(
    "role", [Role.MANAGER, Role.AUDITOR, Role.LIAISON_LEADER, Role.PARK_OFFICER]
)
def test_everybody_who_may_has_a_page(people: People, client: Client, role: Role) -> None:
    person = people.make(role, park="nanhu" if role is Role.PARK_OFFICER else None)
    answer = client.sign_in(person.email).get("/today")
    assert answer.status_code == 200
    assert "今天没有要先联系的" in answer.get_data(as_text=True)


def test_an_approval_is_found_on_the_day_and_leads_to_the_signing(
    people: People, client: Client
) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    lead = negotiating(scout)
    offer = approved(lead, scout, boss)
    lead_path = f"/leads/{lead.public_id}"
    today = client.sign_in(scout.email).get("/today")
    assert statements(today) <= 15
    assert "批准了政策测算，可以去签约了。" in today.text
    assert "860" not in today.text
    signing = f'href="{lead_path}/stage-changes/new?to_stage=committed"'
    for way in (signing, f'href="/offers/{offer.public_id}"', f'action="{lead_path}/offers/seen'):
        assert way in today.text
    assert "批准了政策测算" not in Client(client.app).sign_in(boss.email).get("/today").text
    done = client.post(f"{lead_path}/offers/seen?back=today")
    assert (done.status_code, done.location) == (302, "/today")
    assert "批准了政策测算" not in client.get("/today").text


def test_later_sets_another_day(session: Any, people: People, client: Client) -> None:
    scout = people.scout()
    today = clock.today()
    lead = a_lead(scout, next_step="答复", next_step_on=today + timedelta(days=400))
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/next-steps"
    assert client.get(f"{path}/new?back=today").status_code == 200
    day = today + timedelta(days=3)
    sent = {"next_step": "答复", "next_step_on": day.isoformat(), "back": "today"}
    answer = client.post(path, sent)
    assert answer.headers["Location"].endswith("/today")
    session.rollback()
    session.expire_all()
    assert lead.next_step_on == day
    assert client.post(path, {"next_step": "答复"}).status_code == 422


def test_the_head_names_the_day_and_the_foot_what_comes(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    later = clock.today() + timedelta(days=6)
    lead = a_lead(scout, "千方软件有限公司", next_step="发路网数据", next_step_on=later)
    page = client.sign_in(scout.email).get("/today").get_data(as_text=True)
    assert f"<span>{clock.today().month}月{clock.today().day}日 周" in page
    assert "今天没有要先联系的" in page
    assert re.search(r"下一件在 \d+月\d+日 周.：千方[^，]*，发路网数据。", page)
    aside = page[page.index("接下来 7 天") :]
    assert f"/leads/{lead.public_id}" in aside


def test_yesterday_stands_without_spaces_and_a_date_with_them(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    soon = clock.today() + timedelta(days=400)
    for days in (1, 3):
        lead = a_lead(scout, next_step=f"答复第{days}件", next_step_on=soon)
        overdue(session, lead, days)
    page = client.sign_in(scout.email).get("/today").get_data(as_text=True)
    assert "约好昨天答复第1件" in page
    assert re.search(r"约好 \d+月\d+日 答复第3件", page)


def test_a_page_costs_what_it_shows(session: Any, people: People, client: Client) -> None:
    scout = people.scout()
    soon = clock.today() + timedelta(days=400)
    for number in range(30):
        overdue(session, a_lead(scout, next_step=f"答复{number}", next_step_on=soon), number + 1)
    client.sign_in(scout.email)
    for path in ("/today", "/today?scope=team"):
        assert statements(client.get(path)) <= 15


def _buttons(page: str) -> list[str]:
    """The words of an item's buttons, in order."""
    (item,) = re.findall(r'<div class="today-actions">(.*?)</div>', page, re.DOTALL)
    return re.findall(r'class="btn[^>]*>([^<]+)<', item)


def test_what_settles_it_stands_first_and_what_puts_it_off_last(
    session: Any, people: People, client: Client
) -> None:
    scout, today = people.scout(), clock.today()
    boss = people.manager()
    lead = a_lead(scout, "和利时软件有限公司")
    day = working_calendar(today, today + timedelta(days=30)).next_working_day(today)
    task = assign(lead.public_id, NewTask("报备场地", day), actor_of(scout), now=clock.now())
    task.due_on = today
    session.commit()
    page = client.sign_in(scout.email).get("/today").text
    assert f'href="/leads/{lead.public_id}#tasks"' in page
    assert _buttons(page) == ["看待办", "记走访", "稍后"]
    # Who can be called is called first; what is asked is one tap away.
    called = session.get_one(Company, lead.company_id)
    someone = ContactInput("王磊", phone="13800000001")
    add_contact(called, someone, actor_of(scout), clock.now())
    session.commit()
    page = client.get("/today").text
    assert f'href="/leads/{lead.public_id}#tasks"' in page
    assert _buttons(page) == ["打电话", "记走访", "稍后"]
    # What a manager wants answered by a day is not put off.
    directive = directives.give(lead.public_id, "答复", day, "", actor_of(boss), now=clock.now())
    directive.due_on = today
    session.commit()
    assert _buttons(client.get("/today").text) == ["去回复", "记走访"]
    # Who looks on is not told to answer it.
    looks_on = Client(client.app).sign_in(people.manager().email).get("/today").text
    assert _buttons(looks_on)[0] == "打电话"
    assert ">看批示</a>" in looks_on
    assert "去回复" not in looks_on
    assert "<b>全市有 1 家要看</b>" in looks_on
    # Who gave it has it among what they wait for, and nowhere else.
    gave = Client(client.app).sign_in(boss.email).get("/today").text
    assert "您的批示，等回复" in gave
    assert "批示要在" not in gave
    assert gave.count("答复") == 1
    comments.write(lead.public_id, "看一下", [scout.public_id], actor_of(boss), now=clock.now())
    session.commit()
    assert _buttons(client.get("/today").text) == ["去回复", "记走访", "知道了"]
    for task_of in (task, directive):
        task_of.state = TaskState.DONE
    session.commit()
    assert _buttons(client.get("/today").text) == ["打电话", "记走访", "知道了"]
