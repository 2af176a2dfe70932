"""Handing a lead over from its page: to somebody of the team, or of another."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from crm import clock
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
    # It is told which page follows, instead of showing that page in the form's place.
    assert "X-Dialog" in own
    ways = re.findall(rf'href="({path}/hand-overs/new\?team=(\w+))"', own)
    assert [code for _url, code in ways] == ["shenzhen", "shanghai", "chengdu"]
    theirs = client.get(ways[0][0]).text
    assert "您这边就看不到了" in theirs
    assert names[1] in theirs
    version = re.search(r'name="version"[^>]*value="(\d+)"', theirs)
    assert version
    assert "移交之后" in theirs
    sent = {"team": "shenzhen", "owner": taker, "version": version[1]}
    refused = client.post(f"{path}/hand-overs", {**sent, "owner": "", "note": "字" * 401})
    wrong = re.findall(r'data-testid="field-error" data-field="(\w+)"', refused.text)
    assert (refused.status_code, sorted(wrong)) == (422, ["note", "owner"])
    sent |= {"note": " 先联系周总，场地在等园区 "}
    assert client.post(f"{path}/hand-overs", sent).location == "/leads"
    session.rollback()
    assert session.get_one(Lead, lead_id).owner.public_id == taker
    # Whoever takes it reads the word on Today, and everybody who may in the timeline.
    client.sign_in(other.email)
    told = re.search(r'data-testid="handed-over".*?</section>', client.get("/today").text, re.S)
    assert told
    assert ("先联系周总" in told[0], path in told[0]) == (True, True)
    timeline = client.get(path).text
    assert "说明：先联系周总，场地在等园区" in timeline
    session.get_one(Lead, lead_id).last_touch_at = clock.now()
    session.commit()
    assert "handed-over" not in client.get("/today").text


def test_what_is_taken_back_was_handed_over_to_nobody(
    session: Any, client: Client, people: People
) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout)
    boss, path = people.team_lead(), f"/leads/{lead.public_id}"
    session.commit()
    client.sign_in(boss.email)
    sent = {"team": "beijing", "owner": colleague.public_id, "note": "撤销"}
    page = client.get(client.post(f"{path}/hand-overs", sent).location).text
    assert "说明：“撤销”" in unescape(page)
    (undo,) = re.findall(rf'action="({path}/hand-overs\?was=[^"]+)"', page)
    client.post(unescape(undo))
    for who in (scout, colleague):
        assert "handed-over" not in client.sign_in(who.email).get("/today").text
