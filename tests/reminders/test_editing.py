"""Rules as an administrator changes them: previewed, saved, undone; reminders called off."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.reminders.plan import plan
from models.audit import Change
from models.enums import CalledOff, ReminderState
from models.reminder import Reminder
from models.reminder_rule import ReminderRule
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads

ADDRESS = "/admin/reminder-rules/cadence"
CADENCE = {
    "version": "1", "zh": "该联系了", "en": "Time for a touch", "enabled": "y",
    "tiers": "unlisted", "days_0": "60", "to_0": "owner", "days_1": "90", "to_1": "team_lead",
}  # fmt: skip


@pytest.fixture
def admin(client: Client, people: People) -> Any:
    """An administrator's browser, this morning."""
    with time_machine.travel(MORNING, tick=False):
        yield client.sign_in(people.administrator().email)


def counts(page: str) -> dict[str, int]:
    found = re.search(r'data-testid="rule-preview"(.*?)>', page)
    assert found, page
    return {name: int(n) for name, n in re.findall(r'data-(\w+)="(\d+)"', found.group(1))}


def states(session: Any) -> list[tuple[ReminderState, CalledOff | None]]:
    session.expire_all()
    rows = session.execute(sa.select(Reminder.state, Reminder.called_off).order_by(Reminder.id))
    return [tuple(row) for row in rows]


def test_a_change_is_looked_at_before_it_is_saved(
    admin: Client, leads: Leads, session: Any
) -> None:
    leads.make("东方通", age=61)
    leads.make("用友网络", age=50)
    assert counts(admin.get(ADDRESS).get_data(as_text=True)) == {
        "now": 1, "then": 1, "added": 0, "gone": 0,
    }  # fmt: skip
    tried = admin.post(f"{ADDRESS}/previews", {**CADENCE, "days_0": "45"}).get_data(as_text=True)
    assert counts(tried) == {"now": 1, "then": 2, "added": 1, "gone": 0}
    assert "用友网络" in tried
    assert "陈思远" in tried
    assert 'value="45"' in tried
    wrong = admin.post(f"{ADDRESS}/previews", {**CADENCE, "days_0": "x"})
    assert wrong.status_code == 422
    assert "才看得出会提醒谁：第 1 步的天数，只填数字。" in wrong.get_data(as_text=True)
    off = admin.post(f"{ADDRESS}/previews", {**CADENCE, "enabled": ""}).get_data(as_text=True)
    assert counts(off) == {"now": 1, "then": 0, "added": 0, "gone": 1}
    assert session.scalar(sa.select(ReminderRule.version).filter_by(code="cadence")) == 1
    assert plan(MORNING).by_rule == {"cadence": 1}


def test_switched_off_it_says_nothing_and_calls_off_what_waits(
    admin: Client, leads: Leads, session: Any
) -> None:
    leads.make(age=61)
    plan(MORNING)
    answer = admin.post(ADDRESS, {**CADENCE, "enabled": ""})
    assert answer.headers["Location"].endswith("/admin/reminder-rules")
    page = admin.get("/admin/reminder-rules").get_data(as_text=True)
    assert "规则已保存。1 条等着发的提醒不再发。" in page
    assert "已停用" in page
    assert states(session) == [(ReminderState.CANCELLED, CalledOff.RULE_OFF)]
    session.rollback()
    assert plan(MORNING).planned == 0
    undo = re.search(r'action="([^"]+reversals[^"]*)"', page)
    assert undo, page
    assert admin.post(unescape(undo.group(1))).status_code == 302
    assert plan(MORNING).planned == 1
    assert states(session) == [(ReminderState.PLANNED, None)]
    trail = sa.select(Change.after).filter_by(subject="reminder_rule", field="enabled")
    assert list(session.scalars(trail.order_by(Change.id))) == [False, True]


def test_a_change_calls_off_only_whom_it_reminds_no_more(
    admin: Client, leads: Leads, session: Any
) -> None:
    leads.make(age=61)
    leads.make(age=99)
    plan(MORNING)
    admin.post(ADDRESS, {**CADENCE, "days_0": "70"})
    assert states(session) == [
        (ReminderState.CANCELLED, CalledOff.RULE_CHANGED),
        (ReminderState.PLANNED, None),
    ]
    session.rollback()
    admin.post(f"{ADDRESS}/restorations")
    kept = session.scalar(sa.select(ReminderRule).filter_by(code="cadence"))
    assert [step["days"] for step in kept.steps] == [60, 90]


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"zh": ""}, "zh", "请填规则的名称。"),
        ({"zh": "长" * 33}, "zh", "名称最多 32 个字，请写短一些。"),
        ({"days_0": "十四"}, "days_0", "只填数字。"),
        ({"days_0": "-3"}, "days_0", "这条规则只能在当天或之后提醒，天数不能是负数。"),
        ({"days_0": "1000"}, "days_0", "天数最多 999。"),
        ({"days_0": ""}, "days_0", "请填天数：0 是当天，负数是提前。"),
        ({"to_1": ""}, "to_1", "请选提醒谁，或清空天数。"),
        ({"days_1": "60", "to_1": "owner"}, "steps", "有两步完全一样，请去掉一步。"),
        (dict.fromkeys(("days_0", "to_0", "days_1", "to_1"), ""), "steps", "至少要有一步"),
        ({"zh": "", "days_0": "十四"}, "zh", "请填规则的名称。"),
        (
            dict.fromkeys(("lists", "except_lists"), "china-software-100"),
            "except_lists",
            "同一个榜单不能既选又除外，请去掉一处。",
        ),
    ],
)
def test_wrong_input_is_said_at_its_field_and_nothing_is_saved(
    admin: Client, session: Any, wrong: dict[str, str], field: str, sentence: str
) -> None:
    for address in (ADDRESS, f"{ADDRESS}/previews"):
        answer = admin.post(address, {**CADENCE, **wrong})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        said = re.search(rf'data-field="{field}"[^>]*>([^<]*)<', page)
        assert said, page
        assert sentence in said.group(1)
    assert session.scalar(sa.select(ReminderRule.version).filter_by(code="cadence")) == 1


def test_who_was_slower_is_told_and_keeps_what_they_typed(admin: Client, session: Any) -> None:
    admin.post(ADDRESS, {**CADENCE, "days_0": "50"})
    late = admin.post(ADDRESS, {**CADENCE, "days_0": "40"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "刚被别人改过" in page
    assert 'value="40"' in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    again = admin.post(ADDRESS, {**CADENCE, "days_0": "40", "version": version.group(1)})
    assert again.status_code == 302


def test_of_two_who_save_at_once_one_is_told(app: Flask, session: Any, people: People) -> None:
    both = [Client(app).sign_in(people.administrator().email) for _n in range(2)]
    session.commit()
    answers: list[Any] = []
    start = threading.Barrier(2)

    def save(client: Client) -> None:
        start.wait()
        answers.append(client.post(ADDRESS, {**CADENCE, "days_0": "40"}))

    threads = [threading.Thread(target=save, args=(client,)) for client in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved, late = sorted(answers, key=lambda answer: answer.status_code)
    assert (saved.status_code, late.status_code) == (302, 409)
    assert "刚被别人改过" in late.text


def test_a_copy_speaks_beside_the_rule_and_goes_again(
    admin: Client, leads: Leads, session: Any
) -> None:
    made = admin.post(f"{ADDRESS}/copies").headers["Location"]
    assert made.endswith("cadence_2")
    leads.make(age=30)
    admin.post(made, {**CADENCE, "zh": "勤联系", "days_0": "20", "stages": "identified"})
    assert plan(MORNING).by_rule == {"cadence_2": 1}
    admin.post(f"{made}/removals")
    assert admin.get(made).status_code == 404
    assert states(session) == [(ReminderState.CANCELLED, CalledOff.RULE_OFF)]
    session.rollback()
    assert plan(MORNING).planned == 0
    # A rule that was delivered is switched off, not deleted.
    assert admin.post(f"{ADDRESS}/removals").status_code == 409


def test_a_preview_of_targets_nobody_follows(admin: Client) -> None:
    page = admin.get("/admin/reminder-rules/uncovered").get_data(as_text=True)
    assert counts(page)["now"] == counts(page)["then"]
    wrong = {"version": "1", "zh": "没有人跟", "en": "Nobody", "enabled": "y", "days_0": "9"}
    answer = admin.post(
        "/admin/reminder-rules/uncovered", {**wrong, "to_0": "team_lead_else_manager"}
    )
    assert "这条规则每周从周一算起，天数请填 0 到 6。" in answer.get_data(as_text=True)


def test_the_preview_counts_what_the_planner_plans(admin: Client, leads: Leads) -> None:
    for age in range(0, 120, 7):
        leads.make(age=age, cadence=14 if age % 2 else 60, stalls_on=TODAY - timedelta(days=age))
    planned = plan(MORNING).by_rule
    for code in ("cadence", "cadence_top", "stalled", "no_step", "next_step"):
        page = admin.get(f"/admin/reminder-rules/{code}").get_data(as_text=True)
        assert counts(page)["now"] == planned[code], code


def test_a_rule_may_speak_at_once_but_not_the_weekly_one(admin: Client, session: Any) -> None:
    assert admin.post(ADDRESS, {**CADENCE, "at_once": "y"}).status_code == 302
    saved = session.scalars(sa.select(ReminderRule).where(ReminderRule.code == "cadence")).one()
    assert saved.at_once
    weekly = {
        "version": "1", "zh": "目标企业没有人跟", "en": "Target nobody follows", "enabled": "y",
        "at_once": "y", "days_0": "0", "to_0": "team_lead_else_manager",
    }  # fmt: skip
    refused = admin.post("/admin/reminder-rules/uncovered", weekly)
    assert refused.status_code == 422
    assert "这条规则每周说一次，不能随时发。" in refused.text
