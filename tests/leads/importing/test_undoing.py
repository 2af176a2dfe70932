"""An import goes back whole: every table as before, but for the trail and what was worked on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import clock
from crm.companies.service import create_company
from crm.imports.outcomes import Outcome
from crm.leads import edits
from crm.leads.importing import undoing
from crm.leads.importing.matching import Mode
from crm.leads.importing.staging import StageChoice
from crm.leads.inputs import LeadEdit
from crm.reports.past import pipeline_at
from crm.reports.pipeline import as_json
from models import db
from models.audit import LeadVersion
from models.company import Company
from models.enums import Stage
from models.lead import EntityPhase, Lead, LeadEntity
from models.plain import Database
from models.user import User
from tests.leads.importing.bringing import NOW, bring, count, everything
from tests.leads.importing.ledgers import ledger, long_ledger
from tests.leads.making import a_lead, a_visit, actor_of

Team = dict[str, User]
KNOWN = "云智信安软件有限公司"
# So many that they are written together.
MANY = 250

companies = st.sampled_from(
    (KNOWN, "甲乙软件有限公司", "广东省通信产业服务有限公司", "丙丁科技有限公司", "")
)
rows = st.fixed_dictionaries(
    {
        "投资方": companies,
        "项目名称": st.sampled_from(("", "华东研发中心", "结算中心")),
        "责任人": st.sampled_from(("", "张三", "王队", "无名氏")),
        "当前阶段": st.sampled_from(("", "线索", "接洽", "在谈", "暂缓", "终止")),
        "计划总投资(万元)": st.sampled_from(("", "5000", "-1", "1.2亿元")),
        "意向园区": st.sampled_from(("", "南湖区", "核心区")),
        "下一步计划": st.sampled_from(("", "答复场地", "约见总经理")),
        "最新进展": st.sampled_from(("", "2026.11.3 张三：谈了场地", "没有日期的话")),
    }
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.lists(rows, min_size=1, max_size=6),
    mode=st.sampled_from(Mode),
    stages=st.sampled_from(StageChoice),
)
def test_import_then_undo_is_as_before(
    session: Any, team: Team, data: list[dict[str, str]], mode: Mode, stages: StageChoice
) -> None:
    if not count(Lead):
        create_company("四川省通信产业服务有限公司", now=NOW)
        a_visit(a_lead(team["scout"], KNOWN, project="华东研发中心"), team["scout"])
    session.expire_all()
    before = everything()
    brought = bring(ledger(*data), mode=mode, stages=stages)
    assert len(brought.results) == len(data)
    if brought.batch is None:
        assert everything() == before
        return
    again = bring(ledger(*data), mode=mode, stages=stages)
    # What stands twice for one lead is never equal to itself; all else is.
    if Outcome.MATCHED not in brought.outcomes:
        assert set(again.outcomes) <= {Outcome.UNCHANGED, Outcome.ERROR}
    for batch in (again.batch, brought.batch):
        if batch is not None:
            undone = undoing.undo(batch, NOW)
            session.commit()
            assert undone
            assert undone.kept == []
    session.expire_all()
    assert everything() == before


def test_what_was_worked_on_since_stays_and_is_named(session: Any, team: Team) -> None:
    brought = bring(
        ledger(*({"投资方": f"甲乙{n}软件有限公司", "项目名称": f"项目{n}"} for n in range(4)))
    )
    edited, visited, *_rest = session.scalars(sa.select(Lead).order_by(Lead.id))
    edits.edit_lead(edited.public_id, LeadEdit(need="新的诉求"), actor_of(team["lead"]), NOW)
    a_visit(visited, team["scout"])
    undone = undoing.undo(brought.batch, NOW)
    session.commit()
    assert undone
    assert (undone.leads, undone.companies) == (2, 2)
    assert sorted(undone.kept) == ["甲乙0软件有限公司 项目0", "甲乙1软件有限公司 项目1"]
    assert (count(Lead), count(Company)) == (2, 2)
    assert brought.batch.counts["kept_leads"] == 2
    assert undoing.undo(brought.batch, NOW) is None


def test_a_value_that_somebody_changed_since_is_not_overwritten(session: Any, team: Team) -> None:
    lead = a_lead(team["scout"], KNOWN, project="华东研发中心", need="原来的")
    brought = bring(ledger({"投资方": KNOWN}), mode=Mode.REPLACE)
    edits.edit_lead(lead.public_id, LeadEdit(need="后来的"), actor_of(team["lead"]), NOW)
    undone = undoing.undo(brought.batch, NOW)
    session.commit()
    session.expire_all()
    assert undone
    assert undone.kept == ["华东研发中心"]
    assert (lead.need, lead.planned_headcount) == ("后来的", None)


def test_history_outlives_the_leads_and_no_lead_takes_their_number(
    session: Any, team: Team
) -> None:
    data = ledger({"投资方": KNOWN})
    first = bring(data)
    gone = session.scalars(sa.select(Lead.id)).one()
    session.commit()
    stood = clock.now()
    before = b"".join(as_json(pipeline_at(Database.of(db.engine), stood)))
    assert KNOWN.encode() in before
    undoing.undo(first.batch, clock.now())
    session.commit()
    version = session.scalars(sa.select(LeadVersion).where(LeadVersion.lead_id == gone)).one()
    assert version.known_to is not None
    session.commit()
    assert b"".join(as_json(pipeline_at(Database.of(db.engine), stood))) == before
    assert KNOWN.encode() not in b"".join(as_json(pipeline_at(Database.of(db.engine), clock.now())))
    assert bring(data).outcomes == [Outcome.NEW]
    assert session.scalars(sa.select(Lead.id)).one() > gone


def test_many_leads_take_no_number_of_those_that_are_gone(session: Any, team: Team) -> None:
    data = long_ledger(MANY)
    first = bring(data)
    kinds = (Lead, Company)
    last = [session.scalar(sa.select(sa.func.max(kind.id))) for kind in kinds]
    undoing.undo(first.batch, NOW)
    session.commit()
    assert count(Lead) == 0
    assert bring(data).outcomes == [Outcome.NEW] * MANY
    lowest = [session.scalar(sa.select(sa.func.min(kind.id))) for kind in kinds]
    assert all(new > old for new, old in zip(lowest, last, strict=True))


def test_a_local_company_follows_its_project_back(session: Any, team: Team) -> None:
    lead = a_lead(team["scout"], KNOWN, project="华东研发中心")
    lead.stage = Stage.REGISTERED
    local = create_company("嘉兴云智信安软件有限公司", now=NOW)
    entity = LeadEntity(lead_id=lead.id, company_id=local.id, phase=EntityPhase.REGISTERED)
    session.add(entity)
    session.commit()
    row = {"投资方": KNOWN, "项目名称": "华东研发中心", "当前阶段": "落地"}
    brought = bring(ledger(row), mode=Mode.REPLACE, stages=StageChoice.WRITTEN)
    assert (lead.stage, entity.phase) == (Stage.LANDED, EntityPhase.LANDED)
    undone = undoing.undo(brought.batch, NOW)
    session.commit()
    session.expire_all()
    assert undone
    assert undone.kept == []
    assert (lead.stage, entity.phase) == (Stage.REGISTERED, EntityPhase.REGISTERED)
