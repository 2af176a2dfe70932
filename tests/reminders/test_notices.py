"""The bell: what was said to somebody and is new, the same on every page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm.reminders.notices import MOST_COUNTED
from crm.reminders.plan import plan
from models.enums import ReminderState
from models.reminder import Reminder
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads


def test_what_is_new_is_counted_until_it_is_opened_or_all_is_read(
    leads: Leads, session: Any, client: Client, people: People
) -> None:
    first, second, gone = (leads.make(age=70) for _ in range(3))
    leads.task(first, "答复场地方案", TODAY - timedelta(days=1))
    plan(MORNING)
    off = sa.select(Reminder).where(Reminder.lead_id == gone.id)
    for reminder in session.scalars(off):
        reminder.state = ReminderState.CANCELLED
    session.commit()
    numbers = dict(
        session.execute(
            sa.select(Reminder.lead_id, sa.func.max(Reminder.id)).group_by(Reminder.lead_id)
        ).all()
    )
    client.sign_in("chen@test.example")
    page = client.get("/notices")
    assert 'data-testid="unread">3<' in client.get("/leads").text
    assert page.text.count('class="is-new"') == 3
    assert "答复场地方案" in page.text
    panel = client.get("/notices", headers={"HX-Request": "true"})
    assert "<html" not in panel.text
    assert "答复场地方案" in panel.text
    opened = client.post(f"/notices/{numbers[second.id]}/readings")
    assert opened.location == f"/leads/{second.public_id}"
    assert 'data-testid="unread">2<' in client.get("/leads").text
    client.post("/notices/readings", data={"last": max(numbers.values())})
    assert 'data-testid="unread"' not in client.get("/leads").text
    stranger = Client(client.app).sign_in(people.scout().email)
    stranger.get("/notices")
    assert stranger.post(f"/notices/{numbers[second.id]}/readings").status_code == 404


def test_a_refused_form_still_says_how_many_and_very_many_are_counted_no_further(
    leads: Leads, session: Any, client: Client
) -> None:
    lead = leads.make()
    kept: dict[str, Any] = {"msgid": "x", "params": {}, "count": None}
    session.add_all(
        Reminder(
            rule="cadence",
            subject=f"lead {lead.id}",
            lead_id=lead.id,
            person_id=leads.owner.id,
            occurrence=f"touch {number}",
            due_on=TODAY,
            reason={"tone": "ink", "headline": kept, "reason": kept},
            planned_at=MORNING,
        )
        for number in range(MOST_COUNTED + 5)
    )
    session.commit()
    client.sign_in("chen@test.example")
    refused = client.post(f"/leads/{lead.public_id}/next-steps", data={"next_step": ""})
    assert refused.status_code == 422
    assert 'data-testid="unread">99+<' in refused.text
