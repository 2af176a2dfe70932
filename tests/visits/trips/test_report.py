"""A trip's report: what it counts, what a reader may not see, and the file read back."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from docx import Document
from docx.oxml.ns import qn
from flask import Flask

from crm.companies.service import create_company
from crm.config import ROOT
from crm.leads.next_steps import set_next_step
from crm.visits.people import NewPerson
from crm.visits.service import NewVisit, log_visit
from crm.visits.trips import service
from crm.visits.trips.report import report_or_404
from crm.visits.trips.service import TripInput
from models.company import Company
from models.enums import Role, Stage, Status, TaskKind, VisitMode
from models.export import Export
from models.lead import Lead
from models.stage_change import StageChange
from models.task import Task
from models.trip import Trip
from models.user import User
from tests.clients import Client
from tests.forms import form_with
from tests.leads.making import NOW, TODAY, a_lead, a_visit, actor_of
from tests.people import People

HOSTILE = "<w:p>&amp;</w:t> {{ trip }} {% raw %} \x0b\x07]]> 完"
SUMMARY = "想先租三千平方米" * 400


@pytest.fixture
def scout(people: People) -> User:
    """Beijing's scout."""
    return people.scout(name="陈思远")


@pytest.fixture
def trip(scout: User, session: Any) -> Trip:
    """Two days in Chengdu, with visits, a lead that came of it and one that moved on."""
    actor = actor_of(scout)
    trip = service.plan_trip(
        TripInput(
            "chengdu", TODAY, TODAY + timedelta(days=1), [scout.public_id], "拜访<企业>&协会"
        ),
        actor,
        NOW,
    )
    known = a_lead(scout, "旧友软件有限公司", project="研发中心")
    a_visit(known, scout, at=NOW - timedelta(days=40))
    _met(scout, known.company_id, session, summary="第二次见面")
    set_next_step(known, "答复场地方案", TODAY + timedelta(days=8), now=NOW, by=scout.id)
    promise = Task(
        lead_id=known.id, kind=TaskKind.PROMISE, text="发人才政策", due_on=TODAY, created_at=NOW
    )
    move = StageChange(
        lead_id=known.id,
        seq=2,
        from_stage=Stage.IDENTIFIED,
        to_stage=Stage.ENGAGED,
        from_status=Status.ACTIVE,
        to_status=Status.ACTIVE,
        facts={},
        occurred_at=NOW,
        recorded_at=NOW,
    )
    session.add_all([promise, move])
    known.stage, known.created_at = Stage.ENGAGED, NOW - timedelta(days=60)
    fresh = create_company("新识软件有限公司", now=NOW)
    session.flush()
    _met(scout, fresh.id, session, summary=SUMMARY, need=HOSTILE)
    new = a_lead(scout, company=fresh.public_id)
    new.created_at, new.planned_investment_cny = NOW, 123_450_000
    for company in (known.company_id, fresh.id):
        session.get_one(Company, company).place_id = trip.place_id
    session.flush()
    edited = TripInput("chengdu", trip.first_on, trip.last_on, [scout.public_id], trip.purpose)
    service.edit_trip(trip.public_id, edited, actor)
    session.commit()
    return trip


def _met(author: User, company_id: int, session: Any, at: datetime = NOW, **said: Any) -> None:
    company = session.get_one(Company, company_id)
    new = NewVisit(
        client_key=f"report-{company_id}",
        company=company.public_id,
        mode=VisitMode.OUT,
        occurred_at=at,
        reached=True,
        new_people=(NewPerson("周启明", "总经理"),),
        **{name: text[:2000] if name == "need" else text for name, text in said.items()},
    )
    log_visit(new, actor_of(author), at)


def test_it_counts_what_came_of_it(trip: Trip, scout: User, people: People, session: Any) -> None:
    report = report_or_404(trip.public_id, actor_of(scout), NOW)
    assert [one.visit.company.short_name for one in report.seen] == ["旧友软件", "新识软件"]
    assert [one.short_name for one in report.first_touches] == ["新识软件"]
    assert [lead.company.short_name for lead in report.new_leads] == ["新识软件"]
    assert [(one.before, one.now) for one in report.moved] == [(Stage.IDENTIFIED, Stage.ENGAGED)]
    assert [one.task.text for one in report.tasks] == ["发人才政策", "答复场地方案"]
    assert report.seen[0].step
    assert report.seen[0].step.text == "答复场地方案"
    # A colleague of the team who goes along reads the visits and no promises; another team's none.
    colleague, stranger = people.scout(), people.scout("chengdu")
    goes = [one.public_id for one in (scout, colleague, stranger)]
    wider = TripInput("chengdu", trip.first_on, trip.last_on, goes, trip.purpose)
    service.edit_trip(trip.public_id, wider, actor_of(scout))
    session.commit()
    theirs = report_or_404(trip.public_id, actor_of(colleague), NOW)
    assert [one.visit.company.short_name for one in theirs.seen][:1] == ["旧友软件"]
    assert [one.task.text for one in theirs.tasks] == ["答复场地方案"]
    none = report_or_404(trip.public_id, actor_of(stranger), NOW)
    assert (none.seen, none.new_leads, none.moved, none.tasks) == ([], [], [], [])


def _text(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_the_word_file_reads_back(client: Client, trip: Trip, scout: User, session: Any) -> None:
    client.sign_in(scout.email)
    address = f"/trips/{trip.public_id}/report"
    _action, opened = form_with(client.get(address).text, "conclusions")
    said = {**opened, "conclusions": f"一要快。\r\n二要准{HOSTILE}"}
    assert client.post(address, said).status_code == 302
    assert client.post(address, {**opened, "conclusions": "别的"}).status_code == 409
    long = client.post(address, {"conclusions": "长" * 4001})
    assert (long.status_code, 'data-field="conclusions"' in long.text) == (422, True)
    answer = client.get(f"{address}.docx?lang=en")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype.endswith("wordprocessingml.document")
    name = unquote(answer.headers["Content-Disposition"].partition("''")[2])
    assert name == "赴成都市招商走访情况报告（2026年11月25日至26日）.docx"
    document = Document(io.BytesIO(answer.data))
    text = _text(document)
    clean = re.sub("[\x07\x0b]", "", HOSTILE)
    assert document.paragraphs[0].text == "赴成都市招商走访情况报告"
    for wanted in (
        "任务：拜访<企业>&协会",
        "人员：陈思远",
        "（一）旧友软件有限公司",
        "（二）新识软件有限公司",
        "见了谁：周启明",
        SUMMARY,
        f"企业诉求：{clean}",
        "结果：未填",
        "下一步：答复场地方案，12月3日前",
        "共走访2次，见到企业2家，其中首次接触1家；新登记线索1条，出差以来阶段推进1条。",
        "计划总投资1.2亿元",
        "由线索到接洽",
        "一要快。",
        f"二要准{clean}",
    ):
        assert wanted in text, wanted
    heads = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert [head[:2] for head in heads] == ["一、", "二、", "三、", "四、", "五、"]
    assert "{" not in text.replace(clean, "")
    kept = session.scalars(sa.select(Export)).one()
    assert (kept.what, kept.format, kept.rows) == ("trip.report", "docx", 2)
    assert kept.filter == {"trip": trip.public_id}


def test_the_layout_is_that_of_official_documents() -> None:
    document = Document(str(ROOT / "templates" / "trips" / "report.docx"))
    page = document.sections[0]
    sizes = (page.page_width, page.page_height, page.top_margin, page.bottom_margin)
    assert [round(one.mm) for one in sizes] == [210, 297, 37, 35]
    assert [round(one.mm) for one in (page.left_margin, page.right_margin)] == [28, 26]
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Body", "Heading 1", "Heading 2")
    }
    assert fonts == {
        "Title": "方正小标宋简体",
        "Body": "仿宋_GB2312",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
    }
    body = document.styles["Body"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 28)
    assert "PAGE" in page.footer._element.xml
    assert "PAGE" in page.even_page_footer._element.xml


def test_who_only_reads_writes_no_conclusions(app: Flask, trip: Trip, people: People) -> None:
    auditor = Client(app).sign_in(people.make(Role.AUDITOR).email)
    address = f"/trips/{trip.public_id}/report"
    page = auditor.get(address)
    assert page.status_code == 200
    assert 'name="conclusions"' not in page.text
    assert auditor.post(address, {"conclusions": "我看不错"}).status_code == 403
    stranger = Client(app).sign_in(people.scout("chengdu").email)
    assert [stranger.get(f"{address}{end}").status_code for end in ("", ".docx")] == [404, 404]


def test_leads_of_before_and_of_long_after_did_not_come_of_it(
    trip: Trip, scout: User, session: Any
) -> None:
    lead = session.scalars(
        sa.select(Lead).join(Company).where(Company.short_name == "新识软件")
    ).one()
    for days, came in ((-1, 0), (0, 1), (31, 1), (32, 0)):
        lead.created_at = NOW + timedelta(days=days)
        session.commit()
        report = report_or_404(trip.public_id, actor_of(scout), NOW)
        assert len(report.new_leads) == came, days
