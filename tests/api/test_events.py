"""Events with their guests, referrals and appointments by machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from crm import clock
from crm.access import Actor
from crm.companies.contacts import ContactInput, add_contact
from models.company import Company
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People


def test_guests_are_invited_answer_and_come(
    app: Flask, session: Any, people: People, scout: User, machine: Machine
) -> None:
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    stranger = _contact(session, a_lead(scout).company_id, actor_of(scout))
    today = clock.today()
    sent = {"name": "北京推介会", "channel": "conference", "starts_on": today.isoformat()}
    wrong = machine.post("/events", {**sent, "channel": "none", "ends_on": "2020-01-01"})
    assert (wrong.status_code, sorted(wrong.json["errors"])) == (422, ["channel", "ends_on"])
    made = machine.post("/events", {**sent, "team": None})
    assert made.status_code == 201, made.text
    path = f"/events/{made.json['id']}"
    assert (made.json["status"], len(made.json["people"]), made.json["invited"]) == (
        "running",
        1,
        0,
    )
    guests = f"{path}/invitations"
    foreign = machine.post(guests, {"company": company, "contact": stranger})
    assert (foreign.status_code, list(foreign.json["errors"])) == (422, ["contact"])
    guest = machine.post(guests, {"company": company, "name": "夏安"})
    assert guest.status_code == 201, guest.text
    again = machine.post(guests, {"company": company, "contact": guest.json["contact"]})
    assert (again.status_code, list(again.json["errors"])) == (422, ["company"])
    one, tag = f"{guests}/{guest.json['id']}", guest.headers["ETag"]
    came = machine.patch(one, {"reply": "accepted", "attendance": "attended"}, If_Match=tag)
    assert (came.json["reply"], came.json["attendance"]) == ("accepted", "attended")
    assert machine.patch(one, {"reply": "none"}, If_Match=tag).status_code == 412
    assert machine.get(f"{guests}?kind=absent").json["items"] == []
    assert [row["id"] for row in machine.get(f"{guests}?kind=attended").json["items"]] == [
        guest.json["id"]
    ]
    linked = machine.post(f"{path}/leads", {"lead": lead.public_id})
    assert (linked.json["leads"], linked.json["attended"]) == ([lead.public_id], 1)
    # Whoever may not read the lead reads the event without it.
    elsewhere = machine_of(app, people.scout("chengdu"))
    assert elsewhere.get(path).json["leads"] == []
    assert elsewhere.post(f"{path}/leads", {"lead": lead.public_id}).status_code == 422
    moved = machine.patch(path, {"venue": "国家会议中心"}, If_Match=linked.headers["ETag"])
    assert (moved.json["venue"], moved.json["name"]) == ("国家会议中心", "北京推介会")
    assert machine.delete(f"{path}/leads/{lead.public_id}", If_Match="*").status_code == 204
    assert machine.delete(path, If_Match="*").status_code == 204
    assert machine.get(path).status_code == 404
    assert machine.get("/events").json["items"] == []


def test_who_led_whom(
    app: Flask, session: Any, people: People, scout: User, machine: Machine
) -> None:
    lead, other = a_lead(scout), a_lead(scout)
    company, referrer = (
        session.get_one(Company, one.company_id).public_id for one in (lead, other)
    )
    both = machine.post(
        "/referrals", {"lead": lead.public_id, "company": company, "source": "协会"}
    )
    assert (both.status_code, list(both.json["errors"])) == (422, ["lead"])
    made = machine.post("/referrals", {"lead": lead.public_id, "referrer": referrer})
    assert made.status_code == 201, made.text
    assert (made.json["company"], made.json["referrer"], made.json["source"]) == (
        company,
        referrer,
        "",
    )
    circle = machine.post("/referrals", {"company": referrer, "referrer": company})
    assert (circle.status_code, list(circle.json["errors"])) == (422, ["referrer"])
    machine.post("/referrals", {"company": referrer, "source": "市软件行业协会"})
    found = machine.get("/referrals?limit=1")
    rest = machine.get(f"/referrals?limit=1&cursor={found.json['next']}")
    assert [row["company"] for row in (*found.json["items"], *rest.json["items"])] == [
        referrer,
        company,
    ]
    assert rest.json["next"] is None
    # That of a lead is read by who may read the lead; that of a company, by everybody.
    elsewhere = machine_of(app, people.scout("chengdu"))
    path = f"/referrals/{made.json['id']}"
    assert elsewhere.get(path).status_code == 404
    assert [row["company"] for row in elsewhere.get("/referrals").json["items"]] == [referrer]
    assert machine.delete(path).status_code == 428
    assert machine.delete(path, If_Match=made.headers["ETag"]).status_code == 204
    assert machine.get(f"/referrals?lead={lead.public_id}").json["items"] == []


def test_a_loss_calls_off_no_meeting_and_the_document_says_so(
    session: Any, scout: User, machine: Machine
) -> None:
    lead = a_lead(scout)
    contact = _contact(session, lead.company_id, actor_of(scout))
    at = clock.now() + timedelta(days=3)
    made = machine.post(
        "/appointments",
        {
            **{"lead": lead.public_id, "client_key": "meeting-lost", "mode": "in"},
            **{"starts_at": at.isoformat(), "contacts": [contact]},
        },
    )
    path = f"/leads/{lead.public_id}/stage-changes"
    lost = machine.post(path, {"to_status": "lost", "reason": "选了别的城市"})
    assert lost.status_code == 201, lost.text
    assert machine.get(f"/appointments/{made.json['id']}").json["state"] == "open"
    paths = machine.get("/openapi.json").json["paths"]
    (said,) = (one["post"] for name, one in paths.items() if name.endswith("/stage-changes"))
    assert "calls off no appointment" in " ".join(said["description"].split())
    off = machine.patch(f"/appointments/{made.json['id']}", {"cancelled": True}, If_Match="*")
    assert off.json["state"] == "cancelled"


def test_a_meeting_is_arranged_moved_and_called_off(
    app: Flask, session: Any, people: People, scout: User, machine: Machine
) -> None:
    lead = a_lead(scout)
    contact = _contact(session, lead.company_id, actor_of(scout))
    at = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    sent = {
        "lead": lead.public_id,
        "client_key": "meeting-0001",
        "mode": "in",
        "starts_at": at.isoformat(),
        "contacts": [contact],
        "host": "周局长",
    }
    wrong = machine.post("/appointments", {**sent, "mode": "message", "invited": [contact]})
    assert (wrong.status_code, sorted(wrong.json["errors"])) == (422, ["invited", "mode"])
    made = machine.post("/appointments", sent)
    assert made.status_code == 201, made.text
    assert (made.json["state"], made.json["host"], made.json["contacts"]) == (
        "open",
        "周局长",
        [contact],
    )
    assert machine.post("/appointments", sent).status_code == 200
    path = f"/appointments/{made.json['id']}"
    later = (at + timedelta(days=1)).isoformat()
    moved = machine.patch(path, {"starts_at": later}, If_Match=made.headers["ETag"])
    assert (moved.status_code, moved.json["contacts"]) == (200, [contact]), moved.text
    assert machine.patch(path, {"place": "展厅"}, If_Match=made.headers["ETag"]).status_code == 412
    past = machine.patch(path, {"starts_at": "2020-01-01T10:00:00+08:00"}, If_Match="*")
    assert (past.status_code, list(past.json["errors"])) == (422, ["starts_at"])
    off = machine.patch(path, {"cancelled": True}, If_Match="*")
    assert off.json["state"] == "cancelled"
    assert machine.get("/appointments?state=open").json["items"] == []
    ever = machine.get("/appointments?first_on=0001-01-01&last_on=9999-12-31")
    assert [row["id"] for row in ever.json["items"]] == [made.json["id"]]
    on = machine.patch(path, {"cancelled": False}, If_Match="*")
    assert on.json["state"] == "open"
    day = clock.local_date(at + timedelta(days=1)).isoformat()
    listed = machine.get(f"/appointments?first_on={day}&last_on={day}&lead={lead.public_id}")
    assert [row["id"] for row in listed.json["items"]] == [made.json["id"]]
    came = {
        "lead": lead.public_id,
        "client_key": "meeting-0001-came",
        "mode": "in",
        "occurred_at": clock.now().isoformat(),
        "reached": True,
        "contacts": [contact],
        "appointment": made.json["id"],
    }
    visit = machine.post("/visits", came)
    assert visit.status_code == 201, visit.text
    assert machine.post("/visits", {**came, "client_key": "meeting-0001-again"}).status_code == 422
    held = machine.get(path).json
    assert (held["state"], held["visit"]) == ("held", visit.json["id"])
    assert machine.patch(path, {"place": "展厅"}, If_Match="*").status_code == 409
    stranger = machine_of(app, people.scout("chengdu"))
    assert stranger.get(path).status_code == 404
    assert stranger.get("/appointments").json["items"] == []


def _contact(session: Any, company_id: int, by: Actor) -> str:
    company = session.get_one(Company, company_id)
    added = add_contact(company, ContactInput("高雅"), by, NOW).contact.public_id
    session.commit()
    return added
