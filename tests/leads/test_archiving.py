"""A lead in the trash is nowhere, nothing of it is lost, and it comes back to where it was."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.access import Scope
from crm.companies.contacts import ContactInput, add_contact
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads import board, claims
from crm.leads.archiving import archive_lead, archived_lead, restore_lead
from crm.leads.columns import COLUMNS
from crm.leads.comments import write
from crm.leads.counting import count
from crm.leads.entries import EntryKind
from crm.leads.filters import LeadFilter
from crm.leads.listing import leads_page
from crm.leads.moves import move_lead
from crm.leads.next_steps import set_next_step
from crm.leads.queries import lead_page
from crm.leads.rules import MoveRequest
from crm.leads.totals import counted
from crm.reminders.agenda import agenda_for, due_leads
from crm.reminders.store import book_of
from crm.reports.past import pipeline_at
from crm.visits.queries import recent_leads
from crm.visits.service import NewVisit, log_visit
from models import db
from models.archive import ArchiveEntry
from models.audit import Change, LeadVersion
from models.company import Company
from models.enums import Role, Status, VisitMode
from models.lead import Claim, Lead, LeadTotal
from models.plain import Database
from tests.at_once import at_once
from tests.landing.making import a_signed_lead
from tests.leads.making import NOW, TODAY, a_lead, a_visit, actor_of
from tests.people import People


def put_away(lead: Lead, user: Any, reason: str = "") -> None:
    archive_lead(lead.public_id, reason, actor_of(user), NOW)


def totals_are_right(session: Any) -> None:
    """What the summary keeps is what the leads say."""
    session.flush()
    kept = {tuple(row) for row in session.execute(sa.select(*LeadTotal.__table__.columns)) if row.n}
    assert kept == {tuple(row) for row in session.execute(counted())}


def test_what_is_put_away_is_nowhere(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead, other = a_lead(scout), a_lead(scout)
    set_next_step(lead, "约时间", TODAY, now=NOW, by=scout.id)
    session.commit()
    put_away(lead, scout)
    session.commit()
    for user, scope in ((scout, Scope.MINE), (scout, Scope.TEAM), (boss, Scope.CITY)):
        actor = actor_of(user)
        for status in ("open", "all", "active"):
            wanted = LeadFilter(scope=scope, status=status)
            assert count(actor, wanted, TODAY).n == 1
            narrow = LeadFilter(scope=scope, status=status, channel="resident")
            assert count(actor, narrow, TODAY).n == 1
            found = leads_page(actor, wanted, "updated", None, COLUMNS, TODAY)
            assert [one.lead.id for one in found.items] == [other.id]
        cards = board.board(actor, LeadFilter(scope=scope, status="active"), TODAY)
        assert [c.lead.id for column in cards.columns for c in column.cards] == [other.id]
        assert lead.id not in {i.lead.lead_id for i in agenda_for(actor, TODAY, scope=scope).items}
        assert lead.id not in {one.id for one in recent_leads(actor)}
        with pytest.raises(NotFound):
            lead_page(lead.public_id, actor, TODAY)
    later = TODAY + timedelta(days=400)
    assert lead.id not in due_leads(later, book_of(later))
    totals_are_right(session)


def test_somebody_else_may_take_the_company(session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("shanghai", name="吴佳")
    lead = a_lead(scout)
    session.refresh(lead, ["company"])
    company = lead.company.public_id
    with pytest.raises(Refusal):
        a_lead(other, company=company)
    session.rollback()
    put_away(lead, scout)
    session.commit()
    assert claims.holders_of([lead.company_id]) == []
    second = a_lead(other, company=company)
    with pytest.raises(Refusal) as held:
        restore_lead(lead.public_id, actor_of(scout), NOW)
    assert held.value.code == "held"
    assert "吴佳" in str(held.value.message)
    session.rollback()
    put_away(second, other)
    session.commit()
    restore_lead(lead.public_id, actor_of(scout), NOW)
    session.commit()
    (holder,) = claims.holders_of([lead.company_id])
    assert holder.lead_public_id == lead.public_id
    held_by = session.scalars(sa.select(Claim).filter_by(lead_id=lead.id).order_by(Claim.id)).all()
    assert [claim.released_at is None for claim in held_by] == [False, True]


def test_putting_away_renews_no_protection(session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("shanghai", name="吴佳")
    lead = a_lead(scout)
    claim = claims.current_claim(lead)
    assert claim
    claim.from_on, claim.protected_until = TODAY - timedelta(days=80), TODAY + timedelta(days=10)
    before = claim.from_on, claim.protected_until
    session.commit()
    put_away(lead, scout)
    restore_lead(lead.public_id, actor_of(scout), NOW)
    session.commit()
    (holder,) = claims.holders_of([lead.company_id])
    assert (holder.from_on, holder.protected_until) == before
    # Somebody else was first since: it counts from today.
    put_away(lead, scout)
    session.commit()
    session.refresh(lead, ["company"])
    second = a_lead(other, company=lead.company.public_id)
    put_away(second, other)
    restore_lead(lead.public_id, actor_of(scout), NOW + timedelta(minutes=1))
    session.commit()
    (holder,) = claims.holders_of([lead.company_id])
    assert holder.from_on == TODAY


def test_brought_back_it_is_as_it_was(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_visit(lead, scout)
    write(lead.public_id, "先这样", (), actor_of(scout), now=NOW)
    hold = MoveRequest(to_status=Status.ON_HOLD, reason="等", hold_until=TODAY + timedelta(days=9))
    move_lead(lead.public_id, hold, actor_of(scout), NOW)
    session.commit()
    before = lead_page(lead.public_id, actor_of(scout), TODAY)
    counts = before.timeline.counts
    put_away(lead, scout, "重复登记")
    session.commit()
    entry = archived_lead(lead.public_id, actor_of(scout))
    assert (entry.reason, entry.archived_by.id) == ("重复登记", scout.id)
    restore_lead(lead.public_id, actor_of(scout), NOW)
    session.commit()
    after = lead_page(lead.public_id, actor_of(scout), TODAY)
    # That it lay there is told of it, and counted with its edits.
    assert after.timeline.counts - counts == Counter({EntryKind.EDITS: 2})
    told = lead_page(lead.public_id, actor_of(scout), TODAY, kind=EntryKind.EDITS).timeline.entries
    assert [(one.title.msgid, one.lines, one.who) for one in told] == [
        ("从回收站恢复", (), ""),
        ("归档", ("重复登记",), ""),
    ]
    assert (after.lead.status, after.lead.hold_until) == (Status.ON_HOLD, hold.hold_until)
    assert session.scalar(sa.select(sa.func.count()).select_from(ArchiveEntry)) == 0
    totals_are_right(session)


def test_a_touch_meanwhile_counts(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id)
    person = add_contact(company, ContactInput("周启明"), actor_of(scout), NOW).contact.public_id
    put_away(lead, scout)
    session.commit()
    versions = session.scalar(sa.select(sa.func.count()).select_from(LeadVersion))
    new = NewVisit(
        client_key="while-away",
        company=company.public_id,
        mode=VisitMode.CALL,
        occurred_at=NOW,
        reached=True,
        contacts=(person,),
        summary="打了电话",
    )
    log_visit(new, actor_of(scout), NOW)
    session.commit()
    assert lead.last_touch_at is None
    assert session.scalar(sa.select(sa.func.count()).select_from(LeadVersion)) == versions
    restore_lead(lead.public_id, actor_of(scout), NOW)
    assert lead.last_touch_at == NOW


def test_the_past_still_shows_it(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    session.commit()
    standing = session.scalars(sa.select(LeadVersion).where(LeadVersion.known_to.is_(None))).one()
    known = standing.known_from
    put_away(lead, scout)
    session.commit()
    closed = session.scalars(sa.select(LeadVersion).order_by(LeadVersion.seq)).all()
    assert [version.known_to is None for version in closed] == [False]
    away = clock.now()
    restore_lead(lead.public_id, actor_of(scout), NOW)
    session.commit()
    versions = session.scalars(sa.select(LeadVersion).order_by(LeadVersion.seq)).all()
    assert [version.seq for version in versions] == [1, 2]
    assert versions[1].known_to is None
    session.commit()
    for moment, leads in ((known, 1), (away, 0), (clock.now(), 1)):
        assert len(pipeline_at(Database.of(db.engine), moment).leads) == leads


def test_who_may(session: Any, people: People) -> None:
    owner, colleague, lead_of_team = people.scout(), people.scout(), people.team_lead()
    foreign, boss = people.scout("shanghai"), people.manager()
    lead = a_lead(owner)
    key = lead.public_id
    with pytest.raises(NotFound):
        put_away(lead, foreign)
    with pytest.raises(NotFound):
        put_away(lead, people.administrator())
    put_away(lead, owner)
    session.commit()
    for nobody in (colleague, foreign, people.make(Role.AUDITOR), people.administrator()):
        with pytest.raises((NotFound, Forbidden)):
            restore_lead(key, actor_of(nobody), NOW)
    for somebody in (owner, lead_of_team, boss):
        assert archived_lead(key, actor_of(somebody)).lead_id == lead.id
    signed = a_signed_lead(owner)
    with pytest.raises(Forbidden):
        put_away(signed, lead_of_team)
    put_away(signed, boss)


def test_the_trail_keeps_who_did_it(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    put_away(lead, scout)
    session.commit()
    restore_lead(lead.public_id, actor_of(scout), NOW)
    session.commit()
    fields = session.scalars(
        sa.select(Change.field).where(Change.subject == "archive_entry").order_by(Change.seq)
    ).all()
    assert fields == ["*", "*"]


def test_two_bring_back_the_same_company_at_once(app: Flask, session: Any, people: People) -> None:
    one, two = people.scout(), people.scout("shanghai")
    first = a_lead(one)
    session.refresh(first, ["company"])
    company = first.company.public_id
    put_away(first, one)
    session.commit()
    second = a_lead(two, company=company)
    put_away(second, two)
    session.commit()
    actors = {"one": actor_of(one), "two": actor_of(two)}
    keys = {"one": first.public_id, "two": second.public_id}
    session.commit()

    def deed(name: str) -> Any:
        return lambda: restore_lead(keys[name], actors[name], NOW)

    got = at_once(app, {name: (actors[name], deed(name)) for name in actors})
    assert sorted(str(told) == "done" for told in got.values()) == [False, True]
    assert any(isinstance(told, Refusal) and told.code == "held" for told in got.values())
