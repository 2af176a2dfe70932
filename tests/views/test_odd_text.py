"""What no database keeps, and numbers that are none, in addresses and forms of pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
import wtforms
from flask import Flask

from models.company import Company
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People
from views.forms.fields import ShareField, WholeField

SAID = "文字里有不能保存的字符，请去掉。"
NUL = "a\x00b"


def test_a_stranger_who_signs_in_by_it_is_refused(client: Client, people: People) -> None:
    email = people.scout().email
    client.get("/login")
    for sent in ({"email": "a\x00b@x.cn", "password": "x"}, {"email": email, "password": NUL}):
        refused = client.post("/login", sent)
        assert (refused.status_code, SAID in refused.text) == (422, True), sent
    halves = json.dumps({"email": email, "password": "\ud800"})
    halved = client.post("/login", halves.encode(), content_type="application/json")
    assert (halved.status_code, halved.json["errors"]) == (422, {"password": [SAID]})  # type: ignore[index]
    assert client.get("/login?next=%00").status_code == 404


def test_no_address_holds_it(client: Client, people: People) -> None:
    client.sign_in(people.manager().email)
    for path in ("/leads/%00", "/leads?segment=%00", "/companies?q=a%00", "/static/%00", "/%00"):
        assert client.get(path).status_code == 404, path
    # What only looks like it is text.
    assert client.get("/companies?q=100%2500").status_code == 200


def test_no_field_takes_it(client: Client, people: People, session: Any) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(scout.email)
    for path, sent in (
        (f"/leads/{lead.public_id}/comments", {"text": NUL}),
        (f"/companies/{company}/contacts", {"name": "高雅", "title": NUL}),
        (f"/companies/{company}/edit", {"name": NUL, "segments": [NUL]}),
        (f"/leads/{lead.public_id}/edit", {"project": NUL, "segment": NUL, "channel": NUL}),
    ):
        refused = client.post(path, sent)
        assert (refused.status_code, SAID in refused.text) == (422, True), path
        assert "\x00" not in refused.text, path
    password = client.post(
        "/account/password",
        {"password": "x", "new_password": NUL * 5, "new_password_confirm": NUL * 5},
    )
    assert (password.status_code, SAID in password.text) == (422, True)


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": 5, "segments": None, "short_name": {"a": 1}, "credit_code": [None]}, 302),
        ({"name": None}, 422),
        ([1], 400),
        ("x", 400),
        (5, 400),
    ],
)
def test_a_form_takes_json_of_any_shape_for_texts(
    client: Client, people: People, session: Any, body: Any, status: int
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(scout.email)
    assert client.post(f"/companies/{company}/edit", json=body).status_code == status
    assert client.post(f"/leads/{lead.public_id}/comments", json=body).status_code in {400, 422}


def test_no_hidden_value_names_a_record_by_it(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    assert client.post("/bulk-edits", {"kind": "owner", "lead": [NUL]}).status_code == 302
    path = f"/leads/{lead.public_id}"
    moved = {"to_status": "lost", "reason": NUL}
    refused = client.post(f"{path}/stage-changes", json=moved)
    assert (refused.status_code, refused.json["errors"]) == (422, {"reason": [SAID]})  # type: ignore[index]
    assert client.post(f"{path}/placements", json={"place": f"park:{NUL}"}).status_code == 422


@pytest.mark.only_sqlite
def test_a_number_that_is_none_is_said_in_our_words(app: Flask) -> None:
    class Probe(wtforms.Form):
        number, share = WholeField(), ShareField()

    def errors(name: str, text: str) -> list[str]:
        form = Probe()
        form[name].process(_Sent({name: [text]}))
        return list(form[name].process_errors)

    with app.test_request_context():
        for text in ("+-5", "--5", "5-", "+", "1e9", "9" * 5000):
            (said,) = errors("number", text)
            assert said in {"只填数字。", "数字太大了，请核对。"}, text
        for text in ("1e999999", "nan", "sNaN", "inf", "1e2", ".", "9" * 5000, "5.125"):
            (said,) = errors("share", text)
            assert said.startswith(("只填数字", "请填 0 到 100")), text
        for name, text in (
            ("number", "-1,200"),
            ("number", "＋３"),
            ("share", "33.40%"),
            ("share", ".5"),
        ):
            assert errors(name, text) == [], text
        assert not errors("share", "１００")


class _Sent(dict[str, list[str]]):
    """What was sent, as WTForms reads it."""

    def getlist(self, name: str) -> list[str]:
        """All values of a field."""
        return self[name]
