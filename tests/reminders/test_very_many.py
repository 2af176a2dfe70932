"""Somebody who hears of more targets than a page or a mail can hold."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.reminders import matters
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.company import Company
from models.enums import MatchState, ReminderState
from models.message import Message
from models.place import Place
from models.reminder import Reminder
from models.target import ListEdition, ListEntry, TargetList
from models.user import User
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads

# So many reminders of leads of one person are looked at for a mail; 5,000 in earnest.
LOOKED_AT = 150
N = LOOKED_AT + 60
# What a page, and a mail with its layout, may be long for however much: characters.
PAGE, MAIL = 60_000, 20_000


@pytest.fixture
def leader(session: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> User:
    """The lead of the team in whose city so many companies of a list sit, which nobody follows."""
    monkeypatch.setattr(matters, "MOST_WAITING", LOOKED_AT)
    wanted = session.scalar(sa.select(TargetList).filter_by(code="china-software-100"))
    edition = ListEdition(list_id=wanted.id, year=2026)
    session.add(edition)
    beijing = session.scalar(sa.select(Place.id).filter_by(code="beijing"))
    companies = [
        Company(
            name=f"东方{n}有限公司",
            short_name=f"东方{n}",
            normal_form=f"东方{n}",
            place_id=beijing,
            created_at=MORNING,
            rewarded=True,
            cadence_days=14,
        )
        for n in range(1, N + 1)
    ]
    session.add_all(companies)
    session.flush()
    session.add_all(
        ListEntry(
            edition_id=edition.id,
            row_key=company.name,
            name=company.name,
            raw={},
            rank=rank,
            match_state=MatchState.NEW,
            company_id=company.id,
        )
        for rank, company in enumerate(companies, start=1)
    )
    session.commit()
    return people.team_lead()


def test_the_mail_names_the_first_and_says_how_many_there_are(session: Any, leader: User) -> None:
    assert plan(MORNING).planned == N
    assert queue_digests(MORNING).messages == 1
    (mail,) = session.scalars(sa.select(Message))
    assert mail.subject == f"{N} 家目标企业没有人跟"
    assert len(mail.html_body) + len(mail.text_body) < MAIL
    named = re.findall(r"- (东方\d+)：中国软件百强第", mail.text_body)
    assert named == [f"东方{n}" for n in range(1, 11)]
    assert f"还有 {N} 家目标企业没有人跟：" in mail.text_body
    for body in (mail.text_body, mail.html_body):
        assert "/today/targets" in body
    # All of them are said with that: nothing is left over for another mail.
    states = session.execute(sa.select(Reminder.state, sa.func.count()).group_by(Reminder.state))
    assert [tuple(row) for row in states] == [(ReminderState.QUEUED, N)]


def test_a_lead_does_not_wait_behind_them(session: Any, leader: User) -> None:
    plan(MORNING)
    hers = Leads(session, leader)
    hers.task(hers.make(), "报价", TODAY)
    assert plan(MORNING).planned == 1
    queue_digests(MORNING)
    (mail,) = session.scalars(sa.select(Message))
    assert mail.subject == "今天 1 家要联系"
    assert "报价" in mail.text_body
    assert f"还有 {N} 家目标企业没有人跟：" in mail.text_body


def test_pages_show_them_in_parts(session: Any, leader: User, client: Client) -> None:
    plan(MORNING)
    session.commit()
    with time_machine.travel(MORNING, tick=False):
        client.sign_in(leader.email)
        first = client.get("/today/targets", headers={"HX-Request": "true"}).text
        assert f'data-value="{N}"' in first
        assert re.findall(r">(东方\d+)<", first) == ["东方1", "东方2", "东方3"]
        assert "中国软件百强第 1 位" in first
        assert f"看全部 {N} 家" in first
        assert 'href="/today/targets"' in first
        for path in ("/today", "/reminders?scope=mine", "/notices"):
            page = client.get(path)
            assert (page.status_code, len(page.text) < PAGE) == (200, True), path
        seen, path = [], "/today/targets"
        for _page in range(3):
            page = client.get(path).text
            assert len(page) < PAGE
            assert f'data-testid="result-total" data-value="{N}"' in page
            seen += re.findall(r">(东方\d+)<", page)
            path = re.findall(r'class="btn" href="(/today/targets\?cursor=[^"]+)', page)[0]
        assert seen == [f"东方{n}" for n in range(1, 151)]
        lost = client.get("/today/targets?cursor=nonsense").text
        assert re.findall(r">(东方\d+)<", lost) == seen[:50]


def test_who_is_taken_up_meanwhile_is_counted_no_more(
    session: Any, leader: User, leads: Leads, client: Client
) -> None:
    plan(MORNING)
    lead = leads.make(age=0)
    lead.company_id = session.scalar(sa.select(Company.id).filter_by(short_name="东方2"))
    session.commit()
    with time_machine.travel(MORNING, tick=False):
        page = client.sign_in(leader.email).get("/today/targets").text
    assert f'data-value="{N - 1}"' in page
    assert re.findall(r">(东方\d+)<", page)[:2] == ["东方1", "东方3"]
