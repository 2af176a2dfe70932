"""What else a company is called, by machine: read, given, found, refused."""

from __future__ import annotations

from typing import Any

from crm.companies.service import create_company
from tests.api.machine import Machine
from tests.leads.making import NOW

ENGLISH = {"kind": "english", "name": "Transwarp Technology"}
BRAND = {"kind": "brand", "name": "TDH"}


def test_other_names_are_given_found_and_taken_back(machine: Machine, session: Any) -> None:
    create_company("别的软件有限公司", now=NOW)
    session.commit()
    made = machine.post("/companies", {"name": "星环软件有限公司", "other_names": [ENGLISH]})
    assert (made.status_code, made.json["other_names"]) == (201, [ENGLISH])
    path, tag = f"/companies/{made.json['id']}", made.headers["ETag"]
    (row,) = machine.get("/companies?q=transw").json["items"]
    assert (row["id"], row["other_names"]) == (made.json["id"], [ENGLISH])
    for asked, n in (("name=transwarp technology", 1), ("name=transwarp", 0), ("kind=group", 0)):
        assert len(machine.get(f"/companies?{asked}").json["items"]) == n, asked
    taken = {"other_names": [{"kind": "former", "name": "别的软件有限公司"}]}
    refused = machine.patch(path, taken, If_Match=tag)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["other_names"])
    changed = machine.patch(path, {"other_names": [BRAND, BRAND]}, If_Match=tag)
    assert changed.json["other_names"] == [BRAND]
    assert changed.json["short_name"] == "星环软件"
    assert machine.get("/companies?q=transw").json["items"] == []
    for wrong in ({"kind": "legal", "name": "x"}, {"kind": "brand", "name": ""}, {"kind": "brand"}):
        answer = machine.patch(path, {"other_names": [wrong]}, If_Match=changed.headers["ETag"])
        assert answer.status_code == 422, answer.text
