"""What has to be coordinated: noted on the lead, in the ledger until it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.errors import Refusal
from crm.leads import matters
from crm.reminders.agenda import agenda_for
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.enums import Role
from models.message import Message
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People


def test_it_is_noted_done_and_taken_up_again(client: Client, people: People) -> None:
    scout: User = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    empty = client.post(f"/leads/{lead}/matters", {"text": " "})
    assert empty.status_code == 422
    assert "请写下要谁协调什么。" in empty.text
    form = {"text": "请区里定场地", "client_key": "0123456789abcdef01234567"}
    for _twice in range(2):
        sent = client.post(f"/leads/{lead}/matters", form)
        assert sent.headers["Location"] == f"/leads/{lead}"
    page = client.get(f"/leads/{lead}").text
    assert page.count('data-testid="matter"') == 1
    assert "请区里定场地" in client.get("/ledgers/negotiating.csv").text
    assert "需协调：请区里定场地" in client.get(f"/leads/{lead}/print").text
    path = page.split('action="/matters/')[1].split("/completion")[0]
    assert client.post(f"/matters/{path}/completion").status_code == 302
    assert 'data-testid="matter"' not in client.get(f"/leads/{lead}").text
    assert "请区里定场地" not in client.get("/ledgers/negotiating.csv").text
    assert client.post(f"/matters/{path}/completion").status_code == 409
    assert client.post(f"/matters/{path}/reopening").status_code == 302
    assert 'data-testid="matter"' in client.get(f"/leads/{lead}").text


def test_one_with_a_day_reminds_the_owner_on_today_and_by_mail(
    session: Any, client: Client, people: People
) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout).public_id
    who, soon = actor_of(colleague), TODAY + timedelta(days=2)
    with pytest.raises(Refusal) as wrong:
        matters.note(lead, "", who, now=NOW, due_on=TODAY - timedelta(days=1))
    assert set(wrong.value.errors) == {"text", "due_on"}
    task = matters.note(lead, "请区里定场地", who, now=NOW, due_on=soon).public_id
    matters.note(lead, "没有日期的事", who, now=NOW)
    session.commit()

    def said(days: int, user: User = scout) -> list[str]:
        found = agenda_for(actor_of(user), TODAY + timedelta(days=days))
        return [due.rule for item in found.items for due in (item.first, *item.also)]

    assert "matter_due" not in said(1)
    assert said(2).count("matter_due") == 1
    assert "matter_due" not in said(2, colleague)
    client.sign_in(scout.email)
    assert "前要有结果" in client.get(f"/leads/{lead}").text
    at = NOW + timedelta(days=2)
    plan(at)
    queue_digests(at)
    (mail,) = session.scalars(sa.select(Message).where(Message.kind == "digest"))
    assert (mail.recipient_id, "请区里定场地" in mail.text_body) == (scout.id, True)
    matters.finish(task, who, now=at)
    assert "matter_due" not in said(2)


def test_who_only_reads_the_lead_sees_it_and_changes_nothing(
    client: Client, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    task = matters.note(lead.public_id, "请区里定场地", actor_of(scout), now=NOW).public_id
    client.sign_in(people.make(Role.AUDITOR).email)
    page = client.get(f"/leads/{lead.public_id}").text
    assert 'data-testid="matter"' in page
    assert "/completion" not in page.split('data-testid="matter"')[1].split("</details>")[0]
    assert client.post(f"/matters/{task}/completion").status_code == 403
