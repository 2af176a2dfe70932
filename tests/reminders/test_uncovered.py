"""Targets that nobody follows: said once a week, to the team's lead or else to the managers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.access.actor import load_actor
from crm.reminders.digest import queue_digests
from crm.reminders.notices import notices_page
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
            name=f"{name}有限公司",
            short_name=name,
            normal_form=name,
            place_id=place,
            created_at=MORNING,
            rewarded=True,
            cadence_days=14,
        )
        session.add(company)
        session.flush()
        found[name] = ListEntry(
            edition_id=edition.id,
            row_key=name,
            name=name,
            raw={},
            rank=rank,
            match_state=MatchState.NEW,
            company_id=company.id,
        )
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


def test_what_one_rule_said_of_targets_on_a_day_is_one_row_that_opens_them_all(
    entries: dict[str, ListEntry], session: Any, people: People, leads: Leads, client: Client
) -> None:
    boss = people.manager()
    first = entries["太极股份"]
    for number in range(3):
        company = Company(
            name=f"目标{number}有限公司",
            short_name=f"目标{number}",
            normal_form=f"目标{number}",
            created_at=MORNING,
            rewarded=True,
            cadence_days=14,
        )
        session.add(company)
        session.flush()
        session.add(
            ListEntry(
                edition_id=first.edition_id,
                row_key=f"目标{number}",
                name=company.name,
                raw={},
                rank=40 + number,
                match_state=MatchState.NEW,
                company_id=company.id,
            )
        )
    session.commit()
    plan(MORNING)
    plan(morning(TODAY + timedelta(days=7)))
    numbers = list(session.scalars(sa.select(Reminder.id).order_by(Reminder.id)))
    assert len(numbers) == 10
    lead = leads.make(age=70)
    session.add(
        Reminder(
            rule="cadence",
            subject="lead",
            lead_id=lead.id,
            person_id=boss.id,
            due_on=TODAY,
            occurrence="touch",
            planned_at=MORNING,
            reason=session.get(Reminder, numbers[0]).reason,
        )
    )
    session.commit()
    client.sign_in(boss.email)
    page = client.get("/notices").text
    assert page.count(">5 家目标企业没有人跟<") == 2
    assert page.count('class="is-new"') == 3
    row = f"/notices/{numbers[-1]}/targets"
    assert f'action="{row}"' in page
    assert client.get(row).text.count("data-key-row") == 5
    # Only looked at: what changes something is the row's own button.
    assert 'data-testid="unread">11<' in client.get("/leads").text
    assert client.post(row).location == row
    assert 'data-testid="unread">6<' in client.get("/leads").text
    assert client.get("/notices").text.count('class="is-new"') == 2
    listed = client.get(row).text
    assert all(name in listed for name in ("东方通", "太极股份", "目标2"))
    assert 'data-testid="result-total" data-value="5"' in listed
    # One that was opened alone leaves the row new; of a row of one, its company is told.
    client.post(f"/notices/{numbers[0]}/readings")
    assert client.get("/notices").text.count('class="is-new"') == 2
    off = sa.update(Reminder).where(Reminder.id.in_(numbers[:4]))
    session.execute(off.values(state=ReminderState.CANCELLED))
    session.commit()
    alone = client.get("/notices").text
    assert f'action="/notices/{numbers[4]}/readings"' in alone
    stranger = Client(client.app).sign_in(people.scout().email)
    assert stranger.get(row).status_code == stranger.post(row).status_code == 404


def test_rows_of_targets_are_paged_with_all_else(
    entries: dict[str, ListEntry], session: Any, people: People
) -> None:
    boss = people.manager()
    for week in range(3):
        plan(morning(TODAY + timedelta(days=7 * week)))
    actor = load_actor(boss, TODAY)
    seen, cursor = [], None
    while True:
        page = notices_page(actor, cursor, TODAY, 1)
        seen += [(row.reminder.id, row.together) for row in page.items]
        if (cursor := page.next) is None:
            break
    assert [together for _, together in seen] == [2, 2, 2]
    assert sorted({number for number, _ in seen}, reverse=True) == [number for number, _ in seen]


def test_what_is_of_leads_alone_is_paged_as_ever(
    session: Any, people: People, leads: Leads
) -> None:
    for _n in range(3):
        leads.make(age=70)
    plan(MORNING)
    actor = load_actor(leads.owner, TODAY)
    first = notices_page(actor, None, TODAY, 2)
    last = notices_page(actor, first.next, TODAY, 2)
    assert [len(first.items), len(last.items), last.next] == [2, 1, None]
    assert len({row.reminder.id for row in (*first.items, *last.items)}) == 3
