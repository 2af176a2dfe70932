"""What a lead's timeline tells of its registration and landing: before and after, by whom, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm.audit import acting
from crm.companies.service import create_company, set_credit_code
from crm.landing.arrival import arrive
from crm.landing.premises import add_premises, edit_premises, remove_premises
from crm.landing.registration import register
from crm.landing.rules import Arrival, Registration
from crm.landing.trail import told
from crm.leads.entries import Entry, EntryKind
from crm.leads.moves import locked_lead
from crm.leads.queries import lead_page
from crm.leads.timeline import PAGE
from models.audit import Change
from models.company import Company
from models.enums import Via
from models.lead import Lead
from models.premises import Premises
from models.user import User
from tests.clients import Client
from tests.landing.making import ARRIVAL, SPACE, a_registration, a_signed_lead
from tests.leads.making import NOW, TODAY, actor_of
from tests.people import People


def _by(session: Any, user: User, lead: Lead, change: Callable[[Lead], object]) -> None:
    """One change in a transaction of its own."""
    with acting(user.id, Via.WEB):
        change(locked_lead(lead.public_id, actor_of(user)))
        session.commit()


def _edits(lead: Lead, user: User, *, edits: bool = True) -> Iterator[Entry]:
    """The edits on all pages, the newest first; how many there are is what is counted."""
    before, found = None, list[Entry]()
    while True:
        page = lead_page(
            lead.public_id,
            actor_of(user),
            TODAY,
            kind=EntryKind.EDITS if edits else None,
            before=before,
            beside=told,
        ).timeline
        found += page.entries
        before = page.before
        if before is None:
            break
    assert page.counts[EntryKind.EDITS] == sum(one.kind is EntryKind.EDITS for one in found)
    moments = [one.at for one in found]
    assert moments == sorted(moments, reverse=True)
    return iter(one for one in found if one.kind is EntryKind.EDITS)


def _told(entry: Entry) -> tuple[str, str, list[str]]:
    return str(entry.title), entry.who, [str(line) for line in entry.lines]


def test_registration_and_what_is_put_right_are_told(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    first = a_registration("嘉兴先登软件有限公司", share_bp=5_100)
    _by(session, scout, lead, lambda its: register(its, first, NOW))
    later = NOW + timedelta(days=1)
    put_right = Registration(registered_capital_cny=60_000_000, share_bp=6_050)
    _by(session, scout, lead, lambda its: register(its, put_right, later))
    _by(session, scout, lead, lambda its: arrive(its, ARRIVAL, later))
    more = Arrival(employees=30, employees_source="visit", employees_on=TODAY + timedelta(days=1))
    _by(session, scout, lead, lambda its: arrive(its, more, later))
    entries = [_told(one) for one in _edits(lead, scout) if str(one.title) == "本地公司"]
    assert entries == [
        (
            "本地公司",
            scout.name,
            [
                "本地员工：12 人、社保参保、截至 2026-11-25 → 30 人、走访所见、截至 2026-11-26",
            ],
        ),
        ("本地公司", scout.name, ["本地员工：未填 → 12 人、社保参保、截至 2026-11-25"]),
        (
            "本地公司",
            scout.name,
            ["投资方持股：51% → 60.5%", "注册资本：50000000 → 60000000"],
        ),
        (
            "本地公司",
            scout.name,
            [
                "本地公司：未填 → 嘉兴先登软件有限公司",
                "投资方持股：未填 → 51%",
                f"统一社会信用代码：未填 → {first.credit_code}",
                "注册资本：未填 → 50000000",
            ],
        ),
    ]
    page = client.sign_in(scout.email).get(f"/leads/{lead.public_id}?show=edits").text
    assert "注册资本：5000万元 → 6000万元" in page


def test_a_company_that_was_known_brings_what_was_known_and_another_takes_its_place(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    known = create_company("嘉兴旧识软件有限公司", now=NOW)
    code = a_registration().credit_code
    set_credit_code(known, code)
    session.commit()
    _by(session, scout, lead, lambda its: register(its, Registration(known.name), NOW))
    other = a_registration("嘉兴后来软件有限公司", share_bp=None)
    _by(session, scout, lead, lambda its: register(its, other, NOW + timedelta(days=1)))
    # What becomes of the first is the lead's no more.
    session.get_one(Company, known.id).name = "嘉兴改名软件有限公司"
    session.commit()
    entries = [_told(one)[2] for one in _edits(lead, scout) if str(one.title) == "本地公司"]
    assert entries == [
        [
            "本地公司：嘉兴旧识软件有限公司 → 嘉兴后来软件有限公司",
            f"统一社会信用代码：{code} → {other.credit_code}",
            "注册资本：未填 → 50000000",
        ],
        ["本地公司：未填 → 嘉兴旧识软件有限公司", f"统一社会信用代码：未填 → {code}"],
    ]


def test_premises_are_told_until_they_are_taken_away_and_no_others(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead, neighbour = a_signed_lead(scout), a_signed_lead(scout)
    _by(session, scout, lead, lambda its: add_premises(its, SPACE, actor_of(scout), NOW))
    key = session.scalar(sa.select(Premises.public_id))
    moved = replace(SPACE, premises="district:xiuzhou", area_m2=900)
    _by(session, scout, lead, lambda _its: edit_premises(key, moved, actor_of(scout), NOW))
    same = session.scalar(sa.select(sa.func.count(Change.id)))
    _by(session, scout, lead, lambda _its: edit_premises(key, moved, actor_of(scout), NOW))
    assert session.scalar(sa.select(sa.func.count(Change.id))) == same
    _by(session, scout, lead, lambda _its: remove_premises(key, actor_of(scout), NOW))
    # SQLite gives the number again.
    _by(session, scout, neighbour, lambda its: add_premises(its, SPACE, actor_of(scout), NOW))
    whole = "3 号楼 5 层、{}㎡、2026-11-15 起租、2029-08-21 到期"
    assert [_told(one) for one in _edits(lead, scout) if str(one.title) == "办公场地"] == [
        ("办公场地", scout.name, [f"去掉：秀洲、{whole.format(900)}"]),
        (
            "办公场地",
            scout.name,
            [
                "南湖园区、3 号楼 5 层",
                "区县或园区：南湖园区 → 秀洲",
                "面积：800㎡ → 900㎡",
            ],
        ),
        ("办公场地", scout.name, [f"添加：南湖园区、{whole.format(800)}"]),
    ]
    theirs = [_told(one)[2] for one in _edits(neighbour, scout) if str(one.title) == "办公场地"]
    assert theirs == [[f"添加：南湖园区、{whole.format(800)}"]]


def test_many_changes_are_told_page_after_page(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_signed_lead(scout)
    _by(session, scout, lead, lambda its: register(its, a_registration(), NOW))
    for number in range(PAGE + 5):
        given = Registration(registered_capital_cny=1_000_000 * (number + 60))
        at = NOW + timedelta(seconds=number)
        _by(session, scout, lead, lambda its, given=given, at=at: register(its, given, at))
    assert sum(str(one.title) == "本地公司" for one in _edits(lead, scout)) == PAGE + 6
    assert sum(str(one.title) == "本地公司" for one in _edits(lead, scout, edits=False)) == PAGE + 6
