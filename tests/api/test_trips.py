"""Trips by machine: planned, put in order, called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from models.place import Place
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW
from tests.people import People


def test_a_trip_is_planned_ordered_and_called_off(
    app: Flask, session: Any, people: People, machine: Machine
) -> None:
    chengdu = session.scalar(sa.select(Place.id).where(Place.code == "chengdu"))
    companies = []
    for name in ("甲一软件有限公司", "乙二软件有限公司"):
        company = create_company(name, now=NOW)
        company.place_id = chengdu
        companies.append(company.public_id)
    session.commit()
    first = clock.today() + timedelta(days=7)
    last = first + timedelta(days=1)
    sent = {
        "city": "chengdu",
        "first_on": first.isoformat(),
        "last_on": last.isoformat(),
        "purpose": "拜访基础软件企业",
    }
    wrong = machine.post("/trips", {**sent, "city": "atlantis", "last_on": "2020-01-01"})
    assert (wrong.status_code, sorted(wrong.json["errors"])) == (422, ["city", "last_on"])
    ever = machine.post("/trips", {**sent, "first_on": "9999-12-30", "last_on": "9999-12-31"})
    assert (ever.status_code, sorted(ever.json["errors"])) == (422, ["first_on", "last_on"])
    made = machine.post("/trips", sent)
    assert made.status_code == 201, made.text
    path = f"/trips/{made.json['id']}"
    assert (made.json["state"], made.json["stops"], len(made.json["members"])) == ("ahead", [], 1)
    visit = {
        "company": companies[0],
        "client_key": "trip-visit-1",
        "mode": "out",
        "occurred_at": (clock.now() - timedelta(days=1)).isoformat(),
        "reached": False,
    }
    assert machine.post("/visits", visit).status_code == 201
    for company in companies:
        added = machine.post(f"{path}/stops", {"company": company})
        assert added.status_code == 201, added.text
    keys = [stop["id"] for stop in added.json["stops"]]
    assert [stop["company"] for stop in added.json["stops"]] == companies
    tag = added.headers["ETag"]
    stop = f"{path}/stops/{keys[1]}"
    assert machine.patch(stop, {"before": keys[0]}).status_code == 428
    moved = machine.patch(stop, {"before": keys[0], "note": "十点"}, If_Match=tag)
    assert [(one["id"], one["note"]) for one in moved.json["stops"]] == [
        (keys[1], "十点"),
        (keys[0], ""),
    ]
    assert machine.patch(stop, {"note": "两点"}, If_Match=tag).status_code == 412
    outside = machine.patch(stop, {"day": "2020-01-01"}, If_Match="*")
    assert (outside.status_code, list(outside.json["errors"])) == (422, ["day"])
    gone = machine.delete(stop, If_Match=moved.headers["ETag"])
    assert gone.status_code == 204
    # Put off to the days of the visit, it has it; called off, it stands among the cancelled alone.
    day = (clock.today() - timedelta(days=1)).isoformat()
    changed = machine.patch(path, {"first_on": day, "last_on": day}, If_Match="*")
    assert changed.status_code == 422
    changed = machine.patch(path, {"first_on": day}, If_Match="*")
    assert changed.status_code == 200, changed.text
    assert len(changed.json["visits"]) == 1
    off = machine.patch(path, {"cancelled": True, "conclusions": "改期再去"}, If_Match="*")
    assert (off.json["state"], off.json["conclusions"]) == ("cancelled", "改期再去")
    assert machine.get("/trips").json["items"] == []
    assert [one["id"] for one in machine.get("/trips?state=cancelled").json["items"]] == [
        made.json["id"]
    ]
    stranger = machine_of(app, people.scout("chengdu"))
    assert stranger.get(path).status_code == 404
    assert stranger.get("/trips?state=cancelled").json["items"] == []
