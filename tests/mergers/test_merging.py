"""Two records become one with all that was said of them, and are parted as they were."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.companies import in_chain, index, settlement
from crm.companies.figures import REVENUE, record_figure
from crm.companies.queries import Filters, companies_page, companies_total, company_or_404
from crm.companies.search import alike, find_exact
from crm.companies.service import create_company
from crm.companies.suggest import suggest
from crm.leads import in_chain as leads_in_chain
from crm.leads import totals
from crm.leads.claims import leading_holders
from crm.mergers.service import merge, part
from crm.search.queries import search
from models.base import Model
from models.company import Company, CompanyName, NameKind
from models.enums import Stage
from models.lead import EntityPhase, Lead, LeadEntity, LeadTotal
from models.merger import Merger
from models.settled import SettledCompany
from models.visit import Visit
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.mergers.making import CODE, GONE, STAYS, refers, rows, two
from tests.people import People

# What stays with the merged record: what it is one with, and what stands at the other already.
STAY = {"company_segment.company_id", "figure.company_id", "company_name.company_id"}
NOT_MOVED = {"merger.company_id"}


def consistent(session: Any) -> None:
    """What is kept beside the records is what a count gives."""
    assert in_chain.wrong(session) == leads_in_chain.wrong(session) == 0
    assert index.unfindable(session) == index.of_nobody(session) == 0
    columns = LeadTotal.__table__.c
    kept = session.execute(sa.select(*(columns[name] for name in (*totals.Cell._fields, "n"))))
    counted = {tuple(row[:5]) for row in session.execute(totals.counted())}
    assert {tuple(row) for row in kept if row[-1]} == counted
    settled = session.execute(sa.select(*SettledCompany.__table__.columns))
    assert {tuple(row) for row in settled} == {
        tuple(row) for row in session.execute(settlement.counted())
    }


def test_everything_moves_and_comes_back(session: Any, people: People) -> None:
    gone, stays, _scout = two(session, people)
    boss = actor_of(people.manager())
    every = refers(session, gone)
    before, of_each = rows(session), (refers(session, gone), refers(session, stays))
    # Every way in which a row says a company is tried here but for those of a merger itself, the
    # trash, and whom an entry only looks like.
    ways = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if any(key.references(Company.__table__) for key in column.foreign_keys)
    }
    unsaid = {"company.merged_into_id", "merger.company_id", "merger.into_id"}
    unsaid |= {"archive_entry.company_id", "list_entry.alike_id", "company_relation.parent_id"}
    assert ways - unsaid == every.keys()
    merger = merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    consistent(session)
    assert refers(session, gone).keys() <= STAY | NOT_MOVED
    left = refers(session, gone)
    after = refers(session, stays)
    assert after["lead.company_id"] == 2
    assert after["visit.company_id"] == of_each[0]["visit.company_id"] * 2
    assert after["list_entry.company_id"] == 2
    # One parent, one invitation, one stop: what stood at both stands once.
    for once in ("company_relation.child_id", "invitation.company_id", "trip_stop.company_id"):
        assert after[once] == 1, once
    assert left["figure.company_id"] == 1
    assert (stays.credit_code, gone.credit_code) == (CODE, None)
    part(stays.public_id, merger.public_id, boss)
    session.commit()
    consistent(session)
    assert rows(session) == before


def test_it_is_found_as_what_it_became(session: Any, people: People) -> None:
    gone, stays, scout = two(session, people)
    boss, own = actor_of(people.manager()), actor_of(scout)
    total = companies_total(Filters())
    merger = merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    assert company_or_404(gone.public_id) is stays
    assert companies_total(Filters()) == total - 1
    known = find_exact([CODE], [gone.normal_form, stays.normal_form])
    assert {c.id for c in (*known.by_code.values(), *known.by_form.values())} == {stays.id}
    for typed in (GONE[:6], "Stardust", STAYS[:8], CODE):
        assert [hit.id for hit in suggest(typed)] == [stays.id], typed
        assert [c.id for c in companies_page(Filters(query=typed)).items] == [stays.id], typed
        assert [c.id for c in search(typed, own, 5).companies] == [stays.id], typed
    # Both leads are found by either name.
    assert len(search(GONE[:6], own, 5).leads) == len(search("Stardust", own, 5).leads) == 2
    assert stays.id in {
        company.id for company, _likeness in alike([GONE + "分公司"])[GONE + "分公司"]
    }
    assert set(leading_holders([gone.id, stays.id])) == {stays.id}
    listed = Filters(list_code="china-software-100")
    assert stays.id in {company.id for company in companies_page(listed).items}
    former = session.scalars(sa.select(CompanyName).where(CompanyName.name == GONE)).one()
    assert (former.company_id, former.kind) == (stays.id, NameKind.FORMER)
    part(stays.public_id, merger.public_id, boss)
    session.commit()
    assert [hit.id for hit in suggest("Stardust")] == [gone.id]
    assert session.scalar(sa.select(sa.func.count()).select_from(Merger)) == 0


def test_a_touch_of_either_was_one_of_both(session: Any, people: People) -> None:
    gone, stays, _scout = two(session, people)
    latest, was = gone.last_touch_at, stays.last_touch_at
    assert latest > was
    assert not stays.rewarded
    merger = merge(gone.public_id, stays.public_id, actor_of(people.administrator()), NOW)
    session.commit()
    assert stays.last_touch_at == latest
    leads = session.scalars(sa.select(Lead).where(Lead.company_id == stays.id)).all()
    assert [lead.last_touch_at for lead in leads] == [latest, latest]
    # The strictest list of either says how often, and whether it is rewarded.
    assert (stays.cadence_days, stays.rewarded) == (14, True)
    assert session.scalar(sa.select(sa.func.count()).where(Visit.company_id == gone.id)) == 0
    part(stays.public_id, merger.public_id, actor_of(people.manager()))
    session.commit()
    assert (stays.last_touch_at, stays.rewarded, gone.rewarded) == (was, False, True)


def test_figures_of_a_local_company_come_and_go(session: Any, people: People) -> None:
    gone = create_company(GONE, now=NOW)
    stays = create_company(STAYS, now=NOW)
    lead, boss = a_lead(people.scout()), actor_of(people.manager())
    lead.stage, lead.landed_on = Stage.LANDED, TODAY
    session.add(LeadEntity(lead_id=lead.id, company_id=stays.id, phase=EntityPhase.LANDED))
    session.flush()
    record_figure(gone.id, REVENUE, 9_000_000, source="company", now=NOW, as_of=TODAY)
    session.commit()
    before = rows(session)
    merger = merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    consistent(session)
    assert 9_000_000 in session.execute(sa.select(*SettledCompany.__table__.columns)).one()
    part(stays.public_id, merger.public_id, boss)
    session.commit()
    consistent(session)
    assert rows(session) == before
