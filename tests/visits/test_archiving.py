"""A visit in the trash counts for nothing, and comes back with all that followed from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.clock import local_date
from crm.companies.queries import visible_visits_of
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads import claims
from crm.leads.entries import EntryKind
from crm.leads.facts import facts_of
from crm.leads.moves import move_lead
from crm.leads.queries import lead_page
from crm.leads.rules import MoveRequest
from crm.reminders.clocks import lead_clocks
from crm.reminders.day import done_since
from crm.reports.evidence import evidence_of
from crm.search.queries import search
from crm.spans import Span
from crm.visits import totals
from crm.visits.archiving import archive_visit, restore_visit
from crm.visits.filters import VisitFilter
from crm.visits.queries import readable_visit, visits_page, visits_total
from crm.visits.service import log_visit
from models.company import Company, CompanyRelation, RelationKind
from models.enums import Role, Stage
from models.lead import Lead
from models.stage_change import StageChange
from models.visit import Visit, VisitTotal
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People
from tests.visits.test_service import visit_of


def touched(session: Any, *leads: Lead) -> list[Any]:
    session.expire_all()
    return [lead.last_touch_at for lead in leads]


def totals_are_right(session: Any) -> None:
    """What the summary keeps is what the visits say."""
    session.flush()
    rows = session.execute(sa.select(*VisitTotal.__table__.columns)).all()
    assert {tuple(row)[:3]: row.n for row in rows if row.n} == dict(totals.counted(session))


def test_it_is_nowhere_and_counts_for_nothing(session: Any, people: People) -> None:
    scout, boss, mate = people.scout(), people.manager(), people.scout()
    lead = a_lead(scout, "东软集团股份有限公司")
    visit = log_visit(visit_of(lead, summary="看了新场地"), actor_of(scout), NOW).visit
    session.commit()
    who = [actor_of(user) for user in (scout, boss, mate)]
    seen = [_seen(visit, lead, actor) for actor in who]
    assert all(seen)
    archive_visit(visit.public_id, "记错了企业", who[0], NOW)
    session.commit()
    session.expire_all()
    for actor in who:
        assert _seen(visit, lead, actor) == set()
        with pytest.raises(NotFound):
            readable_visit(actor, visit.public_id)
    facts = facts_of(lead)
    assert not facts.has_touch
    assert not facts.has_visit
    assert touched(session, lead) == [None]
    assert session.get_one(Company, lead.company_id).last_touch_at is None
    totals_are_right(session)
    restore_visit(visit.public_id, who[1])
    session.commit()
    session.expire_all()
    assert [_seen(visit, lead, actor) for actor in who] == seen
    assert facts_of(lead).has_visit
    assert touched(session, lead) == [visit.occurred_at]
    totals_are_right(session)


def _seen(visit: Visit, lead: Lead, actor: Any) -> set[str]:
    """Where this person meets the visit."""
    company = lead.company_id
    day = local_date(visit.occurred_at)
    lists = [VisitFilter(mine=True), VisitFilter(), VisitFilter(met=True, between=Span(day, day))]
    found = {
        f"list {number}" for number, wanted in enumerate(lists) if visits_page(actor, wanted).items
    }
    found |= {f"total {n}" for n, one in enumerate(lists) if visits_total(actor, one)}
    ways = {
        "company": visible_visits_of(company, actor),
        "company found": search("东软", actor, 5).visits,
        "words found": search("新场地", actor, 5).visits,
        "done": done_since(actor, visit.occurred_at),
        "timeline": lead_page(lead.public_id, actor, TODAY).timeline.counts.get(EntryKind.VISITS),
        "clock": lead_clocks([lead.id], TODAY)[0].last_touch,
        "evidence": evidence_of([lead], local=False)[lead.id].progress,
    }
    return found | {name for name, there in ways.items() if there}


def test_what_it_alone_had_set_goes_back(session: Any, people: People) -> None:
    """Last touches of company, relatives and leads, and the protection that ran from it."""
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead, child, theirs = a_lead(scout), a_lead(scout), a_lead(elsewhere)
    for one in (child, theirs):
        pair = {"parent_id": lead.company_id, "child_id": one.company_id}
        session.add(CompanyRelation(**pair, kind=RelationKind.SUBSIDIARY))
    session.flush()
    by = actor_of(scout)
    first, second, of_child = (NOW + timedelta(days=n) for n in (10, 30, 20))
    log_visit(visit_of(lead, occurred_at=first), by, first)
    log_visit(visit_of(child, client_key="key-00000002", occurred_at=of_child), by, of_child)
    later = visit_of(lead, client_key="key-00000003", occurred_at=second)
    visit = log_visit(later, by, second).visit
    session.commit()
    protected = [claims.current_claim(one).protected_until for one in (lead, child)]
    assert touched(session, lead, child, theirs) == [second] * 3
    archive_visit(visit.public_id, "", by, second)
    session.commit()
    # The child was met in between; that counts for its parent, not for the parent's other child.
    assert touched(session, lead, child, theirs) == [of_child, of_child, first]
    companies = [session.get_one(Company, one.company_id) for one in (lead, child, theirs)]
    assert [one.last_touch_at for one in companies] == [of_child, of_child, first]
    until = TODAY + timedelta(days=20 + 90)
    assert [claims.current_claim(one).protected_until for one in (lead, child)] == [until, until]
    restore_visit(visit.public_id, by)
    session.commit()
    assert touched(session, lead, child, theirs) == [second] * 3
    assert [claims.current_claim(one).protected_until for one in (lead, child)] == protected


def test_a_later_touch_stands_and_a_passed_gate_stays(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, need="想设研发中心")
    by = actor_of(scout)
    early = log_visit(visit_of(lead), by, NOW).visit
    session.commit()
    move_lead(lead.public_id, MoveRequest(to_stage=Stage.ENGAGED), by, NOW)
    late = NOW + timedelta(days=3)
    call = visit_of(lead, client_key="key-00000002", occurred_at=late)
    log_visit(call, by, late)
    session.commit()
    archive_visit(early.public_id, "", by, late)
    session.commit()
    assert touched(session, lead) == [late]
    assert lead.stage is Stage.ENGAGED
    moved = session.scalars(sa.select(StageChange).order_by(StageChange.id.desc())).first()
    assert moved.facts["has_touch"] is True


def test_who_may(session: Any, people: People) -> None:
    scout, mate, chief = people.scout(), people.scout(), people.team_lead()
    lead = a_lead(scout)
    visit = log_visit(visit_of(lead), actor_of(scout), NOW).visit.public_id
    session.commit()
    for stranger in (people.scout("chengdu"), people.team_lead("chengdu")):
        with pytest.raises(NotFound):
            archive_visit(visit, "", actor_of(stranger), NOW)
    for reader in (mate, people.make(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            archive_visit(visit, "", actor_of(reader), NOW)
    for allowed in (scout, chief, people.manager()):
        archive_visit(visit, "", actor_of(allowed), NOW)
        with pytest.raises(NotFound):
            restore_visit(visit, actor_of(mate))
        restore_visit(visit, actor_of(allowed))
    with pytest.raises(Refusal) as refused:
        archive_visit(visit, "长" * 401, actor_of(scout), NOW)
    assert list(refused.value.errors) == ["reason"]
