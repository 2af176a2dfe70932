"""Accounts: made with a password said once, switched off and on, never locking oneself out."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.access import load_actor
from models.enums import Role
from models.user import User
from tests.clients import PASSWORD, Client
from tests.leads.making import a_lead
from tests.people import People

FORM = {"email": "new@jiaxing.example", "name": "罗薇", "role": "scout", "team": "beijing"}


@pytest.fixture
def admin(client: Client, people: People) -> Client:
    """An administrator, signed in."""
    return client.sign_in(people.administrator(name="陈思远").email)


def _password(text: str) -> str:
    found = re.search(r'data-testid="password">([^<]+)<', text)
    assert found
    return found.group(1)


def _user(session: Any, email: str) -> User:
    return session.scalars(sa.select(User).where(User.email == email)).one()


def test_a_new_account_signs_in_with_the_password_that_was_shown_once(
    admin: Client, app: Flask
) -> None:
    admin.get("/admin/users/new")
    made = admin.post("/admin/users", FORM)
    assert made.status_code == 201
    password = _password(made.text)
    Client(app).sign_in_by_form(FORM["email"], password)
    listed = admin.get("/admin/users").text
    assert "罗薇" in listed
    assert password not in listed


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"email": ""}, "email", "请填邮箱。"),
        ({"email": "nobody"}, "email", "请填完整的邮箱"),
        ({"name": ""}, "name", "请填姓名"),
        ({"name": "长" * 500}, "name", "64 个字以内"),
        ({"team": ""}, "team", "招商专员和队长要有小分队"),
        ({"team": "nowhere"}, "team", "nowhere"),
        ({"role": "park_officer"}, "park", "园区人员要有园区"),
        ({"role": "emperor"}, "role", ""),
    ],
)
def test_wrong_input_is_said_at_its_field_and_nothing_is_saved(
    admin: Client, session: Any, change: dict[str, str], field: str, sentence: str
) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(User))
    admin.get("/admin/users/new")
    response = admin.post("/admin/users", FORM | change)
    assert response.status_code == 422
    at_field = re.search(rf'data-field="{field}"[^>]*>([^<]+)<', response.text)
    assert at_field, response.text
    assert sentence in at_field.group(1)
    assert not re.search(
        r"[A-Za-z]{4}", at_field.group(1).replace("nowhere", "").replace("name@jiaxing.example", "")
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(User)) == before


def test_an_address_is_taken_once(admin: Client) -> None:
    admin.post("/admin/users", FORM)
    again = admin.post("/admin/users", FORM | {"email": FORM["email"].upper()})
    assert again.status_code == 422
    assert "这个邮箱已经有账号。" in again.text


def test_a_closed_account_is_out_and_comes_back(
    admin: Client, app: Flask, people: People, session: Any
) -> None:
    user = people.scout()
    address = f"/admin/users/{user.public_id}"
    theirs = Client(app).sign_in(user.email)
    assert admin.post(f"{address}/deactivations").status_code == 302
    assert theirs.get("/account").status_code == 302
    assert admin.post(f"{address}/activations").status_code == 302
    Client(app).sign_in(user.email)


def test_nobody_locks_themselves_out(admin: Client, session: Any, people: People) -> None:
    me = session.scalars(sa.select(User).where(User.name == "陈思远")).one()
    for action in ("deactivations", "password-resets"):
        assert admin.post(f"/admin/users/{me.public_id}/{action}").status_code == 422
    assert admin.get("/admin/users").status_code == 200
    demoted = {"name": me.name, "email": me.email, "role": "auditor"}
    assert "最后一位" in admin.post(f"/admin/users/{me.public_id}", demoted).text
    people.administrator()
    assert "另一位管理员" in admin.post(f"/admin/users/{me.public_id}", demoted).text


def test_one_administrator_stays(app: Flask, people: People, session: Any) -> None:
    last = people.administrator()
    people.administrator().active = False
    session.commit()
    run = app.test_cli_runner().invoke
    for words in (("deactivate", last.email), ("change", last.email, "--role", "auditor")):
        refused = run(args=["users", *words])
        assert (refused.exit_code, "last active administrator" in refused.stderr) == (2, True)


def _form(user: User, **changes: str) -> dict[str, str]:
    """An account's form as its page shows it."""
    shown = {"name": user.name, "email": user.email, "role": user.role.value, "team": "beijing"}
    return {**shown, "park": "", **changes}


def _team(user: User) -> str:
    return str(load_actor(user, clock.today()).unit)


def _read(page: str) -> str:
    found = re.search(r'name="read"[^>]* value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_who_goes_to_another_team_leaves_the_leads_to_a_colleague(
    admin: Client, app: Flask, people: People, session: Any
) -> None:
    scout, heir, stranger = people.scout(), people.scout(), people.scout("shanghai")
    leads = [a_lead(scout) for _ in range(2)]
    team, was = leads[0].team_id, scout.name
    theirs = Client(app).sign_in(scout.email)
    path = f"/admin/users/{scout.public_id}"
    assert "手上有本队 2 条线索" in admin.get(path).text
    moved = _form(scout, team="shanghai", name="罗薇")
    for wrong in (stranger, scout):
        refused = admin.post(path, {**moved, "heir": wrong.public_id})
        assert (refused.status_code, "接手的人要在这支小分队里" in refused.text) == (422, True)
        assert 'value="罗薇"' in refused.text
    assert "不用改派" in admin.post(path, _form(scout, heir=heir.public_id)).text
    saved = admin.post(path, {**moved, "heir": heir.public_id}, follow_redirects=True).text
    assert "罗薇 的账号已保存。对方要重新登录。2 条线索已改派。" in saved
    session.rollback()
    assert [(lead.owner_id, lead.team_id) for lead in leads] == [(heir.id, team)] * 2
    assert theirs.get("/account").status_code == 302
    assert _team(scout) == "上海小分队"
    told = re.search(r'data-testid="edit">(.*?)</li>', saved, re.DOTALL)
    assert told
    assert set(re.findall(r"(?:姓名|加入|离开)[^<]*", told.group(1))) == {
        f"姓名：{was} → 罗薇",
        "加入上海招商小分队",
        "离开北京招商小分队",
    }


def test_a_name_and_an_address_end_no_session(
    admin: Client, app: Flask, people: People, session: Any
) -> None:
    manager = people.manager()
    theirs = Client(app).sign_in(manager.email)
    path = f"/admin/users/{manager.public_id}"
    wanted = {"name": "罗薇", "email": "LUO@jiaxing.example ", "role": "manager"}
    assert admin.post(path, wanted).status_code == 302
    assert theirs.get("/account").status_code == 200
    assert (manager.name, manager.email) == ("罗薇", "luo@jiaxing.example")


def test_two_who_change_one_account_are_shown_both_values(
    admin: Client, people: People, session: Any
) -> None:
    scout = people.scout()
    path = f"/admin/users/{scout.public_id}"
    read = _read(admin.get(path).text)
    assert admin.post(path, _form(scout, name="先到", read=read)).status_code == 302
    late = _form(scout, name="后到", team="chengdu", read=read)
    stale = admin.post(path, late)
    assert stale.status_code == 409
    assert "先到" in stale.text
    assert "后到" in stale.text
    session.rollback()
    assert scout.name == "先到"
    chosen = {**late, "read": _read(stale.text), "keep_name": "theirs"}
    assert admin.post(path, chosen).status_code == 302
    session.rollback()
    assert (scout.name, _team(scout)) == ("先到", "成都小分队")


def test_who_is_switched_off_hands_over_in_the_same_step(
    admin: Client, people: People, session: Any
) -> None:
    scout, heir = people.scout(), people.team_lead()
    lead = a_lead(scout)
    path = f"/admin/users/{scout.public_id}/deactivations"
    assert "手上有本队 1 条线索" in admin.get(f"{path}/new").text
    gone = admin.post(path, {"heir": heir.public_id}, follow_redirects=True).text
    assert "1 条线索已改派" in gone
    assert f"/admin/users/{scout.public_id}/activations?" not in gone
    session.rollback()
    assert (scout.active, lead.owner_id) == (False, heir.id)


def test_the_command_changes_what_it_names(app: Flask, people: People, session: Any) -> None:
    scout, heir = people.scout(), people.scout()
    a_lead(scout)
    session.commit()
    run = app.test_cli_runner().invoke
    words = ("--role", "park_officer", "--team", "", "--park", "nanhu", "--heir", heir.email)
    changed = run(args=["users", "change", scout.email, *words])
    assert (changed.exit_code, changed.output) == (0, f"{scout.email}\t1\n")
    session.rollback()
    actor = load_actor(scout, clock.today())
    assert (actor.role, actor.teams, len(actor.parks)) == (Role.PARK_OFFICER, (), 1)
    assert run(args=["users", "change", "nobody@test.example"]).exit_code == 2


def test_a_reset_ends_open_sessions_and_the_old_password(
    admin: Client, app: Flask, people: People
) -> None:
    user = people.scout()
    theirs = Client(app).sign_in(user.email)
    reset = admin.post(f"/admin/users/{user.public_id}/password-resets")
    assert reset.status_code == 201
    assert theirs.get("/account").status_code == 302
    other = Client(app)
    other.get("/login")
    assert other.post("/login", {"email": user.email, "password": PASSWORD}).status_code == 422
    other.sign_in_by_form(user.email, _password(reset.text))


def test_long_lists_go_on_by_key(admin: Client, people: People) -> None:
    for number in range(52):
        people.manager(name=f"人{number:02}")
    for name in ("周敏", "曾一", "安娜"):
        people.manager(name=name)
    first = admin.get("/admin/users").text
    following = re.search(r'href="(/admin/users\?cursor=[^"]+)"', first)
    assert following
    rest = admin.get(following.group(1)).text
    names = re.findall(r'class="name"><a[^>]+>([^<]+)<', first + rest)
    assert len(names) == len(set(names)) == 56
    # As they sound, not as they are numbered.
    assert [name for name in names if name[0] != "人"][-2:] == ["曾一", "周敏"]
    assert names.index("安娜") < names.index("人00")


def _change(client: Client, **fields: str) -> Any:
    client.get("/account/password")
    form = {"password": PASSWORD, "new_password": "a-longer-password", **fields}
    return client.post("/account/password", {"new_password_confirm": form["new_password"], **form})


def test_one_changes_ones_own_password(client: Client, app: Flask, people: People) -> None:
    user = people.scout()
    client.sign_in(user.email)
    elsewhere = Client(app).sign_in(user.email)
    changed = _change(client)
    assert (changed.status_code, changed.location) == (302, "/account")
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    Client(app).sign_in_by_form(user.email, "a-longer-password")


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "wrong-password"}, "现在的密码不对，请重填。"),
        ({"new_password": "short"}, "新密码要有 10 个字符以上。"),
        ({"new_password": "long" * 2000}, "密码最多 1000 个字符。"),
        ({"password": "long" * 2000}, "现在的密码不对，请重填。"),
        ({"new_password_confirm": "something-else"}, "两次填的不一样，请重填。"),
        ({"new_password": PASSWORD}, "新密码和现在的一样，请换一个。"),
        ({"password": ""}, "请填现在的密码。"),
    ],
)
def test_a_poor_new_password_is_refused(
    client: Client, people: People, fields: dict[str, str], sentence: str
) -> None:
    client.sign_in(people.scout().email)
    response = _change(client, **fields)
    assert response.status_code == 422
    assert sentence in response.text


def test_the_language_stays_with_the_account(client: Client, app: Flask, people: People) -> None:
    user = people.scout()
    client.sign_in(user.email)
    assert client.post("/account/language", {"lang": "en"}).status_code == 302
    assert '<html lang="en">' in client.get("/account").text
    other = Client(app).sign_in(user.email)
    assert '<html lang="en">' in other.get("/account").text
    client.post("/account/language", {"lang": "xx"})
    assert '<html lang="en">' in client.get("/account").text


@pytest.mark.parametrize(
    ("role", "there", "not_there"),
    [
        (Role.SCOUT, {"/calendar", "/visits", "/board", "/queue"}, {"/admin/outbox", "/today"}),
        (Role.ADMINISTRATOR, {"/admin/outbox", "/admin/users"}, {"/calendar", "/queue"}),
    ],
)
def test_on_a_phone_the_account_leads_to_what_the_tabs_do_not(
    client: Client, people: People, role: Role, there: set[str], not_there: set[str]
) -> None:
    page = client.sign_in(people.make(role).email).get("/account").text
    menu = page.split('data-testid="menu"')[1].split("</nav>")[0]
    links = set(re.findall(r'href="([^"]+)"', menu))
    assert there <= links
    assert not links & not_there
