"""The next step's own pages: put off, taken back, done; both engines."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.leads.next_steps import open_next_step
from models.enums import TaskState
from models.lead import Lead
from models.task import Task
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People

LATER = 5


@pytest.fixture
def overdue(session: Any, people: People, client: Client) -> tuple[Lead, str, date]:
    """A signed-in scout's lead whose next step is two days late; the step, and that day."""
    scout = people.scout()
    today = clock.today()
    lead = a_lead(scout, next_step="答复场地", next_step_on=today)
    step = open_next_step(lead)
    assert step
    step.due_on = lead.next_step_on = today - timedelta(days=2)
    session.commit()
    client.sign_in(scout.email)
    return lead, step.public_id, today - timedelta(days=2)


def day_of(session: Any, lead: Lead) -> date | None:
    session.rollback()
    session.expire_all()
    return lead.next_step_on


def put_off(client: Client, lead: Lead, day: date) -> str:
    """Put the step off from Today; the address that takes it back."""
    sent = {"next_step": "答复场地", "next_step_on": day.isoformat(), "back": "today"}
    answer = client.post(f"/leads/{lead.public_id}/next-steps", sent)
    assert answer.headers["Location"].endswith("/today")
    page = client.get("/today").get_data(as_text=True)
    found = re.search(r'action="(/next-steps/[^"]+)"', page)
    assert found, page
    return found.group(1).replace("&amp;", "&")


def test_an_overdue_step_can_be_put_off_and_back(
    session: Any, client: Client, overdue: tuple[Lead, str, date]
) -> None:
    lead, step, was = overdue
    day = clock.today() + timedelta(days=LATER)
    undo = put_off(client, lead, day)
    assert day_of(session, lead) == day
    answer = client.post(undo)
    assert answer.headers["Location"].endswith("/today")
    assert day_of(session, lead) == was
    assert session.scalar(sa.select(Task.due_on).where(Task.public_id == step)) == was


def test_the_way_back_is_for_its_own_step_only(
    session: Any, client: Client, overdue: tuple[Lead, str, date]
) -> None:
    lead, step, _was = overdue
    day = clock.today() + timedelta(days=LATER)
    undo = put_off(client, lead, day)
    assert client.post(f"/next-steps/{step}/dates?was=forged").status_code == 422
    assert client.post(undo.replace(step, "abcdefghijkm")).status_code == 404
    assert day_of(session, lead) == day


@pytest.mark.parametrize("sent", ["", "soon", "2020-01-01"])
def test_a_day_that_can_not_be_is_refused(
    session: Any, client: Client, overdue: tuple[Lead, str, date], sent: str
) -> None:
    lead, step, was = overdue
    answer = client.post(
        f"/next-steps/{step}/dates", {"next_step_on": sent}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["next_step_on"]
    assert day_of(session, lead) == was


def test_done_leaves_none_open_and_counts_today(
    session: Any, client: Client, overdue: tuple[Lead, str, date]
) -> None:
    lead, step, _was = overdue
    assert client.post(f"/next-steps/{step}/completions").status_code == 302
    assert day_of(session, lead) is None
    state = session.scalar(sa.select(Task.state).where(Task.public_id == step))
    assert state == TaskState.DONE
    page = client.get("/today").get_data(as_text=True)
    assert "今天已办 1 件。" in page
    assert "今天的事都办完了" in page
    assert client.post(f"/next-steps/{step}/completions").status_code == 404


def test_another_teams_step_is_not_there(
    session: Any, people: People, client: Client, overdue: tuple[Lead, str, date]
) -> None:
    lead, step, was = overdue
    other = Client(client.app).sign_in(people.scout("shenzhen").email)
    day = (clock.today() + timedelta(days=LATER)).isoformat()
    assert other.post(f"/next-steps/{step}/completions").status_code == 404
    assert other.post(f"/next-steps/{step}/dates", {"next_step_on": day}).status_code == 404
    assert day_of(session, lead) == was


def test_a_lost_lead_shows_its_step_and_asks_for_none(
    session: Any, client: Client, overdue: tuple[Lead, str, date]
) -> None:
    page = f"/leads/{overdue[0].public_id}"
    assert f'href="{page}/next-steps/new"' in client.get(page).text
    lost = {"to_status": "lost", "reason": "去了杭州"}
    assert client.post(f"{page}/stage-changes", lost).status_code == 302
    shown = client.get(page).text
    assert "答复场地" in shown
    assert "线索已流失，恢复跟进以前不再提醒。" in shown
    assert f'href="{page}/next-steps/new"' not in shown
    assert "ruler-rests" in shown
