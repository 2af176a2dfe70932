"""Guests of an event: invited, answered, come, logged; and the leads that come of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.access import Actor
from crm.companies.service import create_company
from crm.errors import Forbidden, NotFound, Refusal
from crm.events import guests, invitations, leads, matching, queries, service
from crm.events.guests import GuestFilter, Guests
from crm.events.invitations import Guest
from crm.events.rules import EventInput
from crm.events.visiting import log_presence
from crm.leads.counting import count
from crm.leads.filters import LeadFilter
from crm.leads.inputs import NewLead
from crm.referrals.service import ReferralInput
from crm.visits.people import NewPerson
from models.company import Company
from models.contact import Contact
from models.event import Attendance, Event, Invitation, Reply
from models.visit import Visit
from tests.leads.making import CHANNEL, NOW, SEGMENT, TODAY, a_lead, actor_of
from tests.people import People


@pytest.fixture
def scout(session: Any, people: People) -> Actor:
    return actor_of(people.scout())


def an_event(actor: Actor, **more: Any) -> Event:
    typed = EventInput("软件产业推介会", "conference", TODAY, **more)
    return service.create_event(typed, actor, NOW)


def a_guest(event: Event, actor: Actor, name: str, person: str = "") -> Invitation:
    """A company of that name is invited, with a person where one is named."""
    guest = Guest(name, person=NewPerson(person) if person else None)
    return invitations.invite(event.public_id, [guest], actor, NOW).made[0]


def test_a_person_of_another_company_is_refused_at_the_field(scout: Actor, session: Any) -> None:
    event = an_event(scout)
    there = a_guest(event, scout, "第一软件有限公司", "沈一帆")
    contact = session.get_one(Contact, there.contact_id).public_id
    other = create_company("第二软件有限公司", now=NOW).public_id
    with pytest.raises(Refusal) as refused:
        invitations.invite(event.public_id, [Guest(other, contact)], scout, NOW)
    assert set(refused.value.errors) == {"contact"}
    with pytest.raises(Refusal) as refused:
        invitations.name_guest(
            event.public_id,
            a_guest(event, scout, other).public_id,
            Guest(other, contact),
            scout,
            NOW,
        )
    assert set(refused.value.errors) == {"contact"}


def test_nobody_is_on_the_list_twice_and_a_person_takes_nobodys_place(scout: Actor) -> None:
    event = an_event(scout)
    nobody = a_guest(event, scout, "第一软件有限公司")
    again = invitations.invite(event.public_id, [Guest("第一软件有限公司")], scout, NOW)
    assert (again.made, again.known) == ([], 1)
    named = a_guest(event, scout, "第一软件有限公司", "沈一帆")
    assert named is nobody
    assert named.contact_id
    second = a_guest(event, scout, "第一软件有限公司", "何思远")
    assert second is not nobody
    done = invitations.invite(event.public_id, [Guest("第一软件有限公司")], scout, NOW)
    assert done.known == 1


def test_pasted_names_wait_for_a_person_where_they_only_look_alike(
    scout: Actor, session: Any
) -> None:
    event = an_event(scout)
    known = create_company("上海示例信息技术有限公司", now=NOW)
    text = "上海示例信息技术有限公司，沈一帆\n上海示例信息科技有限公司\n全新软件有限公司"
    exact, close, new = matching.look_up(text)
    assert exact.company
    assert exact.company.public_id == known.public_id
    assert close.doubtful
    assert new.choice == matching.NEW
    with pytest.raises(Refusal) as refused:
        matching.guests_of([exact, close, new], {})
    assert set(refused.value.errors) == {"line_2"}
    chosen = matching.guests_of([exact, close, new], {2: known.public_id})
    done = invitations.invite(event.public_id, chosen, scout, NOW)
    assert (len(done.made), done.known) == (2, 1)
    # What nobody offered is no choice.
    with pytest.raises(Refusal):
        matching.guests_of([exact], {1: "zzzzzzzzzzzz"})
    assert session.scalar(sa.select(Company).where(Company.name == "全新软件有限公司"))


def test_every_figure_counts_what_its_list_shows(scout: Actor) -> None:
    event = an_event(scout)
    kinds = ["accepted", "declined", "none", "none"]
    rows = [a_guest(event, scout, f"第{n}软件有限公司", f"何思{n}") for n in "一二三四"]
    for row, reply in zip(rows, kinds, strict=True):
        invitations.answer(event.public_id, row.public_id, Reply(reply), scout)
    for row in rows[:2]:
        invitations.mark(event.public_id, row.public_id, Attendance.ATTENDED, scout, NOW)
    walked = Guest("路过软件有限公司", person=NewPerson("夏安"))
    invitations.invite(event.public_id, [walked], scout, NOW, walk_in=True)
    counts = guests.counts_of([event.id])[event.id]
    assert counts == {
        Guests.INVITED: 4,
        Guests.ACCEPTED: 1,
        Guests.DECLINED: 1,
        Guests.WAITING: 2,
        Guests.ATTENDED: 3,
        Guests.ABSENT: 0,
        Guests.WALK_IN: 1,
    }
    for kind, number in counts.items():
        wanted = GuestFilter(kind)
        assert guests.guests_total(event, wanted) == number
        assert len(guests.guests_page(event, wanted, None).items) == number
    for typed in ("夏安", "路过", "luguo"):
        found = guests.guests_page(event, GuestFilter(q=typed), None).items
        assert [one.company.name for one in found] == ["路过软件有限公司"], typed


def test_presence_is_logged_once_whoever_logs_it(
    scout: Actor, people: People, session: Any
) -> None:
    lead = a_lead(people.scout())
    event = an_event(scout)
    company = session.get_one(Company, lead.company_id)
    guest = a_guest(event, scout, company.public_id)
    with pytest.raises(Refusal, match="先记到场"):
        log_presence(event.public_id, guest.public_id, scout, NOW)
    assert (
        invitations.mark(event.public_id, guest.public_id, Attendance.ATTENDED, scout, NOW) is None
    )
    with pytest.raises(Refusal, match="有名有姓"):
        log_presence(event.public_id, guest.public_id, scout, NOW)
    named = Guest(company.public_id, person=NewPerson("沈一帆"))
    invitations.name_guest(event.public_id, guest.public_id, named, scout, NOW)
    later = NOW + timedelta(hours=1)
    first = log_presence(event.public_id, guest.public_id, scout, later)
    second = log_presence(event.public_id, guest.public_id, actor_of(people.manager()), later)
    assert (first.created, second.created) == (True, False)
    assert first.visit.id == second.visit.id
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    # At the door they were marked, so that is when they were met; it touched company and lead.
    assert first.visit.occurred_at == NOW
    session.refresh(lead)
    assert lead.last_touch_at == company.last_touch_at == NOW
    with pytest.raises(Refusal, match="留在名单"):
        invitations.remove(event.public_id, guest.public_id, scout)


def test_what_was_just_done_is_taken_back(scout: Actor, session: Any) -> None:
    event = an_event(scout)
    kept = a_guest(event, scout, "第一软件有限公司")
    gone = a_guest(event, scout, "第二软件有限公司")
    invitations.answer(event.public_id, kept.public_id, Reply.ACCEPTED, scout)
    both = [kept.public_id, gone.public_id]
    assert invitations.remove_made(event.public_id, both, scout) == 1
    values = invitations.values_of(invitations.remove(event.public_id, kept.public_id, scout))
    invitations.bring_back(event.public_id, values, scout, NOW)
    (back,) = session.scalars(sa.select(Invitation)).all()
    assert (back.company_id, back.reply) == (kept.company_id, Reply.ACCEPTED)


def test_a_lead_is_registered_with_where_it_came_from_or_not_at_all(
    scout: Actor, people: People, session: Any
) -> None:
    event, other = an_event(scout), people.scout("chengdu")
    new = NewLead("第一软件有限公司", SEGMENT, CHANNEL)
    with pytest.raises(Refusal) as refused, session.begin_nested():
        leads.register_lead(
            new, scout, NOW, event_id=event.public_id, referral=ReferralInput("zzzzzzzzzzzz")
        )
    assert set(refused.value.errors) == {"referrer"}
    lead = leads.register_lead(
        new, scout, NOW, event_id=event.public_id, referral=ReferralInput(source="软件协会")
    )
    foreign = a_lead(other)
    boss = actor_of(people.manager())
    assert leads.link_lead(event.public_id, foreign.public_id, boss, NOW)
    assert not leads.link_lead(event.public_id, foreign.public_id, boss, NOW)
    with pytest.raises(NotFound):
        leads.unlink_lead(event.public_id, foreign.public_id, scout)
    # Each reads what they may; the figure and the list that it opens are the same.
    for reader, number in ((scout, 1), (boss, 2), (actor_of(other), 1)):
        assert sum(queries.stages_of(event, reader).values()) == number
        found = count(reader, LeadFilter(event=event.public_id, status="all"), TODAY)
        assert found.n == number
    assert [one.id for one in queries.leads_of(event, scout)] == [lead.id]


def test_an_event_is_archived_by_whose_it_is_and_comes_back(
    scout: Actor, people: People, session: Any
) -> None:
    event = an_event(scout, team="beijing")
    with pytest.raises(Forbidden):
        service.archive_event(event.public_id, "", actor_of(people.scout()), NOW)
    service.archive_event(event.public_id, "", actor_of(people.team_lead()), NOW)
    with pytest.raises(NotFound):
        queries.event_or_404(event.public_id)
    assert queries.events_page(scout, queries.EventFilter(), None, TODAY).items == []
    service.restore_event(event.public_id, scout)
    assert queries.event_or_404(event.public_id).id == event.id
