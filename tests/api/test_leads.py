"""Leads by machine: fields, filters, pages, changes, moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from models.company import Company
from models.enums import Stage, Status
from models.lead import Lead
from models.place import Park
from models.stage_change import StageChange
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.leads.making import CHANNEL, NOW, SEGMENT, a_lead, a_visit
from tests.people import People

FIELDS = {
    *("id", "company", "segment", "channel", "project", "owner", "team", "district", "park"),
    *("stage", "status", "need", "last_touch_at", "next_step", "next_step_on", "version"),
    *("planned_investment_cny", "planned_revenue_cny", "planned_headcount"),
    *("signed_investment_cny", "expected_signing_on", "expected_landing_on"),
    *("signed_on", "registered_on", "landed_on"),
}


@pytest.fixture
def company(session: Any) -> str:
    """A company that nobody holds."""
    made = create_company("星环软件有限公司", now=NOW)
    session.commit()
    return made.public_id


def test_a_lead_is_made_with_the_callers_owner_and_team(
    machine: Machine, scout: User, company: str
) -> None:
    sent = {
        "company": company,
        "segment": SEGMENT,
        "channel": CHANNEL,
        "park": "nanhu",
        "planned_investment_cny": 120_000_000,
        "planned_headcount": 160.0,
        "expected_signing_on": "2027-03-01",
        "need": "要一层楼",
        "next_step": "带看场地",
        "next_step_on": "2099-12-01",
    }
    answer = machine.post("/leads", sent)
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert set(made) >= FIELDS
    assert (made["owner"], made["team"]) == (scout.public_id, "beijing")
    assert (made["stage"], made["status"]) == ("identified", "active")
    assert (made["district"], made["park"]) == ("nanhu", "nanhu")
    assert {name: made[name] for name in sent} == sent
    assert answer.headers["Location"] == f"/api/v1/leads/{made['id']}"
    again = machine.get(f"/leads/{made['id']}")
    assert again.json == made
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_all_that_is_wrong_is_named_at_once(machine: Machine) -> None:
    sent = {"company": "x", "project": "a" * 201, "nonsense": 1, "planned_headcount": True}
    answer = machine.post("/leads", sent)
    assert answer.status_code == 422
    assert answer.json["code"] == "refused"
    assert set(answer.json["errors"]) == {*sent, "segment", "channel"}
    assert answer.json["errors"]["nonsense"] == ["没有这一项，请核对名称。"]


def test_refusals_are_said_in_the_readers_language(app: Flask, scout: User) -> None:
    answer = machine_of(app, scout, lang="en-GB,en;q=0.9").post("/leads", {"nonsense": 1})
    assert answer.json["errors"]["nonsense"] == ["There is no such field; check its name."]
    answer = machine_of(app, scout, lang="fr").post("/leads", {"nonsense": 1})
    assert answer.json["errors"]["nonsense"] == ["没有这一项，请核对名称。"]


def test_a_company_that_is_held_names_its_holder(
    machine: Machine, people: People, company: str
) -> None:
    other = people.scout("chengdu", name="成都的人")
    a_lead(other, company=company)
    answer = machine.post("/leads", {"company": company, "segment": SEGMENT, "channel": CHANNEL})
    assert (answer.status_code, answer.json["code"]) == (422, "held")
    assert "成都的人" in answer.json["message"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "abc"),
        ("stage=negotiating", "b"),
        ("status=lost", "c"),
        ("status=active", "ab"),
        ("segment=FND", "abc"),
        ("segment=AI", ""),
        ("channel=resident", "abc"),
        ("team=beijing", "abc"),
        ("team=chengdu", ""),
        ("park=nanhu", "b"),
        ("district=nanhu", "b"),
        ("overdue=true", "a"),
        ("stalled=true", ""),
        ("q=阿尔法", "a"),
        ("company={b}", "b"),
        ("project=研发中心", "b"),
        ("expected_signing_on=2027-03-01", "b"),
        ("landed_on=2027-03-01", ""),
        ("next_step_on=2026-01-05", "a"),
        ("owner={me}", "abc"),
        ("owner={none}", ""),
        ("list=china-software-100", ""),
        ("stage=negotiating&status=lost", ""),
    ],
)
def test_leads_are_found_by_field(
    machine: Machine, session: Any, scout: User, asked: str, found: str
) -> None:
    leads = {name: a_lead(scout, company_name) for name, company_name in _NAMES.items()}
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    leads["b"].stage, leads["b"].park_id = Stage.NEGOTIATING, park.id
    leads["b"].district_id = park.district_id
    leads["b"].project, leads["b"].expected_signing_on = "研发中心", date(2027, 3, 1)
    leads["a"].next_step_on = date(2026, 1, 5)
    for lead in leads.values():
        lead.stalls_on = None
    leads["c"].status = Status.LOST
    session.flush()
    of_b = session.get_one(Company, leads["b"].company_id).public_id
    path = asked.format(b=of_b, me=scout.public_id, none="zzzzzzzzzzzz")
    items = machine.get(f"/leads?{path}").json["items"]
    by_id = {lead.public_id: name for name, lead in leads.items()}
    assert sorted(by_id[item["id"]] for item in items) == sorted(found)


_NAMES = {"a": "阿尔法软件有限公司", "b": "贝塔软件有限公司", "c": "伽马软件有限公司"}


@pytest.mark.parametrize(
    "asked",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=nonsense",
        "stage=none",
        "nonsense=1",
        "signed_on=soon",
        "q=%00",
        "limit=1&limit=2",
        "overdue=1",
        "cursor=WzE3MDE0MTE4MzQ2MDQ2OTIzMTczMTY4NzMwMzcxNTg4NDEwNTcyOF0",
        # 2**40: a number, and no key.
        "cursor=WzEwOTk1MTE2Mjc3NzZd",
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(machine: Machine, asked: str) -> None:
    answer = machine.get(f"/leads?{asked}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [asked.partition("=")[0]]
    assert answer.json["message"] == "请求里有写错的地方，请看标出的。"


def test_pages_neither_repeat_nor_leave_out_while_leads_come_and_change(
    machine: Machine, session: Any, scout: User
) -> None:
    leads = [a_lead(scout).public_id for _ in range(7)]
    seen, cursor = [], ""
    while True:
        page = machine.get(f"/leads?limit=2{cursor}").json
        seen += [item["id"] for item in page["items"]]
        # Meanwhile one is added, and one that was seen and one that was not are changed.
        a_lead(scout)
        for changed in (leads[-1], leads[0]):
            session.scalars(
                sa.select(Lead).where(Lead.public_id == changed)
            ).one().updated_at = clock.now()
        session.commit()
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == leads[::-1]


def test_a_change_wants_the_state_that_was_read(machine: Machine, scout: User) -> None:
    path = f"/leads/{a_lead(scout).public_id}"
    tag = machine.get(path).headers["ETag"]
    bare = machine.patch(path, {"need": "要场地"})
    assert (bare.status_code, bare.json["code"]) == (428, "match_required")
    first = machine.patch(path, {"need": "要场地"}, If_Match=tag)
    assert (first.status_code, first.json["need"]) == (200, "要场地")
    assert first.headers["ETag"] != tag
    stale = machine.patch(path, {"need": "别的"}, If_Match=tag)
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    weak = machine.patch(path, {"need": "别的"}, If_Match=f"W/{first.headers['ETag']}")
    assert weak.status_code == 412
    either = machine.patch(path, {"need": "又"}, If_Match=f'"0", {first.headers["ETag"]}')
    assert (either.status_code, either.json["need"]) == (200, "又")


def test_what_one_has_is_not_sent_again(machine: Machine, scout: User) -> None:
    path = f"/leads/{a_lead(scout).public_id}"
    tag = machine.get(path).headers["ETag"]
    same = machine.get(path, If_None_Match=tag)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    machine.patch(path, {"need": "要场地"}, If_Match=tag)
    assert machine.get(path, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_the_tag_of_a_compressed_answer_counts(machine: Machine, scout: User, coding: str) -> None:
    path = f"/leads/{a_lead(scout).public_id}"
    read = machine.get(path, Accept_Encoding=coding)
    assert read.headers["Content-Encoding"] == coding
    tag = read.headers["ETag"]
    assert machine.get(path, Accept_Encoding=coding, If_None_Match=tag).status_code == 304
    assert machine.patch(path, {"need": "要场地"}, If_Match=tag).status_code == 200
    assert machine.patch(path, {"need": "别的"}, If_Match=tag).status_code == 412


@pytest.mark.parametrize(
    ("sent", "district", "park"),
    [
        ({"park": "nanhu"}, "nanhu", "nanhu"),
        ({"district": "nanhu"}, "nanhu", None),
        ({"district": "nanhu", "park": "nanhu"}, "nanhu", "nanhu"),
        ({"park": None}, "nanhu", None),
        ({"district": None}, None, None),
        ({"need": "要场地"}, "nanhu", "nanhu"),
    ],
)
def test_district_and_park_are_one_choice(
    machine: Machine, scout: User, sent: Any, district: str | None, park: str | None
) -> None:
    path = f"/leads/{a_lead(scout, more={'place': 'park:nanhu'}).public_id}"
    changed = machine.patch(path, sent, If_Match="*").json
    assert (changed["district"], changed["park"]) == (district, park)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"park": "nowhere"}, "park"),
        ({"park": "nanhu", "district": "haining"}, "park"),
        ({"segment": "NONE"}, "segment"),
        ({"owner": "zzzzzzzzzzzz"}, "owner"),
        ({"next_step": "带看"}, "next_step_on"),
        ({"stage": "landed"}, "stage"),
        ({"segment": None}, "segment"),
        # What PostgreSQL does not keep.
        ({"need": "要\x00场地"}, "need"),
        ({"planned_headcount": 2**31}, "planned_headcount"),
        ({"planned_investment_cny": 2**63}, "planned_investment_cny"),
    ],
)
def test_a_wrong_change_changes_nothing(
    machine: Machine, scout: User, sent: Any, field: str
) -> None:
    path = f"/leads/{a_lead(scout).public_id}"
    before = machine.get(path).json
    answer = machine.patch(path, {"need": "要场地", **sent}, If_Match="*")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert machine.get(path).json == before


def test_only_who_may_hands_a_lead_over(app: Flask, people: People, scout: User) -> None:
    lead, other = a_lead(scout), people.scout()
    sent = {"owner": other.public_id}
    path = f"/leads/{lead.public_id}"
    assert machine_of(app, scout).patch(path, sent, If_Match="*").status_code == 403
    leader = machine_of(app, people.team_lead())
    assert leader.patch(path, sent, If_Match="*").json["owner"] == other.public_id
    away = {"owner": people.scout("chengdu").public_id, "team": "chengdu"}
    handed = leader.patch(path, away, If_Match="*")
    # The last that they see of it.
    assert (handed.status_code, handed.json["team"]) == (200, "chengdu")
    assert leader.get(path).status_code == 404


def test_a_move_runs_through_the_one_gate(machine: Machine, scout: User) -> None:
    lead = a_lead(scout, need="要场地")
    path = f"/leads/{lead.public_id}/stage-changes"
    refused = machine.post(path, {"to_stage": "negotiating"})
    assert (refused.status_code, refused.json["code"]) == (422, "gate_unmet")
    assert {"touch", "visit", "district"} <= set(refused.json["errors"])
    a_visit(lead, scout)
    moved = machine.post(path, {"to_stage": "engaged"})
    assert moved.status_code == 201, moved.text
    assert (moved.json["from_stage"], moved.json["to_stage"]) == ("identified", "engaged")
    assert moved.json["actor"] == scout.public_id
    assert moved.json["version"] == machine.get(f"/leads/{lead.public_id}").json["version"]
    listed = machine.get(path).json
    assert [change["seq"] for change in listed["items"]] == [1, 2]
    first = machine.get(f"{path}?limit=1").json
    assert machine.get(f"{path}?cursor={first['next']}").json["items"][0]["seq"] == 2


def test_a_move_of_an_older_version_is_a_conflict(
    machine: Machine, session: Any, scout: User
) -> None:
    lead = a_lead(scout)
    path = f"/leads/{lead.public_id}"
    machine.patch(path, {"need": "要场地"}, If_Match="*")
    sent = {"to_status": "lost", "reason": "去了别处"}
    for older in (0, 1):  # no lead had the first: as old as can be
        stale = machine.post(f"{path}/stage-changes", {**sent, "version": older})
        assert (stale.status_code, stale.json["code"]) == (409, "conflict")
    assert session.scalar(sa.select(sa.func.count()).select_from(StageChange)) == 1
    moved = machine.post(f"{path}/stage-changes", {**sent, "version": 2})
    assert moved.status_code == 201


@pytest.mark.only_sqlite
@pytest.mark.parametrize("below", ["", "/stage-changes", "/attachments", "/premises", "/snoozes"])
def test_anothers_lead_is_not_there_whatever_is_sent(
    app: Flask, people: People, scout: User, below: str
) -> None:
    path = f"/leads/{a_lead(scout).public_id}{below}"
    wrong = {"nonsense": 1}
    for user, status in ((scout, 422), (people.scout("chengdu"), 404)):
        who = machine_of(app, user)
        answer = who.post(path, wrong) if below else who.patch(path, wrong, If_Match="*")
        assert (answer.status_code, user.id) == (status, user.id), answer.text


def test_nothing_but_json_is_read(machine: Machine) -> None:
    for options, status, code in (
        ({"data": b"{", "content_type": "application/json"}, 400, "no_json"),
        ({"data": b'{"a": NaN}', "content_type": "application/json"}, 400, "no_json"),
        ({"data": b"[" * 50_000, "content_type": "application/json"}, 400, "no_json"),
        ({"data": b"\xff", "content_type": "application/json"}, 400, "no_json"),
        ({"data": b"a=b", "content_type": "application/x-www-form-urlencoded"}, 415, "media_type"),
        ({"data": b"{}", "content_type": "text/plain"}, 415, "media_type"),
        ({"data": b" " * 1_048_577, "content_type": "application/json"}, 413, "too_large"),
        ({"data": b"[]", "content_type": "application/json"}, 422, "refused"),
        ({}, 422, "refused"),
    ):
        headers = {"Authorization": f"Bearer {machine.secret}"}
        answer = machine.http.send("POST", "/api/v1/leads", headers=headers, **options)
        assert (answer.status_code, answer.json["code"]) == (status, code), options
        assert set(answer.json) == {"code", "message", "errors"}


def test_every_error_is_json(machine: Machine) -> None:
    nowhere = machine.get("/nowhere")
    assert (nowhere.status_code, nowhere.json["code"]) == (404, "not_found")
    wrong = machine.send("DELETE", "/leads")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method")
    assert {"GET", "POST"} <= set(wrong.headers["Allow"].split(", "))
    for path in ("/leads/UPPER", "/leads/a%00b", "/targets/none/9999", "/chain-map/%E4%B8%AD"):
        answer = machine.get(path)
        assert (answer.status_code, answer.json["errors"]) == (404, {}), path


def test_no_statement_is_sent_for_each_lead(machine: Machine, scout: User) -> None:
    for _ in range(3):
        a_lead(scout)
    few = machine.get("/leads?limit=1").headers["Server-Timing"].split("n=")[1]
    many = machine.get("/leads").headers["Server-Timing"].split("n=")[1]
    assert few == many
