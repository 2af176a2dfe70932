"""The pages that bring a ledger in: wrong files, words said once, long files beside the page."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from crm.imports.reading import read_file
from crm.jobs.importing import run_waiting
from models.contact import Contact
from models.import_batch import ImportBatch, ImportJob
from models.lead import Lead
from models.user import User
from tests.clients import Client
from tests.leads.importing.bringing import NOW, count
from tests.leads.importing.ledgers import HEADERS, ledger, long_ledger
from tests.leads.making import a_lead
from tests.people import People
from tests.targets.files import bomb
from tests.views.test_target_imports import figures, page

COMPANY = "云智信安软件有限公司"


@pytest.fixture
def lead(people: People) -> User:
    return people.team_lead(name="王队")


@pytest.fixture
def team(session: Any, lead: User, client: Client) -> Client:
    return client.sign_in(lead.email)


def upload(client: Client, data: bytes, name: str = "ledger.csv", **more: str) -> Any:
    client.get("/leads/import")
    file = (io.BytesIO(data), name)
    return client.post("/leads/import", {"mode": "add", "file": file, **more})


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (bomb(), "ledger.xlsx", "文件解压后太大，没有读取。"),
        (b"", "ledger.xlsx", "文件是空的。"),
        (",".join(HEADERS).encode(), "ledger.csv", "表头下面没有内容。"),
    ],
)
def test_a_file_that_is_no_ledger_says_so_at_its_field(
    session: Any, team: Client, data: bytes, name: str, sentence: str
) -> None:
    refused = upload(team, data, name, mode="skip")
    assert refused.status_code == 422
    assert sentence in refused.text
    assert re.search(r'checked[^>]*value="skip"', refused.text)
    assert count(ImportBatch) == 0


def test_a_ledger_is_looked_at_imported_and_taken_back(
    session: Any, team: Client, lead: User
) -> None:
    a_lead(lead)
    wrong = {"投资方": "", "当前阶段": "在谈"}
    sent = upload(team, ledger({"投资方": COMPANY, "当前阶段": "在谈"}, wrong))
    text = page(team, sent.location)
    assert re.search(r"<td[^>]*>洽谈</td>", text)  # of the wrong row, in our words as of the others
    assert figures(text)["new"] == figures(text)["error"] == 1
    assert "还差有效接触" in text
    assert count(Lead) == 1
    team.post(f"{sent.location}/application")
    text = page(team, sent.location)
    assert "已导入 ledger.csv" in text
    assert count(Lead) == 2
    # What came of it is opened from there, and nothing else.
    [theirs] = re.findall(r'href="(/leads\?batch=[^"]+)"', text)
    listed = page(team, theirs)
    assert "来自这次导入" in listed
    [found] = re.findall(r'data-key-row[^>]*>.*?href="(/leads/\w+)', listed, re.DOTALL)
    assert "台账" in page(team, found)
    team.post(f"{sent.location}/application")
    assert count(Lead) == 2
    team.post(f"{sent.location}/reversal")
    assert "这次导入已撤销" in page(team, sent.location)
    assert count(Lead) == 1
    assert "没有符合条件的" in page(team, theirs) or 'data-value="0"' in page(team, theirs)


def test_rows_that_failed_come_back_with_their_reason_and_can_be_sent_again(
    session: Any, team: Client
) -> None:
    rows = {"投资方": "甲乙有限公司"}, {"投资方": COMPANY, "当前阶段": "天知道"}
    sent = upload(team, "在谈项目台账\n".encode() + ledger(*rows))
    before = team.get(f"{sent.location}/rejected.xlsx").data
    team.post(f"{sent.location}/application")
    given = team.get(f"{sent.location}/rejected.xlsx")
    (sheet,) = read_file("back.xlsx", given.data).sheets
    assert sheet == read_file("back.xlsx", before).sheets[0]
    assert sheet.rows[0].cell(0) == "在谈项目台账"
    assert sheet.rows[1].cells == (*HEADERS, "未导入原因")
    assert len(sheet.rows) == 3
    assert sheet.rows[2].cells[-1].startswith("当前阶段：没有“天知道”这个阶段")
    team.post(f"{sent.location}/reversal")
    assert session.scalar(sa.select(ImportBatch.content)) is None
    again = upload(team, given.data, "back.xlsx")
    assert figures(page(team, again.location)) == {
        **{"rows": 1, "error": 1, "new": 0, "matched": 0, "doubtful": 0, "unchanged": 0},
    }


def test_a_word_is_said_once_for_the_file_and_remembered(session: Any, team: Client) -> None:
    data = ledger(*({"投资方": f"甲乙{n}有限公司", "当前阶段": "天知道"} for n in range(3)))
    sent = upload(team, data)
    text = page(team, sent.location)
    assert figures(text)["error"] == 3
    assert "没用上：序号、榜单情况" in text
    said = {"meaning": "stage", "word": "天知道", "stands_for": "identified"}
    team.post(f"{sent.location}/words", said)
    assert figures(page(team, sent.location))["new"] == 3
    team.post(f"{sent.location}/columns", {"column-2": "company", "column-18": "stage"})
    again = upload(team, data)
    text = page(team, again.location)
    # The columns chosen for this shape are taken again: without a team column the team is theirs.
    assert re.search(r'name="column-14"[^>]*>\s*<option value="">', text)
    assert "产业链环节" in text
    assert figures(text)["error"] == 3
    team.post(f"{again.location}/choices", {"mode": "add", "stages": "gates", "segment": "FND-DB"})
    assert figures(page(team, again.location))["new"] == 3


def test_a_row_is_mended_and_a_doubt_decided_one_by_one(session: Any, team: Client) -> None:
    known = create_company("四川省通信产业服务有限公司", now=NOW)
    session.commit()
    rows = ({"投资方": "广东省通信产业服务有限公司"}, {"投资方": COMPANY, "三年用工(人)": "很多"})
    sent = upload(team, ledger(*rows))
    text = page(team, f"{sent.location}?row=3")
    assert 'data-field="planned_headcount"' in text
    team.post(f"{sent.location}/repairs", {"row": "3", "planned_headcount": "160"})
    assert figures(page(team, sent.location))["error"] == 0
    said = {"row": "2", "company": known.public_id}
    team.post(f"{sent.location}/decisions", said | {"answer": "same"})
    assert figures(page(team, sent.location))["doubtful"] == 0
    assert "收回判定" in page(team, f"{sent.location}?row=2")
    team.post(f"{sent.location}/decisions", said | {"answer": ""})
    team.post(f"{sent.location}/application")
    assert "还有 1 行待核" in page(team, sent.location)
    team.post(f"{sent.location}/decisions", said | {"answer": "same"})
    assert count(Lead, Lead.company_id == known.id) == 1
    assert "待核" not in page(team, sent.location)


def test_whose_a_row_is_can_be_said_of_it_and_of_the_whole_file(
    client: Client, people: People, lead: User
) -> None:
    manager = client.sign_in(people.manager().email)
    rows = [{"投资方": f"甲乙{n}有限公司", "责任小分队": "", "责任人": ""} for n in range(3)]
    sent = upload(manager, ledger(*rows), team="")
    text = page(manager, f"{sent.location}?row=2")
    assert figures(text)["error"] == 3
    assert 'id="mend-team" name="team"' in text
    manager.post(f"{sent.location}/repairs", {"row": "2", "team": "beijing"})
    assert figures(page(manager, sent.location))["error"] == 2
    choices = {"mode": "add", "stages": "gates", "segment": ""}
    manager.post(f"{sent.location}/choices", choices | {"team": "beijing"})
    text = page(manager, sent.location)
    assert (figures(text)["error"], figures(text)["new"]) == (0, 3)
    assert re.search(r'<option selected value="beijing">', text)
    named = upload(manager, ledger(*rows), team="beijing")
    assert figures(page(manager, named.location))["new"] == 3
    # Its rows may be another team's: the team that the rest go to does not see it.
    client.sign_in(lead.email)
    assert [client.get(one.location).status_code for one in (sent, named)] == [404, 404]
    assert "ledger.csv" not in client.get("/leads/import").text


def test_people_are_shown_before_they_come_and_a_wrong_number_is_mended(
    session: Any, team: Client
) -> None:
    rows = (
        {"投资方": COMPANY, "联系人及电话": "张三（总监）13800001111、李四"},
        {"投资方": "甲乙有限公司", "联系人及电话": "王五 1380000222"},
    )
    sent = upload(team, ledger(*rows, headers=(*HEADERS, "联系人及电话")))
    text = page(team, f"{sent.location}?row=3")
    assert "新联系人：张三（总监） 13800001111；新联系人：李四" in text
    assert "“1380000222”有 10 位" in text
    assert 'name="contact"' in text
    given = team.get(f"{sent.location}/rejected.xlsx")
    (sheet,) = read_file("back.xlsx", given.data).sheets
    assert sheet.rows[1].cells[-1].startswith("联系人及电话：手机号应是 11 位")
    team.post(f"{sent.location}/repairs", {"row": "3", "contact": "王五 13800002222"})
    team.post(f"{sent.location}/application")
    assert re.search(r"新联系人</dt><dd>3<", page(team, sent.location))
    first = session.scalar(sa.select(Lead.public_id).order_by(Lead.id).limit(1))
    assert "13800001111" in page(team, f"/leads/{first}")
    team.post(f"{sent.location}/reversal")
    assert count(Contact) == 0


def test_two_columns_of_one_meaning_are_refused_and_the_choice_stays(
    session: Any, team: Client
) -> None:
    sent = upload(team, ledger({"投资方": COMPANY}))
    refused = team.post(f"{sent.location}/columns", {"column-1": "company", "column-2": "company"})
    assert refused.status_code == 422
    assert 'data-field="mapping"' in refused.text
    assert figures(page(team, sent.location))["new"] == 1


def test_another_teams_import_is_not_there(
    app: Flask, session: Any, people: People, team: Client
) -> None:
    sent = upload(team, ledger({"投资方": COMPANY}))
    other = Client(app).sign_in(people.team_lead("chengdu").email)
    manager = Client(app).sign_in(people.manager().email)
    assert sent.location in page(team, "/leads/import")
    assert sent.location not in page(other, "/leads/import")
    assert manager.get(f"{sent.location}/columns").location == sent.location
    for address in (sent.location, f"{sent.location}/rejected.xlsx"):
        assert other.get(address).status_code == 404
        assert manager.get(address).status_code == 200


def test_a_long_ledger_is_worked_on_beside_the_page(session: Any, team: Client) -> None:
    sent = upload(team, long_ledger(700))
    waiting = team.get(sent.location)
    assert 'data-testid="import-progress"' in waiting.text
    assert count(ImportJob) == 1
    session.commit()
    assert run_waiting("a worker")
    assert not run_waiting("another")
    done = team.get(f"{sent.location}/progress")
    assert done.headers["HX-Redirect"] == sent.location
    shown = team.get(sent.location)
    counted = figures(shown.text)
    assert counted["rows"] == 700 == sum(n for name, n in counted.items() if name != "rows")
    assert int(re.search(r"n=(\d+)", shown.headers["Server-Timing"])[1]) <= 15  # type: ignore[index]
    team.post(f"{sent.location}/application")
    assert count(Lead) == 0
    waiting = team.get(f"{sent.location}/progress").text
    assert "排队中" in waiting
    session.execute(sa.update(ImportJob).values(worker="another", beat_at=clock.now(), done=62))
    session.commit()
    assert "写入前再核对一遍，62 / 700 行" in team.get(f"{sent.location}/progress").text
    session.execute(sa.update(ImportJob).values(done=700 + 62))
    session.commit()
    waiting = team.get(f"{sent.location}/progress").text
    assert "正在写入，62 / 700 行" in waiting
    assert '<progress max="700" value="62"' in waiting
    session.execute(sa.update(ImportJob).values(worker=None, beat_at=None, done=0))
    session.commit()
    # No worker comes: the page that waits does it.
    team.post(f"{sent.location}/work")
    assert count(Lead) == counted["new"]
    team.post(f"{sent.location}/reversal")
    session.commit()
    assert run_waiting("a worker")
    assert count(Lead) == 0
