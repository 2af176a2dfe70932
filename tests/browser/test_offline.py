"""Without signal: what is written waits on the phone, is its writer's alone, and arrives once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Playwright, expect

from crm import clock
from crm.leads.next_steps import open_next_step
from crm.leads.to_do import NewTask, assign
from crm.promises.rules import NewPromise
from crm.promises.service import make
from crm.working_days.queries import working_calendar
from models.attachment import Attachment
from models.comment import Comment
from models.enums import Side, TaskKind, TaskState
from models.task import Task
from models.visit import Visit
from tests.browser.phone import Phone
from tests.leads.making import a_lead, actor_of
from tests.people import People

pytestmark = pytest.mark.browser

COUNT = "[data-testid=queue-count]"


@pytest.fixture
def engine_kind() -> str:
    """The phone knows nothing of the database; a repeated key is tested on both in tests/views."""
    return "sqlite"


@pytest.fixture
def phone(playwright: Playwright, served: str, tmp_path: Path, session: Any) -> Iterator[Phone]:
    """A phone; a script that fails on it fails the test."""
    session.rollback()
    opened = Phone(playwright, tmp_path / "profile", served)
    yield opened
    opened.kill()
    assert not opened.mishaps, opened.mishaps


def visits(session: Any) -> list[str]:
    """What was logged, by anybody."""
    session.rollback()
    found = list(session.scalars(sa.select(Visit.summary).order_by(Visit.id)))
    session.rollback()
    return found


def test_three_visits_survive_everything_and_arrive_once(
    phone: Phone, session: Any, people: People
) -> None:
    scout, other = people.scout(), people.scout()
    emails = (scout.email, other.email)
    lead = a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(emails[0])
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")

    phone.signal(there=False)
    for number in (1, 2, 3):
        phone.log(lead, f"第{number}次谈场地")
        phone.page.wait_for_url("**/queue")
        expect(phone.page.locator(COUNT)).to_have_text(str(number))
    expect(phone.page.get_by_text("没有网络")).to_be_visible()
    expect(phone.page.get_by_text("3 条存在本机，联网后自动发送，不会丢。")).to_be_visible()
    expect(phone.page.get_by_test_id("queue-entry")).to_have_count(3)
    assert visits(session) == []

    # The session ends with the browser: opened again it may have a signal for a moment, and sends.
    phone.context.clear_cookies()
    phone.kill()
    phone.open()
    phone.signal(there=False)
    phone.page.goto("/account")  # it is kept nowhere, and leads to what waits
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("第2次谈场地")).to_be_visible()
    phone.page.goto(f"/visits/new?lead={lead}")
    expect(phone.page.get_by_text(re.compile(r"离线，\d\d:\d\d 的样子"))).to_be_visible()
    phone.page.goto("/queue")

    # There is a signal again, but the session is gone.
    phone.signal(there=True)
    expect(phone.page.get_by_text("3 条等着发送，请登录后再发。")).to_be_visible()
    expect(phone.page.get_by_role("link", name="怎么装")).to_be_visible()

    phone.sign_in(emails[1])
    phone.page.goto("/queue")
    expect(phone.page.get_by_text("没有要发送的")).to_be_visible()
    expect(phone.page.locator(COUNT)).to_be_hidden()
    assert "谈场地" not in phone.page.content()
    phone.keeps("/today")
    assert phone.readers() == 1
    phone.sign_out()
    assert phone.readers() == 0
    assert visits(session) == []

    phone.sign_in(emails[0])
    expect(phone.page.locator(COUNT)).to_be_hidden()
    phone.page.goto("/queue")
    expect(phone.page.get_by_role("heading", name="今天已发送 3")).to_be_visible()
    assert visits(session) == ["第1次谈场地", "第2次谈场地", "第3次谈场地"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == phone.attached
    session.rollback()


def test_a_refused_entry_is_set_aside_and_two_tabs_send_once(
    phone: Phone, session: Any, people: People
) -> None:
    scout = people.scout()
    email, lead = scout.email, a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(email)
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")
    sent: list[str] = []
    phone.context.on("request", lambda asked: sent.append(f"{asked.method} {asked.url}"))

    phone.signal(there=False)
    phone.log(lead, "没写见了谁", name="")
    phone.page.wait_for_url("**/queue")
    phone.log(lead, "谈了人才公寓")
    phone.page.wait_for_url("**/queue")
    expect(phone.page.locator(COUNT)).to_have_text("2")
    second = phone.another()
    second.goto("/queue")
    expect(second.get_by_test_id("queue-entry")).to_have_count(2)
    phone.signal(there=True)
    for page in (phone.page, second):
        expect(page.locator(COUNT)).to_have_text("1")
    assert visits(session) == ["谈了人才公寓"]
    assert len([one for one in sent if one == f"POST {phone.base}/visits"]) == 2
    second.close()

    # Set aside with its reason and its text; signing out takes nothing away.
    phone.sign_out()
    phone.sign_in(email)
    phone.page.goto("/queue")
    expect(phone.page.get_by_text("点一下见了谁；没见到就点“没见到”。")).to_be_visible()
    expect(phone.page.get_by_text("没写见了谁")).to_be_visible()
    phone.page.get_by_role("link", name="修改").tap()
    expect(phone.page.get_by_label("谈了什么，对方要什么")).to_have_value("没写见了谁")
    expect(phone.page.locator("[data-testid=field-error][data-field=contacts]")).to_be_visible()
    phone.page.get_by_label("姓名").fill("高雅")
    phone.page.get_by_role("button", name="保存走访").tap()
    phone.page.wait_for_url(re.compile(rf"/leads/{lead}"))
    expect(phone.page.locator(COUNT)).to_be_hidden()
    assert visits(session) == ["谈了人才公寓", "没写见了谁"]


def test_two_phones_of_one_person_lose_nothing(
    phone: Phone, playwright: Playwright, tmp_path: Path, session: Any, people: People
) -> None:
    scout = people.scout()
    email, lead = scout.email, a_lead(scout, "北京和利时")
    key = lead.public_id
    session.commit()
    second = Phone(playwright, tmp_path / "second", phone.base)
    for one in (phone, second):
        one.sign_in(email)
        one.page.goto(f"/visits/new?lead={key}")
        one.keeps(f"/visits/new?lead={key}")
        one.keeps("/queue")
        one.signal(there=False)
    # Both say what is next for the same lead, without knowing of each other.
    for one, words in ((phone, "发方案"), (second, "约下周来看")):
        one.page.goto(f"/visits/new?lead={key}")
        one.page.locator("#reached").tap()
        one.page.get_by_label("下一步", exact=True).fill(words)
        one.page.locator("[data-date][data-for=next_step_on]:visible").first.tap()
        one.page.get_by_label("谈了什么，对方要什么").fill(f"没人接，{words}")
        one.page.get_by_role("button", name="保存走访").tap()
        one.page.wait_for_url("**/queue")
    for one in (phone, second):
        one.signal(there=True)
        expect(one.page.get_by_role("heading", name="今天已发送 1")).to_be_visible()
        one.page.reload()
        expect(one.page.get_by_role("heading", name="今天已发送 1")).to_be_visible()
        expect(one.page.locator(COUNT)).to_be_hidden()
    second.kill()
    assert second.mishaps == []
    assert visits(session) == ["没人接，发方案", "没人接，约下周来看"]
    # One is open, and the other stands in the history.
    step = open_next_step(lead)
    assert step
    assert step.text == "约下周来看"
    steps = sa.select(sa.func.count()).select_from(Task).where(Task.lead_id == lead.id)
    assert session.scalar(steps) == 2
    session.rollback()


def test_a_wrong_clock_and_a_full_phone(
    phone: Phone, session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is five hours earlier than the phone believes.
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", (clock.now() - timedelta(hours=5)).isoformat())
    scout = people.scout()
    email, lead = scout.email, a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(email)
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")
    phone.signal(there=False)
    phone.log(lead, "手机快了五个小时")
    phone.page.wait_for_url("**/queue")

    # A time that somebody typed stays what it is, and is refused with a sentence.
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.page.get_by_text("时间和同去的人").tap()
    typed = (clock.now() + timedelta(hours=2)).astimezone(clock.ZONE)
    phone.page.get_by_label("什么时候").fill(f"{typed:%Y-%m-%dT%H:%M}")
    phone.page.get_by_label("姓名").fill("高雅")
    phone.page.get_by_role("button", name="保存走访").tap()
    phone.page.wait_for_url("**/queue")
    phone.signal(there=True)
    expect(phone.page.get_by_text("这个时间还没有到。")).to_be_visible()
    session.rollback()
    moment = session.scalars(sa.select(Visit.occurred_at)).one()
    session.rollback()
    assert abs(moment - clock.now()) < timedelta(minutes=10)

    phone.page.goto(f"/visits/new?lead={lead}")
    phone.signal(there=False)
    phone.spoil()
    phone.page.get_by_label("谈了什么，对方要什么").fill("存不下的一条")
    phone.page.get_by_role("button", name="保存走访").tap()
    expect(phone.page.get_by_role("alert")).to_contain_text("手机存不下了，这一条没有存。")
    expect(phone.page.get_by_label("谈了什么，对方要什么")).to_have_value("存不下的一条")


def test_steps_tasks_promises_and_comments_without_signal(
    phone: Phone, session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "北京和利时", next_step="约周总", next_step_on=clock.today())
    email, key = scout.email, lead.public_id
    today, who = clock.today(), actor_of(scout)
    working = working_calendar(today, today + timedelta(days=30)).next_working_day(today)
    assign(key, NewTask("报备场地", working), who, now=clock.now())
    make(key, NewPromise(Side.OURS, "给报价", working), who, now=clock.now())
    path = f"/leads/{key}"
    session.commit()
    phone.sign_in(email)
    phone.page.goto(path)
    phone.keeps(path)
    phone.keeps("/next-steps/new")
    phone.keeps("/queue")
    phone.keeps(f"/visits/new?lead={key}")
    phone.keeps(f"{path}/tasks/new")
    phone.keeps(f"{path}/promises/new")
    phone.signal(there=False)
    # What is done is ticked where it stands: the next step, a task, a promise.
    for number, (words, of) in enumerate(
        (("完成", "#next-step"), ("办好了 报备场地", "#tasks"), ("做到了 给报价", "#promises")), 1
    ):
        phone.page.goto(path)
        if (fold := phone.page.locator(f"details{of} > summary")).count():
            fold.tap()
        phone.page.locator(of).get_by_role("button", name=words, exact=True).tap()
        phone.page.wait_for_url("**/queue")
        expect(phone.page.locator(COUNT)).to_have_text(str(number))
    # Its own form was never opened here: the plain one stands for it, with the lead chosen.
    phone.page.goto(f"{path}/next-steps/new")
    expect(phone.page.locator("[name=lead]")).to_have_value(key)
    phone.page.get_by_label("下一步", exact=True).fill("发场地方案")
    phone.page.locator("[data-date][data-for=next_step_on]:visible").first.tap()
    phone.page.get_by_role("button", name="定下这一天").tap()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("发场地方案")).to_be_visible()
    # What is said to colleagues on the page that was read before waits beside it.
    phone.page.goto(path)
    form = phone.page.locator("form.comment-form")
    form.locator("textarea").fill("对方在等场地方案")
    form.locator("button[type=submit]").tap()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("对方在等场地方案")).to_be_visible()
    # A task for a colleague and a promise, by the forms that came along with the lead's page.
    new = (("tasks", "要办什么", "寄样机"), ("promises", "答应了什么", "安排看房"))
    for form_at, label, words in new:
        phone.page.goto(f"{path}/{form_at}/new")
        phone.page.get_by_label(label, exact=True).fill(words)
        phone.page.locator("[data-date][data-for=due_on]").first.tap()
        phone.page.get_by_role("button", name="记下").tap()
        phone.page.wait_for_url("**/queue")
    # What we promised on a visit goes with the visit.
    phone.page.goto(f"/visits/new?lead={key}")
    phone.page.locator("#reached").tap()
    phone.page.locator(".visit-promises > summary").tap()
    phone.page.locator("[name=promise_1]").fill("给出书面答复")
    phone.page.locator("[name=promise_1_on]").fill(f"{today + timedelta(days=3)}")
    phone.page.get_by_role("button", name="保存走访").tap()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.locator(COUNT)).to_have_text("8")
    phone.signal(there=True)
    expect(phone.page.get_by_role("heading", name="今天已发送 8")).to_be_visible()
    session.rollback()
    made = sa.select(Task.kind, Task.state, Task.text).where(Task.lead_id == lead.id)
    assert {tuple(row) for row in session.execute(made)} == {
        (TaskKind.NEXT_STEP, TaskState.DONE, "约周总"),
        (TaskKind.NEXT_STEP, TaskState.OPEN, "发场地方案"),
        (TaskKind.TASK, TaskState.DONE, "报备场地"),
        (TaskKind.TASK, TaskState.OPEN, "寄样机"),
        (TaskKind.PROMISE, TaskState.DONE, "给报价"),
        (TaskKind.PROMISE, TaskState.OPEN, "安排看房"),
        (TaskKind.PROMISE, TaskState.OPEN, "给出书面答复"),
    }
    said = session.scalars(sa.select(Comment.text).where(Comment.lead_id == lead.id)).all()
    assert said == ["对方在等场地方案"]
    session.rollback()


def test_at_a_desk_a_comment_waits_and_is_shown_where(
    phone: Phone, session: Any, people: People
) -> None:
    scout = people.scout()
    path = f"/leads/{a_lead(scout, '北京和利时').public_id}"
    email = scout.email
    session.commit()
    phone.page.set_viewport_size({"width": 1440, "height": 900})
    phone.sign_in(email)
    phone.page.goto(path)
    phone.keeps("/queue")
    phone.signal(there=False)
    form = phone.page.locator("form.comment-form")
    form.locator("textarea").fill("对方在等场地方案")
    form.locator("button[type=submit]").click()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("对方在等场地方案")).to_be_visible()


def test_it_can_be_installed(phone: Phone, session: Any, people: People) -> None:
    email = people.scout().email
    session.rollback()
    phone.sign_in(email)
    phone.keeps("/today")
    asked = phone.context.new_cdp_session(phone.page)
    manifest = asked.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/today"
    assert asked.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
