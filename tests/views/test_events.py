"""The pages of events: one tap at the door, a pasted list, the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.events.invitations import Guest, invite
from crm.events.rules import EventInput
from crm.events.service import create_event
from crm.visits.people import NewPerson
from models.company import Company
from models.event import Attendance, Invitation
from tests.clients import Client
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People


@pytest.fixture
def door(app: Flask, people: People, session: Any) -> tuple[Client, str, Invitation]:
    """A scout at the door of an event of today, and somebody who was invited to it."""
    user = people.scout()
    who = actor_of(user)
    event = create_event(EventInput("软件产业推介会", "conference", clock.today()), who, NOW)
    guest = Guest("第一软件有限公司", person=NewPerson("沈一帆"))
    (invitation,) = invite(event.public_id, [guest], who, NOW).made
    session.commit()
    return Client(app).sign_in(user.email), f"/events/{event.public_id}", invitation


def test_one_tap_marks_who_comes_and_one_takes_it_back(
    door: tuple[Client, str, Invitation], session: Any
) -> None:
    client, page, guest = door
    client.get(page)
    tap = f"{page}/invitations/{guest.public_id}/attendance"
    answer = client.post(tap, {"value": "attended"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.count("data-guest ") == 1
    assert 'data-attendance="attended"' in answer.text
    told = json.loads(answer.headers["HX-Trigger"])["guest:saved"]
    assert told["id"] == guest.public_id
    session.refresh(guest)
    assert guest.attendance is Attendance.ATTENDED
    assert (
        'data-attendance=""' in client.post(told["undo_url"], headers={"HX-Request": "true"}).text
    )
    session.refresh(guest)
    assert (guest.attendance, guest.marked_at) == (None, None)


def test_a_pasted_line_that_is_left_open_is_asked_again_with_what_was_decided(
    door: tuple[Client, str, Invitation], session: Any
) -> None:
    client, page, _guest = door
    text = "第一软件科技有限公司 何思远\n另外软件有限公司"
    here = f"{page}/invitations/pasted"
    client.get(here)
    assert 'data-doubtful="1"' in client.post(here, {"text": text}).text
    asked = client.post(here, {"text": text, "decided": "1", "line_2": "skip"})
    assert asked.status_code == 422
    assert 'data-field="line_1"' in asked.text
    assert 'name="line_2" value="skip" checked' in asked.text
    done = client.post(here, {"text": text, "decided": "1", "line_1": "new", "line_2": "skip"})
    assert done.status_code == 302
    found = client.get(f"{page}?q=何思远").text
    assert found.count("data-guest ") == 1
    named = sa.select(Company.id).where(Company.name == "第一软件科技有限公司")
    assert session.scalar(named)


def test_the_guest_list_goes_along_as_shown(door: tuple[Client, str, Invitation]) -> None:
    client, page, _guest = door
    file = client.get(f"{page}/invitations.csv?kind=invited").get_data().decode("utf-8-sig")
    assert "沈一帆" in file
    assert "沈一帆" not in client.get(f"{page}/invitations.csv?kind=walk_in").get_data().decode()


def test_a_lead_of_another_team_shows_in_no_event(
    door: tuple[Client, str, Invitation], people: People, session: Any
) -> None:
    client, page, _guest = door
    foreign = a_lead(people.scout("chengdu"), "别队软件有限公司")
    client.get(page)
    assert client.post(f"{page}/leads", {"lead": foreign.public_id}).status_code == 404
    boss = Client(client.app).sign_in(people.manager().email)
    boss.get(page)
    assert boss.post(f"{page}/leads", {"lead": foreign.public_id}).status_code == 302
    assert foreign.public_id in boss.get(page).text
    assert foreign.public_id not in client.get(page).text
