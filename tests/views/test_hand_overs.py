"""Handing a lead over from its page: to somebody of the team, or of another."""

from __future__ import annotations

import re
from typing import Any

from models.lead import Lead
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People


def test_a_lead_is_handed_over_where_it_stands(
    session: Any, client: Client, people: People
) -> None:
    scout, colleague, other = people.scout(), people.scout(), people.scout("shenzhen")
    lead = a_lead(scout)
    path, lead_id, names = f"/leads/{lead.public_id}", lead.id, (colleague.name, other.name)
    taker = other.public_id
    session.commit()
    client.sign_in(people.team_lead().email)
    assert f'data-dialog="{path}/hand-overs/new"' in client.get(path).text
    own = client.get(f"{path}/hand-overs/new").text
    assert (names[0] in own, names[1] in own) == (True, False)
    ways = re.findall(rf'href="({path}/hand-overs/new\?team=(\w+))"', own)
    assert [code for _url, code in ways] == ["shenzhen", "shanghai", "chengdu"]
    theirs = client.get(ways[0][0]).text
    assert "您这边就看不到了" in theirs
    assert names[1] in theirs
    version = re.search(r'name="version"[^>]*value="(\d+)"', theirs)
    assert version
    sent = {"team": "shenzhen", "owner": taker, "version": version[1]}
    assert client.post(f"{path}/hand-overs", sent).location == "/leads"
    session.rollback()
    assert session.get_one(Lead, lead_id).owner.public_id == taker
