"""Files out: the same rows as the list, for the same eyes, and a line in the trail."""

from __future__ import annotations

import io
import re
import tracemalloc
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from crm import clock
from crm.companies.service import create_company
from crm.leads.inputs import LeadEdit
from models import db
from models.audit import Change, ChangeSet
from models.company import Company
from models.enums import Role, Stage, Status, TaskKind, TaskState
from models.export import Export
from models.figure import Figure
from models.lead import EntityPhase, Lead, LeadEntity
from models.stage_change import StageChange
from models.task import Task
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, a_visit
from tests.people import People
from tests.views.sheets import in_csv, in_xlsx

# The columns as offices print them, in their order.
NEGOTIATING = [
    *("序号", "项目名称", "投资方", "总部所在地", "榜单情况", "产业链环节", "项目内容"),
    *("计划总投资(万元)", "三年软件业务收入(万元)", "三年用工(人)", "载体需求(㎡)", "意向园区"),
    *(
        "线索来源",
        "招商渠道",
        "责任小分队",
        "责任人",
        "挂钩领导",
        "首次接洽",
        "当前阶段",
        "最新进展",
    ),
    *("存在问题", "需协调事项", "下一步计划", "预计签约", "预计落地", "备注"),
]
ADDED = ["签约时间", "协议投资", "注册公司", "注册资本", "到位资金", "实际用工", "兑现情况"]
# What a project has of which nobody knows more than the gate of the first stage asks.
LEAST = {
    *("序号", "投资方", "产业链环节", "线索来源", "招商渠道"),
    *("责任小分队", "责任人", "当前阶段"),
}
TOTAL = re.compile(r'data-testid="result-total" data-value="(\d+)"')
LINK = re.compile(r'href="([^"]+\.(?:csv|xlsx)[^"]*)"')


def links(client: Client, page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in LINK.findall(client.get(page).text)]


def total(client: Client, page: str) -> int:
    found = TOTAL.search(client.get(page).text)
    assert found
    return int(found[1])


def test_the_list_goes_out_as_it_is_shown(app: Flask, session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout("chengdu")
    small = a_lead(scout, "甲软件有限公司", more=LeadEdit(planned_investment_cny=10_000_000))
    large = a_lead(scout, "=乙软件有限公司", more=PLANS)
    lost = a_lead(scout, "丙软件有限公司")
    lost.status = Status.LOST
    a_lead(other, "丁软件有限公司")
    session.commit()
    client = Client(app).sign_in(scout.email)
    page = "/leads?scope=mine&sort=investment"
    files = links(client, page)
    assert len(files) == 8
    rows = in_csv(client, next(link for link in files if link.startswith("/leads.csv")))
    assert [row[0] for row in rows[1:]] == ["'=乙软件有限公司", "甲软件有限公司"]
    assert rows[1][5] == "12000"
    assert len(rows) - 1 == total(client, page)
    assert in_xlsx(client, "/leads.xlsx?status=lost")[1][3] == "线索（流失）"
    assert {small.id, large.id} < set(session.scalars(sa.select(Lead.id)))
    # No condition in the address: what the page shows then.
    assert len(in_csv(client, "/leads.csv")) - 1 == total(client, "/leads")


@pytest.mark.parametrize(
    "page",
    ["/leads?stage=identified", "/leads?status=all&overdue=1", "/companies?listed=1", "/companies"],
)
def test_a_file_has_as_many_rows_as_its_list_says(
    app: Flask, session: Any, people: People, page: str
) -> None:
    scout = people.scout()
    for number in range(3):
        a_lead(scout, next_step="回电" if number else "", next_step_on=TODAY if number else None)
    session.commit()
    client = Client(app).sign_in(scout.email)
    for link in links(client, page)[:2]:
        rows = in_csv(client, link) if ".csv" in link else in_xlsx(client, link)
        assert len(rows) - 1 == total(client, page), link


def test_an_edition_goes_out_as_it_is_shown(app: Flask, session: Any, people: People) -> None:
    manager = people.manager()
    client = Client(app).sign_in(manager.email)
    sheet = "排名,企业名称\n2,第二软件有限公司\n1,第一软件有限公司\n"
    file = (io.BytesIO(sheet.encode()), "list.csv")
    sent = client.post(
        "/targets/import", {"list": "china-software-100", "year": "2018", "file": file}
    )
    assert client.post(f"{sent.location}/application").status_code == 302
    page = "/targets/china-software-100/2018"
    rows = in_xlsx(client, next(link for link in links(client, page) if ".xlsx" in link))
    assert [row[:2] for row in rows[1:]] == [[1.0, "第一软件有限公司"], [2.0, "第二软件有限公司"]]
    assert [row[1] for row in in_csv(client, f"{page}.csv?q=第二")[1:]] == ["第二软件有限公司"]


def test_a_credit_code_stays_whole(app: Flask, session: Any, people: People) -> None:
    company = create_company("乙软件有限公司", now=NOW)
    company.credit_code = "913304001234567890"
    session.commit()
    client = Client(app).sign_in(people.administrator().email)
    rows = in_xlsx(client, "/companies.xlsx")
    assert rows[1][2] == "913304001234567890"


def a_project(session: Any, scout: User, liaison: User) -> Lead:
    """A signed project with all that records know of one."""
    step = {"next_step": "答复场地方案", "next_step_on": date(2026, 12, 1)}
    lead = a_lead(scout, "甲软件有限公司", project="研发中心", more=PLANS, **step)
    a_visit(lead, scout, summary="谈了场地")
    local = create_company("嘉兴甲软件有限公司", now=NOW)
    session.flush()
    with session.no_autoflush:
        lead.stage, lead.status = Stage.REGISTERED, Status.ON_HOLD
        lead.hold_until, lead.held_since, lead.liaison_id = TODAY, TODAY, liaison.id
    lead.signed_on, lead.signed_investment_cny, lead.space_m2 = TODAY, 99_000_000, 2000
    session.add_all(
        [
            LeadEntity(lead_id=lead.id, company_id=local.id, phase=EntityPhase.REGISTERED),
            StageChange(
                lead_id=lead.id,
                seq=9,
                from_stage=lead.stage,
                to_stage=lead.stage,
                from_status=Status.ACTIVE,
                to_status=Status.ON_HOLD,
                reason="等集团批复",
                facts={},
                occurred_at=NOW,
                recorded_at=NOW,
            ),
            *(
                Figure(
                    company_id=local.id,
                    year=year,
                    metric=metric,
                    value=value,
                    source="test",
                    recorded_at=NOW,
                )
                for year, metric, value in (
                    (2026, "registered_capital_cny", 50_000_000),
                    (2025, "registered_capital_cny", 1),
                    (2026, "employees", 31),
                )
            ),
            *(
                Task(
                    lead_id=lead.id,
                    kind=TaskKind.PROMISE,
                    state=state,
                    text="免租",
                    due_on=TODAY,
                    created_at=NOW,
                )
                for state in (TaskState.OPEN, TaskState.DONE, TaskState.CANCELLED)
            ),
        ]
    )
    session.commit()
    return lead


def test_the_ledgers_have_the_columns_that_offices_print(
    app: Flask, session: Any, people: People
) -> None:
    scout, liaison = people.scout(name="周敏"), people.make(Role.LIAISON_LEADER, name="沈副市长")
    a_project(session, scout, liaison)
    bare = a_lead(scout, "乙软件有限公司", segment="FND-DB", channel="roadshow")
    bare.status = Status.ACTIVE
    gone = a_lead(scout, "丙软件有限公司")
    gone.status = Status.LOST
    session.commit()
    client = Client(app).sign_in(scout.email)
    rows = in_xlsx(client, "/ledgers/signed.xlsx")
    assert re.fullmatch(r"签约项目台账（按 \d{4}-\d\d-\d\d \d\d:\d\d 已知的数据）", rows[0][0])
    assert rows[2] == [*NEGOTIATING, *ADDED]
    assert len(rows) == 4
    found = dict(zip(rows[2], rows[3], strict=True))
    assert found == {
        "序号": 1.0,
        "项目名称": "研发中心",
        "投资方": "甲软件有限公司",
        "总部所在地": "",
        "榜单情况": "",
        "产业链环节": found["产业链环节"],
        "项目内容": "想在长三角设研发中心",
        "计划总投资(万元)": 12_000.0,
        "三年软件业务收入(万元)": 24_000.0,
        "三年用工(人)": 160.0,
        "载体需求(㎡)": 2000.0,
        "意向园区": found["意向园区"],
        "线索来源": "驻点招商",
        "招商渠道": "驻点招商",
        "责任小分队": "北京小分队",
        "责任人": "周敏",
        "挂钩领导": "沈副市长",
        "首次接洽": TODAY,
        "当前阶段": "注册（暂缓）",
        "最新进展": "2026-11-25 外出拜访：谈了场地",
        "存在问题": "等集团批复",
        "需协调事项": "",
        "下一步计划": "答复场地方案（2026-12-01）",
        "预计签约": "",
        "预计落地": "",
        "备注": f"暂缓到 {TODAY}：等集团批复",
        "签约时间": date(2026, 11, 25),
        "协议投资": 99_000_000.0,
        "注册公司": "嘉兴甲软件有限公司",
        "注册资本": 50_000_000.0,
        "到位资金": "",
        "实际用工": 31.0,
        "兑现情况": "承诺 2 项，办结 1 项",
    }
    assert found["产业链环节"]
    assert "南湖" in found["意向园区"]
    talks = in_csv(client, "/ledgers/negotiating.csv")
    assert talks[1] == NEGOTIATING
    assert [row[2] for row in talks[2:]] == ["乙软件有限公司"]
    # What no record knows stays empty.
    told = dict(zip(NEGOTIATING, talks[2], strict=True))
    assert {name for name, value in told.items() if value} == LEAST
    assert (told["线索来源"], told["招商渠道"]) == ("长三角路演平台", "平台招商")
    assert len(in_csv(client, "/ledgers/landed.csv")) == 3
    assert len(in_csv(client, "/ledgers/signed.csv?q=没有这家")) == 3


def test_nobody_takes_along_what_they_do_not_see(app: Flask, session: Any, people: People) -> None:
    a_lead(people.scout("chengdu"), "别队软件有限公司", more=PLANS)
    own = a_lead(people.scout(), "本队软件有限公司", more=PLANS)
    session.commit()
    client = Client(app).sign_in(people.scout().email)
    for path in ("/leads.csv?status=all", "/leads.csv?scope=city", "/ledgers/negotiating.csv"):
        text = str(in_csv(client, path))
        assert "本队" in text, path
        assert "别队" not in text, path
    # Who holds a company is known to everybody; what is planned there is not.
    assert "12000" not in str(in_csv(client, "/companies.csv"))
    officer = Client(app).sign_in(people.make(Role.PARK_OFFICER, park="nanhu").email)
    assert len(in_csv(officer, "/leads.csv?status=all")) == 1
    own.stage = Stage.NEGOTIATING
    session.commit()
    assert len(in_csv(officer, "/ledgers/negotiating.csv")) == 3
    for role in (Role.ADMINISTRATOR, Role.SECURITY_OFFICER):
        other = Client(app).sign_in(people.make(role).email)
        assert other.send("GET", "/leads.csv").status_code == 404
        assert other.send("GET", "/ledgers/signed.xlsx").status_code == 404
        assert other.send("GET", "/companies.csv").status_code == 200
    assert client.get("/leads.pdf").status_code == 404
    assert client.get("/targets/china-software-100/1999.csv").status_code == 404


def test_a_file_that_goes_out_is_in_the_trail(app: Flask, session: Any, people: People) -> None:
    scout = people.scout()
    a_lead(scout)
    session.commit()
    client = Client(app).sign_in(scout.email)
    client.send("GET", "/leads.xlsx?scope=mine&stage=identified&sort=days&nonsense=1")
    export = session.scalars(sa.select(Export)).one()
    assert (export.user_id, export.what, export.format, export.rows) == (
        *(scout.id, "leads", "xlsx"),
        1,
    )
    assert export.filter == {"scope": "mine", "stage": "identified", "sort": "days"}
    change, made = session.execute(
        sa.select(Change, ChangeSet)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .where(Change.subject == "export")
    ).one()
    assert (change.subject_id, change.after["rows"], made.actor_id) == (export.id, 1, scout.id)


def test_who_breaks_off_holds_nothing(app: Flask, session: Any, people: People) -> None:
    scout = people.scout()
    for _ in range(3):
        a_lead(scout)
    session.commit()
    client = Client(app).sign_in(scout.email)
    session.commit()
    engine, cursors = db.engine, set[str]()

    def note(_c: object, cursor: Any, *_rest: object) -> None:
        cursors.add(type(cursor).__name__)

    event.listen(engine, "after_cursor_execute", note)
    held = engine.pool.checkedout()  # type: ignore[attr-defined]
    with app.app_context():
        response = client.http.get("/leads.csv?status=all", buffered=False)
        pieces = response.iter_encoded()
        next(pieces)
        # Nothing of it is in the database any more while it is sent.
        assert engine.pool.checkedout() == held  # type: ignore[attr-defined]
        response.close()
    event.remove(engine, "after_cursor_execute", note)
    if engine.dialect.name == "postgresql":
        assert "ServerCursor" in cursors
    assert session.scalars(sa.select(Export.rows)).all() == [3]


@pytest.mark.only_sqlite
def test_many_rows_are_never_held(app: Flask, session: Any, people: People) -> None:
    """What is held at most is the same for four times as many."""
    client = Client(app).sign_in(people.scout().email)
    _many_companies(session, 2_000)
    few = _held(client)
    _many_companies(session, 8_000)
    assert _held(client) < few + 1_200_000
    rows = session.scalars(sa.select(Export.rows).order_by(Export.id)).all()
    assert rows[-1] == session.scalar(sa.select(sa.func.count(Company.id)))


def _held(client: Client) -> int:
    """How much memory making and reading the list of all companies took at most, in bytes."""

    def read() -> None:
        with client.http.get("/companies.xlsx", buffered=False) as response:
            assert response.status_code == 200
            assert sum(len(piece) for piece in response.iter_encoded()) > 10_000

    read()  # what is only made once
    tracemalloc.start()
    read()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def _many_companies(session: Any, count: int) -> None:
    """Companies of which nothing but a name is known, up to so many of them."""
    session.execute(
        sa.text(
            "INSERT INTO company (public_id, kind, name, short_name, normal_form, cadence_days,"
            " rewarded, created_at)"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
            " SELECT 'c' || i, 'legal', '企' || i, '企' || i, '企' || i, 60, false, :now FROM n"
            " WHERE 'c' || i NOT IN (SELECT public_id FROM company)"
        ),
        {"count": count, "now": clock.now()},
    )
    session.commit()
