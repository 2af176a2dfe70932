"""A ledger comes in: matched, placed, dated, owned; once, and nothing by halves."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.companies import in_chain as companies_in_chain
from crm.companies.identity import Answer
from crm.companies.search import find_by_name
from crm.companies.service import create_company
from crm.imports.columns import guess_columns
from crm.imports.outcomes import Outcome
from crm.leads import in_chain as leads_in_chain
from crm.leads import totals
from crm.leads.entries import EntryKind
from crm.leads.importing import service, undoing
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.matching import Mode
from crm.leads.importing.staging import StageChoice
from crm.leads.queries import history_of
from crm.leads.timeline import Reader, timeline
from models import db
from models.audit import ChangeSet, LeadVersion
from models.company import Company, CompanyName, CompanyToken
from models.enums import Stage, Status, TaskState, Via
from models.import_batch import ImportRow
from models.lead import Claim, Lead, LeadTotal
from models.note import Note
from models.stage_change import StageChange
from models.task import Task
from models.user import User
from tests.leads.importing.bringing import NOW, bring, count
from tests.leads.importing.ledgers import HEADERS, ledger
from tests.leads.making import PLANS, a_lead, a_visit

COMPANY = "云智信安软件有限公司"
CODE_HEADER, CODE = "统一社会信用代码", "91350100M000100Y43"
Team = dict[str, User]


def only_lead() -> Lead:
    db.session.expire_all()
    return db.session.scalars(sa.select(Lead)).one()


def test_the_usual_headers_are_known_in_any_order_and_by_other_names() -> None:
    guessed = guess_columns(HEADERS, [], LEAD_COLUMNS)
    meant = {key: HEADERS[column] for key, column in guessed.items()}
    assert meant["company"] == "投资方"
    assert meant["team"] == "责任小分队"
    assert meant["owner"] == "责任人"
    assert meant["planned_investment_cny"] == "计划总投资(万元)"
    assert meant["source"] == "线索来源"
    assert meant["channel"] == "招商渠道"
    assert (meant["next_step"], meant["remark"]) == ("下一步计划", "备注")
    assert {"序号", "榜单情况"}.isdisjoint(meant.values())
    other = (
        *("跟进人", "公司名称", "进展阶段", "总投资（亿元）", "下一步", "时限", "最新进展"),
        "意向区县",
    )
    meant = {key: other[column] for key, column in guess_columns(other, [], LEAD_COLUMNS).items()}
    assert set(meant) == {
        *("owner", "company", "stage", "planned_investment_cny", "next_step", "next_step_on"),
        *("progress", "place"),
    }


def test_a_row_becomes_a_lead_with_all_that_belongs_to_it(session: Any, team: Team) -> None:
    brought = bring(ledger({"投资方": COMPANY, "责任人": "张三"}))
    assert brought.outcomes == [Outcome.NEW]
    lead = only_lead()
    assert (lead.project, lead.owner_id, lead.stage) == (
        "华东研发中心",
        team["scout"].id,
        Stage.IDENTIFIED,
    )
    assert (lead.planned_investment_cny, lead.planned_revenue_cny) == (120_000_000, 240_000_000)
    assert (lead.planned_headcount, lead.space_m2) == (160, 3000)
    assert lead.expected_signing_on == date(2026, 12, 31)
    assert lead.district_id
    assert lead.park_id
    step = session.scalars(sa.select(Task)).one()
    assert (step.text, step.due_on, step.assignee_id) == ("答复场地方案", None, lead.owner_id)
    claim = session.scalars(sa.select(Claim)).one()
    assert (claim.team_id, claim.released_at) == (lead.team_id, None)
    assert count(CompanyToken) > 5
    via = session.scalar(
        sa.select(ChangeSet.via).join(LeadVersion, LeadVersion.change_set_id == ChangeSet.id)
    )
    assert via is Via.IMPORT


def test_old_notes_keep_their_author_and_their_day(session: Any, team: Team) -> None:
    bring(ledger({"投资方": COMPANY}))
    lead = only_lead()
    notes = session.scalars(sa.select(Note).order_by(Note.occurred_at)).all()
    assert [(n.heading, n.author_name, n.author_id) for n in notes] == [
        ("首次接洽", "", None),
        ("最新进展", "张三", team["scout"].id),
        ("最新进展", "李四", None),
    ]
    assert {note.recorded_at for note in notes} == {NOW}
    told = history_of(lead)
    reader = Reader(team["scout"].id, NOW, writable=True)
    asked = {"counts": told.counts, "reader": reader, "kind": EntryKind.NOTES}
    entries = timeline(lead, told.changes, **asked).entries
    assert [(e.at.date(), e.who) for e in entries][:2] == [
        (date(2026, 11, 5), "李四"),
        (date(2026, 11, 3), "张三"),
    ]


def test_a_first_contact_without_a_day_is_told_as_it_was_written(session: Any, team: Team) -> None:
    assert bring(ledger({"投资方": COMPANY, "首次接洽": "去年底"})).outcomes == [Outcome.NEW]
    first = sa.select(Note.text, Note.occurred_at).where(Note.heading == "首次接洽")
    assert session.execute(first).one() == ("去年底", None)


def test_without_an_owner_it_is_the_team_leads_and_without_a_stage_a_first_one(
    session: Any, team: Team
) -> None:
    bring(ledger({"投资方": COMPANY, "责任人": "", "当前阶段": ""}))
    lead = only_lead()
    assert (lead.owner_id, lead.stage) == (team["lead"].id, Stage.IDENTIFIED)


def test_a_stage_stops_where_its_gates_do_unless_the_file_says_otherwise(
    session: Any, team: Team
) -> None:
    brought = bring(ledger({"投资方": COMPANY, "当前阶段": "在谈"}))
    assert "还差有效接触、走访、下一步日期" in brought.said()
    assert only_lead().stage is Stage.IDENTIFIED
    undoing.undo(brought.batch, NOW)
    written = bring(ledger({"投资方": COMPANY, "当前阶段": "在谈"}), stages=StageChoice.WRITTEN)
    lead = only_lead()
    assert lead.stage is Stage.NEGOTIATING
    assert "按台账放在“洽谈”" in written.said()
    change = session.scalars(
        sa.select(StageChange).where(StageChange.lead_id == lead.id, StageChange.seq == 2)
    ).one()
    assert (change.to_stage, change.reason) == (Stage.NEGOTIATING, "导入")
    assert change.facts["has_touch"] is False
    assert change.facts["planned_headcount"] == 160


def test_evidence_that_is_there_already_opens_the_gates(session: Any, team: Team) -> None:
    other = a_lead(team["scout"], COMPANY, project="另一个项目")
    a_visit(other, team["scout"], on_lead=False)
    brought = bring(ledger({"投资方": COMPANY, "当前阶段": "接洽"}))
    lead = session.scalars(sa.select(Lead).where(Lead.id != other.id)).one()
    assert lead.stage is Stage.ENGAGED
    assert "另一个项目在谈：" in brought.said()
    assert team["scout"].name in brought.said()


def test_paused_and_lost_projects_come_in_as_such(session: Any, team: Team) -> None:
    rows = (
        {"投资方": COMPANY, "当前阶段": "暂缓"},
        {"投资方": "甲乙软件有限公司", "当前阶段": "终止"},
    )
    data = ledger(*({**row, "存在问题": "总部改了计划"} for row in rows))
    assert bring(data).outcomes == [Outcome.NEW] * 2
    held, lost = session.scalars(sa.select(Lead).order_by(Lead.id)).all()
    assert (held.status, held.hold_until) == (Status.ON_HOLD, date(2027, 2, 23))
    assert lost.status is Status.LOST
    assert count(Claim) == 1
    reasons = set(session.scalars(sa.select(StageChange.reason).where(StageChange.seq == 2)))
    assert reasons == {"导入：总部改了计划"}
    assert bring(data).outcomes == [Outcome.UNCHANGED] * 2


def test_the_same_file_again_changes_nothing(session: Any, team: Team) -> None:
    create_company("四川省通信产业服务有限公司", now=NOW)
    data = ledger(
        {"投资方": COMPANY},
        {"投资方": COMPANY, "项目名称": "结算中心"},
        {"投资方": "广东省通信产业服务有限公司"},
    )
    first = bring(data)
    assert first.outcomes == [Outcome.NEW, Outcome.NEW, Outcome.DOUBTFUL]
    assert count(Company) == 2
    for mode in Mode:
        again = bring(data, mode=mode)
        assert (set(again.outcomes), again.batch) == ({Outcome.UNCHANGED}, None)
    assert (count(Lead), count(Note)) == (2, 6)


def test_add_fills_gaps_replace_overwrites_and_skip_leaves(session: Any, team: Team) -> None:
    lead = a_lead(team["scout"], COMPANY, project="华东研发中心", need="原来的诉求")
    data = ledger({"投资方": COMPANY, "责任人": "王队"})
    assert bring(data, mode=Mode.SKIP).outcomes == [Outcome.UNCHANGED]
    added = bring(data)
    assert added.outcomes == [Outcome.MATCHED]
    lead = only_lead()
    assert (lead.need, lead.owner_id) == ("原来的诉求", team["scout"].id)
    assert (lead.planned_investment_cny, lead.space_m2) == (120_000_000, 3000)
    assert count(Task, Task.state == TaskState.OPEN) == 1
    replaced = bring(data, mode=Mode.REPLACE)
    lead = only_lead()
    assert (lead.need, lead.owner_id) == ("设立华东研发中心", team["lead"].id)
    undoing.undo(replaced.batch, NOW)
    undoing.undo(added.batch, NOW)
    lead = only_lead()
    assert (lead.need, lead.owner_id) == ("原来的诉求", team["scout"].id)
    assert (lead.planned_investment_cny, lead.space_m2, lead.next_step_on) == (None, None, None)
    assert (count(Task), count(Note)) == (0, 0)


def test_replace_moves_forward_as_far_as_the_gates_hold(session: Any, team: Team) -> None:
    lead = a_lead(team["scout"], COMPANY, project="华东研发中心", need="要场地", more=PLANS)
    a_visit(lead, team["scout"])
    data = ledger({"投资方": COMPANY, "当前阶段": "已签约"}, usual={"项目名称": "华东研发中心"})
    brought = bring(data, mode=Mode.REPLACE, team=lead.team_id)
    assert "先放在“接洽”" in brought.said()
    assert only_lead().stage is Stage.ENGAGED
    undoing.undo(brought.batch, NOW)
    moved = only_lead()
    assert (moved.stage, moved.stage_since) == (Stage.IDENTIFIED, date(2026, 11, 25))
    last = session.scalars(sa.select(StageChange).order_by(StageChange.seq.desc())).first()
    assert (last.to_stage, last.reason) == (Stage.IDENTIFIED, "撤销导入")


def test_another_teams_project_names_its_holder(session: Any, team: Team) -> None:
    a_lead(team["other"], COMPANY, project="华东研发中心")
    brought = bring(ledger({"投资方": COMPANY}))
    assert brought.outcomes == [Outcome.ERROR]
    assert "成都队长" in brought.said()
    assert count(Lead) == 1


def test_nobody_imports_for_another_team(session: Any, team: Team) -> None:
    own = team["lead"].id
    beijing = a_lead(team["scout"], "已有软件有限公司").team_id
    data = ledger({"投资方": COMPANY, "责任小分队": "成都小分队"}, {"投资方": COMPANY})
    brought = bring(data, team=beijing, allowed=frozenset({beijing}))
    assert brought.outcomes == [Outcome.ERROR, Outcome.NEW]
    assert "只能导入自己小分队的线索" in brought.said(0)
    assert own == db.session.scalars(sa.select(Lead.owner_id).order_by(Lead.id.desc())).first()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"投资方": ""}, "company"),
        ({"投资方": "长" * 500}, "company"),
        ({"项目名称": "长" * 500}, "project"),
        ({"计划总投资(万元)": "-5000"}, "planned_investment_cny"),
        ({"首次接洽": "2027-01-01"}, "first_contact"),
        ({"预计签约": "很快"}, "expected_signing_on"),
        ({"当前阶段": "天知道"}, "stage"),
        ({"责任人": "没有这个人"}, "owner"),
        ({"责任小分队": "火星小分队"}, "team"),
        ({"产业链环节": "炼钢"}, "segment"),
        ({"产业链环节": ""}, "segment"),
        ({"意向园区": "火星园区"}, "place"),
        ({"招商渠道": "托梦"}, "channel"),
        ({"下一步计划": "长" * 500}, "next_step"),
    ],
)
def test_a_wrong_row_says_its_column_and_stops_no_other(
    session: Any, team: Team, row: dict[str, str], column: str
) -> None:
    brought = bring(ledger({"投资方": COMPANY, **row}, {"投资方": "甲乙软件有限公司"}))
    assert brought.outcomes == [Outcome.ERROR, Outcome.NEW]
    assert [problem.column for problem in brought.results[0].problems] == [column]
    assert brought.results[0].line.number == 2
    assert count(Lead) == 1


def test_a_row_says_all_that_is_wrong_at_once(session: Any, team: Team) -> None:
    known = {"投资方": "甲乙软件有限公司"}
    bring(ledger(known))
    wrong = {"计划总投资(万元)": "很多", "产业链环节": ""}
    brought = bring(ledger({"投资方": COMPANY, **wrong}, {**known, **wrong}), mode=Mode.REPLACE)
    new, there = brought.results
    assert [problem.column for problem in new.problems] == ["planned_investment_cny", "segment"]
    # What is there has its segment, and an empty cell takes nothing away.
    assert [problem.column for problem in there.problems] == ["planned_investment_cny"]


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ({"投资方": "", "产业链环节": ""}, ["company", "segment"]),
        ({CODE_HEADER: "12", "产业链环节": ""}, ["credit_code", "segment"]),
        ({"招商渠道": "托梦", "产业链环节": ""}, ["channel", "segment"]),
    ],
)
def test_whoever_is_meant_a_row_says_what_else_it_lacks(
    session: Any, team: Team, row: dict[str, str], columns: list[str]
) -> None:
    lines = ledger({"投资方": COMPANY, **row}, headers=(*HEADERS, CODE_HEADER))
    assert [problem.column for problem in bring(lines).results[0].problems] == columns


def test_a_row_in_error_takes_no_company_from_the_others(session: Any, team: Team) -> None:
    bring(ledger({"投资方": "四川省通信产业服务有限公司"}))
    wrong = {"投资方": "四川省通信产业服务有限公司", "计划总投资(万元)": "很多"}
    brought = bring(ledger(wrong, {"投资方": "广东省通信产业服务有限公司"}))
    assert brought.outcomes == [Outcome.ERROR, Outcome.DOUBTFUL]


def test_two_rows_of_one_project_are_one(session: Any, team: Team) -> None:
    brought = bring(ledger({"投资方": COMPANY}, {"投资方": "云智信安软件（有限公司）"}))
    assert brought.outcomes == [Outcome.NEW, Outcome.ERROR]
    assert "第 2 行" in brought.said(1)


def test_a_later_row_may_say_the_code_of_a_new_company(session: Any, team: Team) -> None:
    rows = {"投资方": COMPANY}, {"投资方": COMPANY, "项目名称": "二期", CODE_HEADER: CODE}
    brought = bring(ledger(*rows, headers=(*HEADERS, CODE_HEADER)))
    assert brought.outcomes == [Outcome.NEW, Outcome.NEW]
    company = session.scalars(sa.select(Company)).one()
    by_code = sa.select(CompanyToken).where(CompanyToken.token == CODE.lower())
    assert (company.credit_code, len(session.scalars(by_code).all())) == (CODE, 1)
    assert brought.batch
    undoing.undo(brought.batch, NOW)
    assert (count(Company), count(CompanyToken)) == (0, 0)


def test_formulas_are_text(session: Any, team: Team) -> None:
    bring(ledger({"投资方": COMPANY, "备注": '=HYPERLINK("http://x","y")'}))
    assert '=HYPERLINK("http://x","y")' in set(session.scalars(sa.select(Note.text)))


@pytest.mark.parametrize("answer", list(Answer))
def test_a_doubtful_row_is_stored_and_written_when_somebody_decides(
    session: Any, team: Team, answer: Answer
) -> None:
    known = create_company("四川省通信产业服务有限公司", now=NOW)
    data = ledger({"投资方": "广东省通信产业服务有限公司"})
    brought = bring(data)
    assert (brought.outcomes, count(Lead), count(ImportRow)) == ([Outcome.DOUBTFUL], 0, 1)
    service.settle(brought.batch, 2, answer, known.public_id, NOW)
    session.commit()
    lead = only_lead()
    assert (lead.company_id == known.id) is (answer is Answer.SAME)
    assert (brought.batch.counts["doubtful"], brought.batch.counts["new"]) == (0, 1)
    assert bring(data).outcomes == [Outcome.UNCHANGED]
    undoing.undo(brought.batch, NOW)
    session.commit()
    assert (count(Lead), count(Company), count(ImportRow)) == (0, 1, 0)


def test_sums_versions_and_tokens_are_as_if_made_anew(session: Any, team: Team) -> None:
    bring(ledger(*({"投资方": f"甲乙{n}软件有限公司"} for n in range(5)), {"投资方": ""}))
    kept = {tuple(row) for row in session.execute(sa.select(LeadTotal.__table__))}
    totals.rebuild(db.session())
    assert {tuple(row) for row in session.execute(sa.select(LeadTotal.__table__))} == kept
    assert not companies_in_chain.wrong(session()) + leads_in_chain.wrong(session())
    for lead in session.scalars(sa.select(Lead)):
        version = session.scalars(
            sa.select(LeadVersion).where(
                LeadVersion.lead_id == lead.id, LeadVersion.known_to.is_(None)
            )
        ).one()
        assert (version.stage, version.team_id, version.planned_investment_cny) == (
            lead.stage.value,
            lead.team_id,
            lead.planned_investment_cny,
        )
    names = session.scalars(sa.select(CompanyName.name)).all()
    assert len(find_by_name(names)) >= 5


def test_the_command_prints_its_object_and_stops_at_wrong_use(
    app: Flask, session: Any, team: Team, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.csv"
    file.write_bytes(ledger({"投资方": COMPANY}, {"投资方": ""}))
    run = app.test_cli_runner().invoke
    session.commit()
    dry = run(args=["leads", "import", str(file), "--dry-run", "--json"])
    assert json.loads(dry.stdout)["new"] == 1
    assert count(Lead) == 0
    session.commit()
    done = json.loads(run(args=["leads", "import", str(file), "--json"]).stdout)
    assert {key: done[key] for key in ("rows", "new", "matched", "doubtful", "unchanged")} == {
        **{"rows": 2, "new": 1, "matched": 0, "doubtful": 0, "unchanged": 0},
    }
    assert (done["errors"][0]["row"], done["errors"][0]["column"]) == (3, "company")
    session.commit()
    wrong = run(args=["leads", "import", str(file), "--team", "mars"])
    assert (wrong.exit_code, len(wrong.stderr.splitlines())) == (2, 1)
    file.write_bytes(b"")
    assert run(args=["leads", "import", str(file)]).exit_code == 2
    file.write_bytes("甲,乙\n1,2\n".encode())
    assert run(args=["leads", "import", str(file)]).exit_code == 2
