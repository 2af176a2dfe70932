"""Today: who first, and why, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm import clock
from models.enums import Role
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People


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
