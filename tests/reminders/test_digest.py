"""The digest: one a person and working day, in Today's words, each reminder said once."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import DigestResult, queue_digests
from crm.reminders.letter import MOST
from crm.reminders.plan import plan
from models import db
from models.enums import MessageState, ReminderState, Stage, Status, TaskKind
from models.message import Message
from models.reminder import Reminder
from models.stage_change import StageChange
from models.task import Task
from models.team import Team
from models.user import User
from tests.offers.making import approved, proposed, sent_back
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, delivered, morning

HOLIDAY = date(2026, 10, 1)
AFTER_HOLIDAY = date(2026, 10, 8)


def mails(session: Any) -> list[Message]:
    return list(session.scalars(sa.select(Message).order_by(Message.id)))


def states(session: Any) -> list[ReminderState]:
    session.expire_all()
    return list(session.scalars(sa.select(Reminder.state).order_by(Reminder.id)))


def morning_run(day: date) -> DigestResult:
    """A morning's work; the mails of the mornings before arrived."""
    delivered(db.session)
    plan(morning(day))
    return queue_digests(morning(day))


def test_the_subject_counts_what_is_due_and_not_what_lies_ahead(leads: Leads, session: Any) -> None:
    leads.make("用友网络", age=61)
    for name in ("北京和利时", "广联达"):
        leads.make(name).expected_signing_on = TODAY + timedelta(days=30)
    session.commit()
    morning_run(TODAY)
    (mail,) = mails(session)
    assert mail.subject == "今天 1 家要联系，2 家日子快到"
    assert "今天先联系这 1 家" in mail.text_body
    assert "有 2 家的日子快到了，今天不用办。" in mail.text_body


def test_it_says_whom_to_contact_first_why_and_where(leads: Leads, session: Any) -> None:
    leads.make("用友网络", age=61)
    late = leads.make("北京和利时", age=3)
    leads.task(late, "答复南湖场地方案", TODAY - timedelta(days=2))
    assert morning_run(TODAY) == DigestResult(1, 0)
    (mail,) = mails(session)
    assert (mail.to_address, mail.state) == ("chen@test.example", MessageState.QUEUED)
    assert mail.subject == "今天 2 家要联系，1 家已逾期"
    assert mail.text_body.startswith("陈思远，早上好。今天先联系这 2 家，按先后排好了。")
    for body in (mail.text_body, mail.html_body):
        assert "已逾期 2 天" in body
        assert "约好 12月1日 答复南湖场地方案，还没有做。" in body
        assert f"/leads/{late.public_id}" in body
        assert body.index("北京和利时") < body.index("用友网络")
    assert states(session) == [ReminderState.QUEUED] * 2


def test_it_is_one_narrow_column_without_images_scripts_or_classes_needed(
    leads: Leads, session: Any
) -> None:
    leads.make(age=61)
    leads.make(age=61)
    morning_run(TODAY)
    html = mails(session)[0].html_body
    assert not re.search(r"<(img|script|link|iframe)|javascript:", html)
    assert "max-width: 600px" in html
    assert html.count("background: #1f57c3") == 1
    assert re.search(r'<p class="reason" style="[^"]*color', html)


def test_amounts_phones_and_notes_stay_in_the_house(leads: Leads, session: Any) -> None:
    lead = leads.make("宇信科技", age=40, cadence=14, planned_investment_cny=56_780_000)
    person = leads.contact(lead, "周启明", "战略发展部总经理", "13800138000")
    leads.touch(lead, TODAY - timedelta(days=20), summary="对方说预算还没有批", who=person)
    morning_run(TODAY)
    (mail,) = mails(session)
    for body in (mail.text_body, mail.html_body):
        assert "找周启明，战略发展部总经理。" in body
        assert "20 天没有联系" in body
        for kept in ("13800138000", "5678", "56780000", "预算"):
            assert kept not in body


def test_somebody_elses_words_are_text_not_markup(leads: Leads, session: Any) -> None:
    lead = leads.make(age=3)
    leads.task(lead, "回<b>电</b> & 100% 确认", TODAY)
    morning_run(TODAY)
    (mail,) = mails(session)
    assert "回&lt;b&gt;电&lt;/b&gt; &amp; 100% 确认" in mail.html_body
    assert "回<b>电</b> & 100% 确认" in mail.text_body


def test_nothing_due_no_mail(leads: Leads, session: Any) -> None:
    leads.make(age=3)
    assert morning_run(TODAY) == DigestResult(0, 0)
    assert mails(session) == []


def test_a_day_has_one_digest_and_a_reminder_is_said_once(leads: Leads, session: Any) -> None:
    leads.make(age=61)
    assert morning_run(TODAY) == DigestResult(1, 0)
    assert morning_run(TODAY) == DigestResult(0, 1)
    leads.make(age=70)
    assert morning_run(TODAY) == DigestResult(0, 1)
    assert morning_run(TODAY + timedelta(days=1)) == DigestResult(1, 0)
    assert morning_run(TODAY + timedelta(days=4)) == DigestResult(0, 0)
    second = mails(session)[1]
    assert second.subject == "今天 1 家要联系"
    assert "还有 1 家之前提醒过，还没有办。" in second.text_body


def test_a_holiday_is_made_up_for_by_one_mail(leads: Leads, session: Any) -> None:
    lead = leads.make(age=10, today=HOLIDAY)
    leads.task(lead, "回电问选址", HOLIDAY)
    day = HOLIDAY
    while day < AFTER_HOLIDAY:
        assert morning_run(day).messages == 0
        day += timedelta(days=1)
    assert morning_run(AFTER_HOLIDAY).messages == 1
    (mail,) = mails(session)
    assert mail.period == "2026-10-08"
    assert "已逾期 7 天" in mail.text_body
    assert ReminderState.PLANNED not in states(session)


def test_a_weekend_that_is_worked_has_a_digest(leads: Leads) -> None:
    worked_saturday = date(2026, 10, 10)
    leads.make(age=61, today=worked_saturday)
    assert morning_run(worked_saturday).messages == 1


def test_planned_one_day_and_written_another_is_still_said(leads: Leads, session: Any) -> None:
    lead = leads.make(age=3)
    leads.task(lead, "回电", TODAY)
    plan(MORNING)
    assert queue_digests(morning(TODAY + timedelta(days=1))).messages == 1
    assert "已逾期 1 天" in mails(session)[0].text_body


def test_what_is_no_longer_true_is_called_off(leads: Leads, session: Any) -> None:
    touched, done = leads.make(age=61), leads.make(age=3)
    lost, given = leads.make(age=61), leads.make(age=61)
    step = leads.task(done, "发方案", TODAY, TaskKind.NEXT_STEP)
    plan(MORNING)
    leads.touch(touched, TODAY)
    leads.done(step)
    lost.status = Status.LOST
    given.owner_id = People(session).scout().id
    session.commit()
    assert queue_digests(MORNING) == DigestResult(0, 0)
    assert states(session) == [ReminderState.CANCELLED] * 4


def test_each_person_gets_their_own_in_their_language(
    leads: Leads, session: Any, people: People
) -> None:
    other = people.scout(name="Jane")
    other.locale = "en"
    leads.make("甲软件", age=61)
    Leads(session, other).make("乙软件", age=61)
    assert morning_run(TODAY).messages == 2
    mine, theirs = mails(session)
    assert "乙软件" not in mine.text_body
    assert "甲软件" not in theirs.text_body
    assert 'lang="zh-CN"' in mine.html_body
    assert 'lang="en"' in theirs.html_body


def test_a_closed_account_gets_no_mail(leads: Leads, scout: User, session: Any) -> None:
    leads.make(age=61)
    scout.active = False
    session.commit()
    assert morning_run(TODAY).messages == 0


def test_what_has_no_room_is_counted_and_said_next_time(leads: Leads, session: Any) -> None:
    leads.many(MOST + 3, age=61)
    morning_run(TODAY)
    morning_run(TODAY + timedelta(days=1))
    first, second = mails(session)
    assert f"今天 {MOST + 3} 家要联系" in first.subject
    assert "另有 3 家这里写不下，下一封接着说。" in first.text_body
    assert second.subject == "今天 3 家要联系"
    named = [set(re.findall(r"/leads/(\w{12})", mail.text_body)) for mail in (first, second)]
    assert (len(named[0]), len(named[1])) == (MOST, 3)
    assert not named[0] & named[1]


def test_two_workers_write_one_mail(leads: Leads, session: Any, app: Flask) -> None:
    for _ in range(5):
        leads.make(age=61)
    plan(MORNING)
    results: list[DigestResult] = []
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            results.append(queue_digests(MORNING))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.messages for result in results) == 1
    assert len(mails(session)) == 1
    assert states(session) == [ReminderState.QUEUED] * 5


def test_a_mail_that_never_went_is_merged_into_the_next_one(
    leads: Leads, session: Any, scout: User
) -> None:
    kept, done = leads.make("用友网络", age=61), leads.make("金蝶软件", age=61)
    morning_run(TODAY)
    session.execute(sa.update(Message).values(state=MessageState.DEAD))
    leads.touch(done, TODAY)
    session.commit()
    tomorrow = TODAY + timedelta(days=1)
    assert morning_run(tomorrow) == DigestResult(1, 0)
    first, second = mails(session)
    session.refresh(first)
    assert (first.state, first.merged_into_id) == (MessageState.MERGED, second.id)
    assert second.subject == "今天 1 家要联系"
    for body in (second.text_body, second.html_body):
        assert kept.public_id in body
        assert done.public_id not in body
        assert "从 12月3日 周四 起的提醒邮件没有发出去，要说的都并进了这一封。" in body
    assert states(session) == [ReminderState.QUEUED, ReminderState.CANCELLED]
    assert {row.message_id for row in session.scalars(sa.select(Reminder))} == {second.id, None}


def test_what_a_server_may_have_taken_is_not_merged(leads: Leads, session: Any) -> None:
    leads.make(age=61)
    morning_run(TODAY)
    session.execute(sa.update(Message).values(uncertain=True))
    session.commit()
    plan(morning(TODAY + timedelta(days=1)))
    assert queue_digests(morning(TODAY + timedelta(days=1))) == DigestResult(0, 0)
    assert [mail.state for mail in mails(session)] == [MessageState.QUEUED]


def test_a_mail_that_can_not_be_written_keeps_nobody_waiting(
    leads: Leads, session: Any, scout: User, people: People
) -> None:
    leads.make("甲软件", age=61)
    other = people.scout()
    Leads(session, other).make("乙软件", age=61)
    # No such language.
    scout.locale = "no language"
    session.commit()
    assert morning_run(TODAY) == DigestResult(1, 0, 1)
    broken, well = mails(session)
    assert (broken.state, broken.recipient_id) == (MessageState.UNWRITTEN, scout.id)
    assert "no_language" in broken.subject.replace(" ", "_")
    assert "乙软件" in well.text_body
    assert sorted(states(session)) == [ReminderState.PLANNED, ReminderState.QUEUED]
    scout.locale = None
    session.commit()
    assert queue_digests(MORNING) == DigestResult(1, 1)
    session.expire_all()
    mended = mails(session)[0]
    assert (mended.state, mended.id) == (MessageState.QUEUED, broken.id)
    assert "甲软件" in mended.text_body
    assert states(session) == [ReminderState.QUEUED] * 2


def test_a_decision_is_no_call(leads: Leads, session: Any, people: People) -> None:
    boss = people.manager()
    lead = leads.make(age=1, stage=Stage.NEGOTIATING)
    leads.contact(lead, "周启明", "总经理", "13800000000")
    offer = proposed(lead, leads.owner).public_id
    morning_run(TODAY)
    mail = session.scalars(sa.select(Message).where(Message.recipient_id == boss.id)).one()
    assert mail.subject == "1 家等您批准"
    assert re.search(rf'href="[^"]+/offers/{offer}"[^>]*>看测算<', mail.html_body)
    assert "有 1 家的政策测算等您批准。" in mail.text_body
    assert "周启明" not in mail.text_body
    assert "记通话" not in mail.html_body


def test_a_refused_offer_is_proposed_anew_and_no_call(
    leads: Leads, session: Any, people: People, scout: User
) -> None:
    lead = leads.make("北京和利时", age=1, stage=Stage.NEGOTIATING)
    leads.contact(lead, "周启明", "总经理", "13800000000")
    offer = sent_back(lead, scout, people.manager(name="钟文")).public_id
    morning_run(TODAY)
    mail = session.scalars(sa.select(Message).where(Message.recipient_id == scout.id)).one()
    assert mail.subject == "1 家的测算被退回"
    assert re.search(rf'href="[^"]+/offers/{offer}"[^>]*>看原因<', mail.html_body)
    assert "有 1 家的政策测算被退回，请看原因，改好后重新提出。" in mail.text_body
    assert "钟文" in mail.text_body
    for unsaid in ("金额偏高", "860", "周启明", "记通话"):
        assert unsaid not in mail.text_body + mail.html_body


def test_an_approved_offer_opens_the_signing_and_is_no_call(
    leads: Leads, session: Any, people: People, scout: User
) -> None:
    lead = leads.make("北京和利时", age=1, stage=Stage.NEGOTIATING)
    offer = approved(lead, scout, people.manager(name="钟文")).public_id
    morning_run(TODAY)
    mail = session.scalars(sa.select(Message).where(Message.recipient_id == scout.id)).one()
    assert mail.subject == "1 家的测算获批准"
    assert re.search(rf'href="[^"]+/offers/{offer}"[^>]*>看测算<', mail.html_body)
    assert "有 1 家的政策测算获批准，可以接着办了。" in mail.text_body
    assert "钟文" in mail.text_body
    for unsaid in ("860", "记通话"):
        assert unsaid not in mail.text_body + mail.html_body


def test_what_others_did_since_yesterday_stands_below(
    leads: Leads, session: Any, people: People, scout: User
) -> None:
    manager, yesterday = people.manager(name="沈立军"), MORNING - timedelta(hours=20)
    lead = leads.make("北京和利时")
    leads.task(lead, "报一下进展", TODAY + timedelta(days=9), TaskKind.DIRECTIVE)
    task = session.scalars(sa.select(Task).where(Task.kind == TaskKind.DIRECTIVE)).one()
    task.created_by_id, task.created_at = manager.id, yesterday
    there, back = (Stage.IDENTIFIED, Stage.ENGAGED), (Stage.ENGAGED, Stage.IDENTIFIED)
    for at, actor, (start, to) in (
        (yesterday, manager, there),
        (yesterday, scout, there),
        (yesterday, manager, back),
        (MORNING - timedelta(3), manager, there),
    ):
        change = StageChange(
            lead_id=lead.id,
            seq=session.scalar(sa.select(sa.func.count()).select_from(StageChange)) + 1,
            from_stage=start,
            to_stage=to,
            to_status=Status.ACTIVE,
            facts={},
            actor_id=actor.id,
            occurred_at=at,
            recorded_at=at,
        )
        session.add(change)
        session.flush()
    other = Leads(session, people.scout("shenzhen"))
    theirs = other.make("深圳那家")
    theirs.company_id, theirs.created_at, theirs.project = lead.company_id, yesterday, "二期"
    theirs.team_id = session.scalar(sa.select(Team.id).where(Team.code == "shenzhen"))
    lead.created_at = MORNING - timedelta(days=40)
    session.commit()
    leads.make("用友网络", age=61)
    morning_run(TODAY)
    mail = next(one for one in mails(session) if one.recipient_id == scout.id)
    below = mail.text_body.partition("昨天以来")[2]
    assert below.count("沈立军推进到接洽。") == 1
    assert below.count("沈立军退回到线索。") == 1
    assert "沈立军批示，12月12日前答复。" in below
    assert "深圳小分队也登记了，您 10月24日 登记在先。" in below
    assert "陈思远推进" not in below
    assert "昨天以来" in mail.html_body
