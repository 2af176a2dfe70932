"""Saved views: who sees one, who changes it, and that it shows nobody more than they may see."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from crm.errors import Forbidden, NotFound, Refusal
from crm.leads.columns import COLUMNS
from crm.leads.views import (
    Shown,
    change_view,
    may_change,
    readable_view,
    remove_view,
    restore_view,
    save_view,
    views_of,
)
from models.audit import Change
from models.enums import Role
from models.saved_view import SavedView, Visibility
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, actor_of
from tests.people import People

SHOWN = Shown({"stage": "negotiating"}, "days")


def saved(user: User, visibility: Visibility, session: Any, name: str = "洽谈最久") -> SavedView:
    view = save_view(name, visibility.value, SHOWN, actor_of(user), NOW)
    session.commit()
    return view


def test_who_sees_and_who_changes(session: Any, people: People) -> None:
    scout, mate, lead_of = people.scout(), people.scout(), people.team_lead()
    stranger, boss, other_boss = people.scout("chengdu"), people.manager(), people.manager()
    everybody = [scout, mate, lead_of, stranger, boss, other_boss]
    wanted = {
        Visibility.PRIVATE: (scout, {scout}, {scout}),
        Visibility.TEAM: (scout, {scout, mate, lead_of}, {scout, lead_of}),
        Visibility.EVERYONE: (boss, set(everybody), {boss, other_boss}),
    }
    for visibility, (author, readers, writers) in wanted.items():
        view = saved(author, visibility, session)
        assert {u for u in everybody if view in views_of(actor_of(u))} == readers
        assert {u for u in readers if may_change(view, actor_of(u))} == writers
        for user in set(everybody) - readers:
            with pytest.raises(NotFound):
                readable_view(view.public_id, actor_of(user))
        for user in readers - writers:
            with pytest.raises(Forbidden):
                remove_view(view.public_id, actor_of(user), NOW)


@pytest.mark.parametrize(
    ("name", "visibility", "field"),
    [
        ("", "private", "name"),
        ("长" * 21, "private", "name"),
        ("好", "everyone", "visibility"),
        ("好", "nobody", "visibility"),
    ],
)
def test_what_can_not_be_saved_is_said(
    session: Any, people: People, name: str, visibility: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        save_view(name, visibility, SHOWN, actor_of(people.scout()), NOW)
    assert list(refused.value.errors) == [field]


def test_who_has_no_team_shows_none(session: Any, people: People) -> None:
    with pytest.raises(Refusal):
        save_view("好", "team", SHOWN, actor_of(people.manager()), NOW)
    with pytest.raises(NotFound):
        save_view("好", "private", SHOWN, actor_of(people.administrator()), NOW)


def test_a_view_is_changed_removed_and_comes_back(session: Any, people: People) -> None:
    scout = people.scout()
    who = actor_of(scout)
    view = saved(scout, Visibility.PRIVATE, session)
    change_view(view.public_id, "新名字", "team", None, who)
    assert (view.name, view.team_id, view.filter) == ("新名字", who.team, {"stage": "negotiating"})
    change_view(view.public_id, "新名字", "team", Shown({"status": "all"}, "updated"), who)
    assert (view.filter, view.sort) == ({"status": "all"}, "updated")
    remove_view(view.public_id, who, NOW)
    session.commit()
    assert view not in views_of(who)
    with pytest.raises(NotFound):
        readable_view(view.public_id, who)
    restore_view(view.public_id, who)
    session.commit()
    assert view in views_of(who)
    fields = session.scalars(sa.select(Change.field).where(Change.subject == "saved_view")).all()
    assert {"*", "name", "visibility", "filter", "removed_at"} <= set(fields)


def test_a_teams_view_has_a_team(session: Any, people: People) -> None:
    view = saved(people.scout(), Visibility.TEAM, session)
    view.team_id = None
    with pytest.raises(IntegrityError, match="team_has_team"):
        session.flush()


def test_a_link_opens_the_list_for_who_may_see_it(app: Flask, session: Any, people: People) -> None:
    scout, mate, stranger = people.scout(), people.scout(), people.scout("chengdu")
    auditor, boss = people.make(Role.AUDITOR), people.manager()
    mine, far = a_lead(scout).public_id, a_lead(stranger).public_id
    client = Client(app).sign_in(scout.email)
    sent = client.post(
        "/views?scope=team&stage=identified&sort=days", {"name": "线索最久", "visibility": "team"}
    )
    page = client.get(sent.location).text
    assert "已存为“线索最久”" in page
    assert 'value="days" selected' in page
    assert mine in page
    assert mine in Client(app).sign_in(mate.email).get(sent.location).text
    for user in (stranger, auditor):
        assert Client(app).sign_in(user.email).get(sent.location).status_code == 404
    # What is everyone's shows each only what they may see.
    link = Client(app).sign_in(boss.email)
    shared = link.post("/views?status=all", {"name": "全部", "visibility": "everyone"}).location
    page = Client(app).sign_in(stranger.email).get(shared).text
    assert far in page
    assert mine not in page
    # Narrowed further, the conditions are the address's own.
    page = client.get(f"{sent.location}&stage=landed").text
    assert mine not in page
    refused = client.post("/views", {"name": "", "visibility": "private"})
    assert (refused.status_code, "给这个视图起个名字。" in refused.text) == (422, True)
    key = sent.location.partition("=")[2]
    renamed = client.post(f"/views/{key}", {"name": "改名", "visibility": "private"})
    assert renamed.location == sent.location
    assert "改名" in client.get("/leads").text
    assert client.post(f"/views/{key}/removal").location == "/leads"
    assert client.get(sent.location).status_code == 404
    assert client.post(f"/views/{key}/restoration").location == sent.location
    assert client.get(sent.location).status_code == 200


def test_columns_are_chosen_kept_and_taken_along(app: Flask, people: People) -> None:
    scout = people.scout()
    a_lead(scout, "甲软件有限公司", need="想要机房")
    client = Client(app).sign_in(scout.email)
    address = "/leads?scope=mine&columns=need&columns=owner&columns=nonsense&columns=need"
    page = client.get(address).text
    heads = re.findall(r'<th scope="col"[^>]*>\s*(?:<a[^>]*>)?([^<]+)', page)
    assert [head.strip() for head in heads] == ["企业", "企业诉求", "负责人"]
    assert "想要机房" in page
    (file, *_rest) = re.findall(r'href="(/leads\.csv[^"]*)"', page)
    text = client.send("GET", file.replace("&amp;", "&")).data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["企业", "项目", "企业诉求", "负责人"],
        ["甲软件有限公司", "", "想要机房", scout.name],
    ]
    (form,) = re.findall(r'href="(/views/new[^"]*)"', page)
    kept = form.replace("&amp;", "&").replace("/views/new", "/views")
    view = client.post(kept, {"name": "诉求", "visibility": "private"}).location
    assert "想要机房" in client.get(view).text
    dialog = client.get(view.replace("/leads", "/leads/columns")).text
    assert re.findall(r'value="(\w+)" checked', dialog) == ["need", "owner"]


def test_every_column_is_read(app: Flask, session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, more=PLANS, next_step="回电", next_step_on=TODAY, need="想要机房")
    lead.liaison_id, lead.last_touch_at = people.make(Role.LIAISON_LEADER).id, NOW
    for name in ("expected_signing_on", "expected_landing_on", "signed_on", "landed_on"):
        setattr(lead, name, TODAY)
    lead.signed_investment_cny, lead.space_m2 = 50_000_000, 800
    session.commit()
    client = Client(app).sign_in(scout.email)
    every = ",".join(column.code for column in COLUMNS)
    page = client.get(f"/leads?status=all&columns={every}")
    assert page.status_code == 200
    (row,) = re.findall(r"<tr data-key-row.*?</tr>", page.text, re.DOTALL)
    assert row.count("<td") == len(COLUMNS) + 2
    assert "未填" not in row.replace("没有", "")
    file = client.send("GET", f"/leads.csv?status=all&columns={every}").data.decode("utf-8-sig")
    (_heads, cells) = list(csv.reader(io.StringIO(file)))
    assert len(cells) == len(COLUMNS) + 2
    # Only the lists and the project are empty: this company stands on none.
    assert [n for n, cell in enumerate(cells) if not cell] == [1, 2]
