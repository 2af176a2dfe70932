"""The pages of reminders and of the outbox."""

from __future__ import annotations

import re
import threading
from typing import Any

import time_machine
from flask import Flask

from crm import clock
from crm.jobs.daily import run_daily
from crm.reminders.digest import queue_digest, queue_digests
from crm.reminders.plan import plan
from models.enums import MessageState, Role
from models.message import DeliveryAttempt, Message, RefusedAddress
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
    html = body.get_data(as_text=True)
    assert html.count("/by-mail/later/…") == mail.html_body.count("/by-mail/later/") > 0
    # What would act in its reader's name is its reader's.
    words = re.findall(r"/by-mail/\w+/([\w.-]{20,})", mail.text_body)
    seen = shown.get_data(as_text=True)
    assert words
    assert not [word for word in words if word in html or word in seen]
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; sandbox")
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_only_an_administrator_sends_again_and_only_what_was_refused(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail = mail_of(leads, session)
    path = f"/admin/outbox/{mail.public_id}"
    who = people.administrator(name="许文博")
    admin = Client(app).sign_in(who.email)
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
    # Who did it is no answer of a server.
    for page in (admin.get(path), admin.get("/admin/outbox")):
        assert "人工放回待发：许文博" in re.sub(r"\s+", "", page.get_data(as_text=True))


def test_a_mail_to_an_address_that_is_marked_says_what_to_do(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail = mail_of(leads, session)
    mail.state = MessageState.FAILED
    session.commit()
    admin, path = (
        Client(app).sign_in(people.administrator().email),
        f"/admin/outbox/{mail.public_id}",
    )
    assert "没有这个邮箱" not in admin.get(path).get_data(as_text=True)
    session.add(RefusedAddress(address=mail.to_address, reply="550", refused_at=MORNING))
    session.commit()
    shown = admin.get(path).get_data(as_text=True)
    assert "没有这个邮箱" in shown
    assert f"/admin/users/{mail.recipient.public_id}" in shown


def test_two_administrators_who_press_at_once_queue_it_once(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail = mail_of(leads, session)
    mail.state, mail.attempts = MessageState.DEAD, 14
    path = f"/admin/outbox/{mail.public_id}/retries"
    both = [Client(app).sign_in(people.administrator().email) for _n in range(2)]
    session.commit()
    answers: list[int] = []
    start = threading.Barrier(2)

    def press(client: Client) -> None:
        start.wait()
        answers.append(client.post(path).status_code)

    threads = [threading.Thread(target=press, args=(client,)) for client in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert [one.outcome for one in session.query(DeliveryAttempt)] == ["retried"]


def test_what_did_not_go_can_be_dropped_and_that_taken_back(
    leads: Leads, people: People, app: Flask, session: Any
) -> None:
    mail = mail_of(leads, session)
    path = f"/admin/outbox/{mail.public_id}"
    admin = Client(app).sign_in(people.administrator(name="周管理").email)
    assert admin.post(f"{path}/drops").status_code == 409
    mail.state = MessageState.FAILED
    session.add(attempt(mail, "failed", "550 no such mailbox"))
    session.commit()
    dropped = admin.post(f"{path}/drops", follow_redirects=True).text
    assert "已放弃这封邮件" in dropped
    assert f"{path}/restorations" in dropped
    assert "人工放弃" in dropped
    assert "周管理" in dropped
    assert admin.post(f"{path}/retries").status_code == 409
    assert admin.post(f"{path}/restorations").status_code == 302
    session.expire_all()
    assert session.query(Message).one().state is MessageState.FAILED


def attempt(mail: Message, outcome: str, reply: str) -> DeliveryAttempt:
    mail.fence += 1
    return DeliveryAttempt(
        message_id=mail.id,
        number=mail.fence,
        worker="a",
        started_at=MORNING,
        ended_at=MORNING,
        outcome=outcome,
        reply=reply,
    )


def test_what_could_not_be_written_is_written_again_from_its_page(
    leads: Leads, scout: User, people: People, app: Flask, session: Any
) -> None:
    leads.make("北京和利时", age=61, today=clock.today())
    scout.locale = "no language"
    session.commit()
    plan(clock.now())
    assert queue_digest(scout.id, clock.now()) is None
    mail = session.query(Message).one()
    path = f"/admin/outbox/{mail.public_id}"
    admin = Client(app).sign_in(people.administrator().email)
    shown = admin.get(path).text
    assert "再写一次" in shown
    assert "这封邮件写的时候出了错" in shown
    scout.locale = None
    session.commit()
    admin.post(f"{path}/retries")
    session.expire_all()
    assert "北京和利时" in "".join(mail.text_body for mail in session.query(Message))


def test_runs_are_listed_with_what_they_did(
    leads: Leads, people: People, client: Client, session: Any
) -> None:
    leads.make(age=61)
    run_daily(MORNING, "host:1")
    page = client.sign_in(people.administrator().email).get("/admin/runs")
    # The clock may stand: what was written this moment waits, too.
    with time_machine.travel(MORNING, tick=False):
        assert "没有邮件在等" not in client.get("/admin/runs").text
    for word in ("每日提醒", "排出 1，写好 1", "host:1"):
        assert word in page.text
    assert statements(page) <= 15


def test_a_refused_address_stands_at_its_account(
    people: People, client: Client, session: Any
) -> None:
    scout = people.scout()
    session.add(RefusedAddress(address=scout.email, reply="550 no such user", refused_at=MORNING))
    session.commit()
    admin = client.sign_in(people.administrator().email)
    assert "550 no such user" in admin.get("/admin/users").text
    path = f"/admin/users/{scout.public_id}"
    form = {"name": scout.name, "role": "scout", "team": "beijing"}
    assert "已不再往那里发：550 no such user" in admin.get(path).text
    refused = admin.post(path, {**form, "email": people.scout().email})
    assert (refused.status_code, "这个邮箱已经有账号" in refused.text) == (422, True)
    admin.post(path, {**form, "email": "new@test.example"})
    listed = admin.get("/admin/users").text
    assert "new@test.example" in listed
    assert "550 no such user" not in listed


def test_scouts_find_no_outbox(leads: Leads, scout: User, client: Client, session: Any) -> None:
    mail = mail_of(leads, session)
    client.sign_in(scout.email)
    assert client.get("/admin/runs").status_code == 404
    for path in ("", f"/{mail.public_id}", f"/{mail.public_id}/body"):
        assert client.get(f"/admin/outbox{path}").status_code == 404
