"""Targets that nobody follows: said once a week, to the team's lead or else to the managers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.company import Company
from models.enums import MatchState, ReminderState
from models.message import Message
from models.place import Place
from models.reminder import Reminder
from models.target import ListEdition, ListEntry, TargetList
from models.team import Team
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, morning


@pytest.fixture
def entries(session: Any) -> dict[str, ListEntry]:
    """Two targets of one list: one in Beijing, one nowhere known."""
    wanted = session.scalar(sa.select(TargetList).filter_by(code="china-software-100"))
    edition = ListEdition(list_id=wanted.id, year=2026)
    session.add(edition)
    session.flush()
    beijing = session.scalar(sa.select(Place.id).filter_by(code="beijing"))
    found = {}
    for rank, (name, place) in enumerate((("东方通", beijing), ("太极股份", None)), start=17):
        company = Company(
            name=f"{name}有限公司", short_name=name, normal_form=name, place_id=place,
            created_at=MORNING, rewarded=True, cadence_days=14,
        )  # fmt: skip
        session.add(company)
        session.flush()
        found[name] = ListEntry(
            edition_id=edition.id, row_key=name, name=name, raw={}, rank=rank,
            match_state=MatchState.NEW, company_id=company.id,
        )  # fmt: skip
        session.add(found[name])
    session.commit()
    return found


def told(session: Any) -> set[tuple[str, int, str]]:
    rows = session.execute(sa.select(Reminder.subject, Reminder.person_id, Reminder.occurrence))
    return {tuple(row) for row in rows}


def test_what_a_manager_assigned_goes_to_that_team_and_not_to_the_place(
    entries: dict[str, ListEntry], session: Any, people: People
) -> None:
    there, here = people.team_lead("shenzhen"), people.team_lead("beijing")
    entries["东方通"].team_id = session.scalar(sa.select(Team.id).filter_by(code="shenzhen"))
    session.commit()
    plan(MORNING)
    subject = f"entry {entries['东方通'].id}"
    assert {person for what, person, _ in told(session) if what == subject} == {there.id}
    assert here.id not in {person for _, person, _ in told(session)}


def test_each_is_told_once_a_week_to_whoever_it_belongs_to(
    entries: dict[str, ListEntry], session: Any, people: People, client: Client
) -> None:
    leader, boss = people.team_lead(), people.manager()
    assert plan(MORNING).by_rule == {"uncovered": 2}
    assert plan(MORNING).planned == 0
    assert plan(morning(TODAY + timedelta(days=1))).planned == 0
    east, lost = (entries[name].id for name in ("东方通", "太极股份"))
    assert told(session) == {
        (f"entry {east}", leader.id, "week 2026-W49"),
        (f"entry {lost}", boss.id, "week 2026-W49"),
    }
    queue_digests(MORNING)
    mails = {mail.recipient_id: mail for mail in session.scalars(sa.select(Message))}
    assert mails[leader.id].subject == "1 家目标企业没有人跟"
    assert "东方通" in mails[leader.id].text_body
    assert "中国软件百强第 17 位" in mails[leader.id].html_body
    with time_machine.travel(MORNING, tick=False):
        page = client.sign_in(leader.email).get("/today").text
        assert "没有人跟的目标企业" in page
        assert "太极股份" not in page
        assert "东方通" in client.get("/reminders?scope=mine").text
        # Whose page is all they want to see it on finds it there.
        waits = sa.update(Reminder).where(Reminder.person_id == leader.id)
        session.execute(waits.values(state=ReminderState.SHOWN, message_id=None))
        session.commit()
        assert "东方通" in client.get("/today/targets").text
    assert plan(morning(TODAY + timedelta(days=4))).by_rule == {"uncovered": 2}


def test_a_lead_ends_it_and_what_waits_is_called_off(
    entries: dict[str, ListEntry], session: Any, people: People, leads: Leads
) -> None:
    people.team_lead()
    plan(MORNING)
    lead = leads.make(age=0)
    lead.company_id = entries["东方通"].company_id
    session.commit()
    queue_digests(MORNING)
    states = session.execute(
        sa.select(Reminder.subject, Reminder.state).where(Reminder.entry_id.is_not(None))
    )
    assert (f"entry {entries['东方通'].id}", ReminderState.CANCELLED) in {tuple(r) for r in states}
    assert plan(morning(TODAY + timedelta(days=7))).by_rule["uncovered"] == 0


def test_a_target_taken_from_the_list_takes_its_reminders_along(
    entries: dict[str, ListEntry], session: Any, people: People
) -> None:
    people.manager()
    plan(MORNING)
    session.delete(entries["太极股份"])
    session.commit()
    assert f"entry {entries['太极股份'].id}" not in {row[0] for row in told(session)}
