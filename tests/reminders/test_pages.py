"""The pages of reminders and of the outbox."""

from __future__ import annotations

from typing import Any

from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.enums import MessageState, Role
from models.message import Message
from models.user import User
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, Leads


def mail_of(leads: Leads, session: Any) -> Message:
    leads.make("北京和利时", age=61)
    plan(MORNING)
    queue_digests(MORNING)
    found: Message = session.query(Message).one()
    session.commit()
    return found


def statements(response: Any) -> int:
    return int(response.headers["Server-Timing"].partition("n=")[2].strip('"'))


def test_reminders_show_what_why_and_what_became_of_it(
    leads: Leads, scout: User, client: Client, session: Any
) -> None:
    mail_of(leads, session)
    page = client.sign_in(scout.email).get("/reminders")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "北京和利时" in text
    assert "登记，61 天还没有联系过。" in text
    assert "已写好，还没有发出" in text
    assert statements(page) <= 15
    assert "北京和利时" not in client.get("/reminders?state=cancelled").get_data(as_text=True)


def test_reminders_of_others_are_not_there(
    leads: Leads, people: People, client: Client, session: Any
) -> None:
    mail_of(leads, session)
    stranger = people.scout("shenzhen")
    client.sign_in(stranger.email)
    for path in ("/reminders", "/reminders?scope=team"):
        assert "北京和利时" not in client.get(path).get_data(as_text=True)
    assert client.get("/reminders?scope=city").status_code == 404


def test_a_team_lead_and_a_manager_see_theirs(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail_of(leads, session)
    for person in (people.team_lead(), people.manager()):
        page = Client(app).sign_in(person.email).get("/reminders")
        assert "北京和利时" in page.get_data(as_text=True)


def test_the_outbox_lists_and_shows_a_mail(
    leads: Leads, people: People, client: Client, session: Any
) -> None:
    mail = mail_of(leads, session)
    client.sign_in(people.administrator().email)
    listed = client.get("/admin/outbox")
    assert "今天 1 家要联系" in listed.get_data(as_text=True)
    assert "没有设置 MAIL_URL" in listed.get_data(as_text=True)
    assert statements(listed) <= 15
    shown = client.get(f"/admin/outbox/{mail.public_id}")
    assert "北京和利时" in shown.get_data(as_text=True)
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    body = client.get(f"/admin/outbox/{mail.public_id}/body")
    assert body.get_data(as_text=True) == mail.html_body
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; sandbox")
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_only_an_administrator_sends_again_and_only_what_was_refused(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail = mail_of(leads, session)
    path = f"/admin/outbox/{mail.public_id}"
    admin = Client(app).sign_in(people.administrator().email)
    assert admin.post(f"{path}/retries").status_code == 409
    mail.state, mail.attempts = MessageState.DEAD, 9
    session.commit()
    auditor = Client(app).sign_in(people.make(role=Role.AUDITOR).email)
    assert "再发一次" not in auditor.get(path).get_data(as_text=True)
    assert auditor.post(f"{path}/retries").status_code == 404
    assert "再发一次" in admin.get(path).get_data(as_text=True)
    assert admin.post(f"{path}/retries").status_code == 302
    session.expire_all()
    again = session.query(Message).one()
    assert (again.state, again.attempts) == (MessageState.QUEUED, 0)


def test_scouts_find_no_outbox(leads: Leads, scout: User, client: Client, session: Any) -> None:
    mail = mail_of(leads, session)
    client.sign_in(scout.email)
    for path in ("", f"/{mail.public_id}", f"/{mail.public_id}/body"):
        assert client.get(f"/admin/outbox{path}").status_code == 404
