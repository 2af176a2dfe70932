"""The map's pages: what they judge is of the whole city, what they count the reader's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from crm.chain.map import judgements
from crm.chain.queries import all_links, all_segments
from crm.chain.rules import ENOUGH, IN_TALKS, LANDED, SIGNED_ONLY
from crm.leads.archiving import archive_lead
from crm.reports.coordination import coordination_lists
from models.enums import Role, Stage, Status
from models.segment import Gap
from tests.clients import Client
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People

FIGURE = re.compile(r'data-testid="figure" data-name="([\w-]+)" data-value="(\d+)" href="([^"]+)"')
# Where the makers of leads put them, what it belongs to, and who buys from that.
SEGMENT, ABOVE, CUSTOMER = "FND-DB", "FND", "APP"
PANEL = f"/chain/{SEGMENT}"
# What is said of the one lead that is not signed; of those that the reader may open where these
# are not all.
ALL_MINE = "在谈 1 条，不含已签约的。"
MINE = "全市在谈 1 条，不含已签约的；您能看的 {} 条。"


def _gap(code: str) -> Gap:
    segments = all_segments()
    (key,) = [s.id for s in segments if s.code == code]
    return judgements(segments, all_links(), {})[key].gap


def test_leads_make_a_segment_as_long_as_they_stand(session: Any, people: People) -> None:
    scout = people.scout()
    leads = [a_lead(scout) for _ in range(ENOUGH)]
    session.commit()
    assert _gap(SEGMENT) is Gap.MISSING
    leads[0].stage = Stage.COMMITTED
    session.commit()
    assert (_gap(SEGMENT), _gap(ABOVE)) == (Gap.WEAK, Gap.WEAK)
    for lead in leads:
        lead.stage = Stage.LANDED
    session.commit()
    # Whom it would supply is not here.
    assert _gap(SEGMENT) is Gap.EXTENDABLE
    leads[0].status, leads[0].status_reason = Status.LOST, "去了别处"
    archive_lead(leads[1].public_id, "记错了", actor_of(people.manager()), NOW)
    session.commit()
    assert _gap(SEGMENT) is Gap.WEAK


def test_everybody_reads_the_same_judgement_and_counts_their_own(
    app: Flask, session: Any, people: People
) -> None:
    scout, other = people.scout(), people.scout("shenzhen")
    for _ in range(ENOUGH):
        a_lead(scout).stage = Stage.LANDED
    a_lead(scout)
    a_lead(scout).stage = Stage.REGISTERED
    session.commit()
    told = {}
    for user in (scout, other, people.manager()):
        client = Client(app).sign_in(user.email)
        page = client.get("/chain")
        assert int(re.search(r"n=(\d+)", page.headers["Server-Timing"])[1]) <= 15
        figures = {name: value for name, value, _ in FIGURE.findall(page.text)}
        told[user] = [figures[f"gap-{gap.value}"] for gap in Gap]
        node = re.search(rf'data-chain="{SEGMENT}".*?</a>', page.text, re.S)[0]
        assert ('class="n">1<' in node) == (user is not other)
        panel = client.get(PANEL, headers={"HX-Request": "true"}).text
        assert "<html" not in panel
        assert f"落地 {ENOUGH} 个，签约在办 1 个。" in panel
        assert "下游缺失：" in panel
        assert (ALL_MINE if user.role is Role.MANAGER else MINE.format(int(user is scout))) in panel
        own = [(name, int(n)) for name, n, _ in FIGURE.findall(client.get(PANEL).text)]
        counts = (0, 0, 0) if user is other else (1, 1, ENOUGH)
        assert own[2:] == list(zip(("leads", "signed", "landed"), counts, strict=True))
    assert told[scout] == told[other]


def test_in_talks_is_what_the_coordination_lists_call_so() -> None:
    lists = {one.code: tuple(one.stages) for one in coordination_lists()}
    assert lists["talks"] == IN_TALKS
    assert lists["signed"] + lists["registered"] == SIGNED_ONLY
    assert {stage for group in (IN_TALKS, SIGNED_ONLY, LANDED) for stage in group} == set(Stage)


def test_each_number_of_the_legend_and_the_parks_opens_its_segments(
    client: Client, people: People
) -> None:
    client.sign_in(people.manager().email)
    figures = [f for f in FIGURE.findall(client.get("/chain").text) if "-" in f[0]]
    assert {name for name, _, _ in figures} >= {"gap-missing", "park-segments", "park-missing"}
    for name, value, href in figures:
        page = client.get(href.replace("&amp;", "&")).text
        assert f'data-testid="result-total" data-value="{value}"' in page, (name, href)
        assert len(re.findall(r'class="tree-row" data-key-row', page)) == int(value)


@pytest.mark.parametrize("asked", ["gap=none", "park=nowhere", "gap=&park=", "segment=NOWHERE"])
def test_an_unknown_condition_is_none(client: Client, people: People, asked: str) -> None:
    page = client.sign_in(people.scout().email).get(f"/chain?{asked}")
    assert page.status_code == 200
    assert "result-total" not in page.text
