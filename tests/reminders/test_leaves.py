"""Who is told while somebody is away, what each may read of it, and how a mail is parted."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.reminders.digest import queue_digests
from crm.reminders.leaves.rules import Absence, Away, wrong_leave
from crm.reminders.plan import plan
from crm.reminders.urgent import queue_urgent
from crm.reminders.weekly import said_from
from crm.working_days import official_calendar
from models.enums import ReminderState
from models.leave import Leave
from models.message import Message
from models.reminder import Reminder
from models.user import User
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, delivered, morning
from tests.reminders.test_urgent import TEN, mention
from tests.views.counting import statements

FRIDAY, MONDAY = date(2026, 12, 4), date(2026, 12, 7)


def leave(session: Any, person: User, deputy: User, days: int = 1) -> Leave:
    made = Leave(
        person_id=person.id,
        deputy_id=deputy.id,
        from_on=TODAY,
        to_on=TODAY + timedelta(days=days - 1),
        created_at=MORNING,
    )
    session.add(made)
    session.commit()
    return made


def work(day: date, session: Any) -> dict[int, Message]:
    """A morning's messages by who gets them."""
    delivered(session)
    before = set(session.scalars(sa.select(Message.id)))
    plan(morning(day))
    queue_digests(morning(day))
    session.expire_all()
    found = session.scalars(sa.select(Message).order_by(Message.id)).all()
    return {one.recipient_id: one for one in found if one.id not in before}


def test_the_deputy_is_told_and_the_one_on_leave_is_not(
    leads: Leads, scout: User, people: People, session: Any, client: Client
) -> None:
    deputy = people.scout(name="李队友")
    lead = leads.make("北京和利时", age=61)
    Leads(session, deputy).make("用友网络", age=61)
    leave(session, scout, deputy)
    history = f"/leads/{lead.public_id}/reminders"
    plan(MORNING)
    with time_machine.travel(MORNING, tick=False):
        client.sign_in(scout.email)
        assert "本人休假到" in client.get(history).get_data(as_text=True)
    got = work(TODAY, session)
    assert set(got) == {deputy.id}
    mail = got[deputy.id]
    assert mail.subject == "今天 1 家要联系，代陈思远 1 家"
    assert "陈思远休假，请您代为跟进 1 家。" in mail.text_body
    assert mail.text_body.index("用友网络") < mail.text_body.index("代陈思远（休假中）")
    assert mail.text_body.index("代陈思远（休假中）") < mail.text_body.index("北京和利时")
    with time_machine.travel(MORNING, tick=False):
        said = client.get(history).get_data(as_text=True)
    assert "本人休假，由李队友代收" in said
    # Back: what was said is not said again, what is new is theirs.
    leads.make("金蝶软件", age=61)
    assert "金蝶软件" in work(FRIDAY, session)[scout.id].text_body
    assert (
        "北京和利时"
        not in session.scalars(
            sa.select(Message.text_body).where(Message.recipient_id == scout.id)
        ).one()
    )


def test_what_the_deputy_may_not_see_goes_to_the_team_lead(
    leads: Leads, scout: User, people: People, session: Any
) -> None:
    stranger, chief = people.team_lead("shenzhen"), people.team_lead("beijing", name="王队长")
    leads.make("北京和利时", age=61)
    leave(session, scout, stranger)
    got = work(TODAY, session)
    assert set(got) == {chief.id}
    assert "北京和利时" in got[chief.id].text_body
    assert session.scalars(sa.select(Reminder.deputy_id)).one() == chief.id


def test_what_is_said_at_once_goes_to_the_deputy_at_once(
    leads: Leads, scout: User, people: People, session: Any
) -> None:
    deputy, asking = people.scout(), people.scout(name="沈立军")
    lead = leads.make("北京和利时")
    leave(session, scout, deputy)
    mention(session, lead, asking, scout)
    assert queue_urgent(TEN).messages == 1
    (mail,) = session.scalars(sa.select(Message))
    assert (mail.recipient_id, mail.kind) == (deputy.id, "urgent")
    assert mail.subject.startswith("代陈思远：北京和利时")


def test_a_leave_is_taken_down_and_what_is_wrong_is_said_at_its_field(
    scout: User, people: People, session: Any, client: Client
) -> None:
    deputy, away = people.scout(name="李队友"), people.scout(name="赵队友")
    stranger = people.scout("shenzhen")
    client.sign_in(scout.email)
    page = client.get("/notices/leaves/new").get_data(as_text=True)
    assert deputy.public_id in page
    assert stranger.public_id not in page
    today = date.fromisoformat(page.partition('min="')[2][:10])
    days = {"from_on": today.isoformat(), "to_on": (today + timedelta(days=3)).isoformat()}
    leave_of = {"from_on": today, "to_on": today, "created_at": MORNING}
    session.add(Leave(person_id=away.id, deputy_id=deputy.id, **leave_of))
    session.commit()
    for wrong, field in (
        ({}, "deputy"),
        ({"deputy": stranger.public_id}, "deputy"),
        ({"deputy": away.public_id}, "deputy"),
        ({"deputy": deputy.public_id, "to_on": "2020-01-01"}, "to_on"),
        ({"deputy": deputy.public_id, "from_on": ""}, "from_on"),
    ):
        answer = client.post("/notices/leaves", {**days, **wrong})
        assert answer.status_code == 422, wrong
        assert f'data-field="{field}"' in answer.get_data(as_text=True)
    assert "赵队友" in client.post("/notices/leaves", {**days, "deputy": away.public_id}).get_data(
        as_text=True
    )
    good = {**days, "deputy": deputy.public_id}
    assert client.post("/notices/leaves", good).status_code == 302
    again = client.post("/notices/leaves", good)
    assert again.status_code == 422, "it overlaps the first"
    told = again.get_data(as_text=True)
    assert re.search(r"休假登记了。(今天|明天)到 \d+月\d+日 的提醒发给李队友。", told)
    assert "李队友" in client.get("/notices/settings").get_data(as_text=True)
    made = session.scalars(sa.select(Leave).where(Leave.person_id == scout.id)).one()
    ending = f"/notices/leaves/{made.public_id}/endings"
    other = Client(client.app).sign_in(deputy.email)
    assert "由您代收提醒" in other.get("/notices/settings").get_data(as_text=True)
    assert other.post(ending).status_code == 404
    client.get("/notices/settings")
    assert client.post(ending).status_code == 302
    session.expire_all()
    assert session.get_one(Leave, made.id).taken_back_at is not None
    undo = ending.replace("endings", f"restorations?to_on={days['to_on']}")
    assert undo in client.get("/notices/settings").get_data(as_text=True)
    assert other.post(undo).status_code == 404
    assert client.post(undo).status_code == 302
    assert "休假恢复了" in client.get("/notices/settings").get_data(as_text=True)
    session.expire_all()
    assert session.get_one(Leave, made.id).taken_back_at is None
    assert client.post(undo).status_code == 404, "it counts"


def test_the_deputys_bell_has_what_the_deputys_mail_had(
    leads: Leads, scout: User, people: People, session: Any, client: Client
) -> None:
    deputy = people.scout(name="李队友")
    lead = leads.make("北京和利时", age=61)
    leave(session, scout, deputy)
    assert set(work(TODAY, session)) == {deputy.id}
    client.sign_in(deputy.email)
    page = client.get("/notices")
    assert 'data-testid="unread">1<' in client.get("/leads").text
    assert "北京和利时" in page.text
    assert "代陈思远" in page.text
    number = session.scalar(sa.select(Reminder.id))
    session.rollback()
    opened = client.post(f"/notices/{number}/readings")
    assert opened.location == f"/leads/{lead.public_id}"
    assert 'data-testid="unread"' not in client.get("/leads").text
    # Whoever is away has not read it.
    absent = Client(client.app).sign_in(scout.email)
    assert 'data-testid="unread">1<' in absent.get("/leads").text
    stranger = Client(client.app).sign_in(people.scout().email)
    stranger.get("/notices")
    assert stranger.post(f"/notices/{number}/readings").status_code == 404


def test_what_falls_into_a_leave_to_come_is_the_deputys_on_the_page_of_the_days_ahead(
    leads: Leads, scout: User, people: People, session: Any, client: Client
) -> None:
    deputy, stranger = people.scout(name="李队友"), people.team_lead("shenzhen")
    chief = people.team_lead("beijing", name="王队长")
    lead = leads.make("用友网络", age=1)
    leads.task(lead, "答复", TODAY + timedelta(days=8))
    away = leave(session, scout, deputy)
    away.from_on, away.to_on = TODAY + timedelta(days=7), TODAY + timedelta(days=8)
    session.commit()
    page = "/reminders/forecast?scope=mine"
    with time_machine.travel(MORNING, tick=False):
        own = client.sign_in(scout.email).get(page)
        assert statements(own) <= 15
        assert "您休假期间的 2 条由同事代收" in own.text
        assert own.text.count("用友网络") == 1, "what falls on the day after is theirs again"
        client.sign_in(deputy.email)
        told = client.get(page).text
        assert told.count("用友网络") == 2
        assert "代陈思远，休假到 12月11日" in told
        # A deputy who may not see the lead: it falls to whoever leads the team.
        session.get_one(Leave, away.id).deputy_id = stranger.id
        session.commit()
        client.sign_in(stranger.email)
        assert "用友网络" not in client.get(page).text
        client.sign_in(chief.email)
        assert "代理人看不到" in client.get(page).text


def test_a_team_leads_mail_is_parted_by_scout(
    leads: Leads, scout: User, people: People, session: Any
) -> None:
    chief, other = people.team_lead("beijing", name="王队长"), people.scout(name="周明")
    for name in ("北京和利时", "广联达"):
        leads.make(name, age=22, cadence=14)
    Leads(session, other).make("用友网络", age=22, cadence=14)
    Leads(session, chief).make("金蝶软件", age=61)
    mail = work(TODAY, session)[chief.id]
    text = mail.text_body
    headings = ["您自己的：1 家", "陈思远：2 家", "周明：1 家"]
    assert all(f"== {one} ==" in text for one in headings)
    assert text.index("周明：1 家") < text.index("用友网络")
    for one in headings:
        assert one in mail.html_body
    assert mail.subject.startswith("今天 1 家要联系，队员 3 家要看")


def test_a_managers_week_comes_on_its_first_working_day_by_team(
    leads: Leads, people: People, session: Any
) -> None:
    manager = people.manager()
    leads.make("北京和利时", age=31, cadence=14)
    assert manager.id not in work(TODAY, session)
    assert manager.id not in work(FRIDAY, session)
    mail = work(MONDAY, session)[manager.id]
    assert mail.subject.startswith("本周 1 家要过问")
    assert "北京：1 家" in mail.text_body.replace("小分队", "")
    assert manager.id not in work(MONDAY + timedelta(days=1), session)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (MONDAY, MONDAY),
        (TODAY, MONDAY),
        # The first working day after the National Day is a Thursday.
        (date(2026, 9, 29), date(2026, 10, 8)),
    ],
)
def test_what_is_found_in_a_week_is_said_at_the_start_of_the_next(found: date, said: date) -> None:
    assert said_from(found, official_calendar([2026])) == said


def test_deputies_of_deputies_and_circles() -> None:
    away = Away(
        {
            1: Absence("甲", TODAY, 2),
            2: Absence("乙", TODAY, 3),
            4: Absence("丙", TODAY, 5),
            5: Absence("丁", TODAY, 4),
            6: Absence("戊", TODAY, None),
        }
    )
    assert [away.stand_in(one) for one in (1, 2, 3, 4, 5, 6)] == [3, 3, 3, None, None, None]
    assert wrong_leave(TODAY, TODAY + timedelta(days=400), (), TODAY).keys() == {"to_on"}
    assert wrong_leave(FRIDAY, FRIDAY, [(TODAY, MONDAY)], TODAY).keys() == {"from_on"}
    assert wrong_leave(date.max, date.max, (), TODAY).keys() == {"from_on", "to_on"}


def test_states_are_what_they_say(leads: Leads, scout: User, people: People, session: Any) -> None:
    """Nobody to stand in: the reminders wait for whoever leads, and are not lost."""
    leads.make(age=61)
    closed = people.scout()
    closed.active = False
    leave(session, scout, closed)
    assert work(TODAY, session) == {}
    assert session.scalars(sa.select(Reminder.state)).one() is ReminderState.PLANNED
    assert set(work(FRIDAY, session)) == {scout.id}
