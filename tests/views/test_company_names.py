"""What else a company is called: found by it, refused where it can not be, taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.companies.service import create_company
from models.company import Company, CompanyName
from tests.clients import Client
from tests.people import People


@dataclass(frozen=True)
class Their:
    """Who signs in, and two companies."""

    scout: str
    companies: list[Company]


@pytest.fixture
def their(session: Any, people: People) -> Their:
    names = ("科大讯飞股份有限公司", "用友网络科技股份有限公司")
    found = Their(people.scout().email, [create_company(one, now=clock.now()) for one in names])
    session.commit()
    return found


def test_other_names_are_added_found_and_taken_back(client: Client, their: Their) -> None:
    one, other = their.companies[0], their.companies[1]
    path = f"/companies/{one.public_id}/names"
    client.sign_in(their.scout).get(path)

    def found(text: str) -> list[str]:
        items = client.get(f"/companies/suggest?q={text}").json["items"]
        return [item["id"] for item in items]

    assert found("starli") == []
    empty = client.post(path, {"name": " ", "kind": "english"})
    assert (empty.status_code, "请填企业的另一个名称" in empty.text) == (422, True)
    taken = client.post(path, {"name": other.name, "kind": "former"})
    assert (taken.status_code, "已经叫这个名称" in taken.text) == (422, True)
    # A brand may be of many.
    assert client.post(path, {"name": other.name, "kind": "brand"}).status_code == 302
    assert client.post(path, {"name": "Starlink Software", "kind": "english"}).status_code == 302
    assert client.post(path, {"name": "Starlink Software", "kind": "brand"}).status_code == 302
    page = client.get(f"/companies/{one.public_id}").text
    assert page.count("Starlink Software <small") == 1
    assert "英文名" in page
    assert found("starli") == [one.public_id]
    remove = re.findall(rf'action="({path}/\d+/removals)"', page)
    assert len(remove) == 2
    elsewhere = remove[-1].replace(one.public_id, other.public_id)
    assert client.post(elsewhere).status_code == 404
    assert client.post(remove[-1]).status_code == 302
    undo = re.findall(rf'action="({path}/restorations[^"]+)"', client.get("/companies").text)
    assert client.post(remove[-1]).status_code == 404
    assert found("starli") == []
    back = undo[-1].replace("&amp;", "&")
    assert client.post(back.replace(one.public_id, other.public_id)).status_code == 404
    assert client.post(back).status_code == 302
    assert found("starli") == [one.public_id]


def test_what_a_company_is_called_by_law_is_not_taken_away(
    client: Client, their: Their, session: Any
) -> None:
    names = session.scalars(
        sa.select(CompanyName.id).where(CompanyName.company_id == their.companies[0].id)
    ).all()
    client = client.sign_in(their.scout)
    client.get("/companies")
    for name_id in names:
        path = f"/companies/{their.companies[0].public_id}/names/{name_id}/removals"
        assert client.post(path).status_code == 404
    assert len(names) == 2
