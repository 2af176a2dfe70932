"""A local company that a project led to: whose it is, and that nobody is sent to it."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from crm.companies import service
from crm.leads import claims
from models.enums import Status
from models.lead import EntityPhase, LeadEntity
from tests.clients import Client
from tests.leads.making import NOW, SEGMENT, a_lead
from tests.people import People

MOST_STATEMENTS = 15


def test_a_local_company_says_whose_it_is(app: Flask, session: Any, people: People) -> None:
    """To everybody by its investor, to who may open the lead by its project and with a link."""
    scout, other, manager = people.scout(), people.scout("shenzhen"), people.manager()
    company = service.create_company("甲软件有限公司", now=NOW)
    lead = a_lead(scout, company=company.public_id, project="交付中心")
    local = service.create_company("嘉兴乙软件有限公司", now=NOW)
    session.flush()
    service.set_segments(local, [SEGMENT])
    phase = EntityPhase.REGISTERED
    session.add(LeadEntity(lead_id=lead.id, company_id=local.id, phase=phase))
    session.commit()
    investor, key = company.short_name, lead.public_id
    for user, reads in ((scout, True), (manager, True), (other, False)):
        client = Client(app).sign_in(user.email)
        told = f"{investor} 交付中心 的本地公司" if reads else f"{investor} 的本地公司"
        for path in (f"/companies/{local.public_id}", f"/companies?segment={SEGMENT}"):
            page = client.get(path)
            assert _statements(page) <= MOST_STATEMENTS
            assert told in page.text, (user.name, path)
            assert (f'href="/leads/{key}">{told}' in page.text) is reads
            assert reads or "交付中心" not in page.text
            assert not re.search("没人在跟|还没有人登记", page.text)
        (found,) = client.get(f"/companies/suggest?q={local.name}").json["items"]
        assert found["holder"]["text"].startswith(f"{investor} 的本地公司")
        # It does the segment and is counted there, but nobody need go to it.
        segment = client.get(f"/chain/{SEGMENT}")
        assert _statements(segment) <= MOST_STATEMENTS
        assert 'data-name="companies" data-value="2"' in segment.text
        assert company.public_id in segment.text
        assert local.public_id not in segment.text
    # When the project is lost, it is a company like others.
    lead.status, lead.status_reason = Status.LOST, "去了别处"
    claims.release_claim(lead, NOW)
    session.commit()
    assert local.public_id in client.get(f"/chain/{SEGMENT}").text
    assert "还没有人登记" in client.get(f"/companies/{local.public_id}").text


def _statements(response: Any) -> int:
    return int(re.search(r"n=(\d+)", response.headers["Server-Timing"])[1])
