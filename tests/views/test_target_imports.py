"""The import page under wrong files, long files and changed minds."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.companies.service import create_company
from crm.jobs.importing import run_waiting
from models.import_batch import BatchState, ImportBatch, ImportJob
from models.target import ListEntry
from tests.clients import Client
from tests.people import People
from tests.targets.files import bomb, long_list


@pytest.fixture
def manager(session: Any, people: People, client: Client) -> Client:
    return client.sign_in(people.manager().email)


def upload(client: Client, data: bytes, name: str = "list.csv") -> Any:
    client.get("/targets/import")
    file = (io.BytesIO(data), name)
    return client.post("/targets/import", {"list": "listed-software", "year": "2021", "file": file})


def page(client: Client, path: str) -> str:
    return html.unescape(client.get(path).get_data(as_text=True))


def figures(text: str) -> dict[str, int]:
    found = re.findall(r'data-name="(\w+)" data-value="(\d+)"', text)
    return {name: int(value) for name, value in found}


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (bomb(), "list.xlsx", "文件解压后太大，没有读取。"),
        (b"\x89PNG\r\n\x1a\n", "list.xlsx", "这不是表格文件。"),
        (b"<html><table></table></html>", "list.csv", "这不是表格文件。"),
        (b"", "list.xlsx", "文件是空的。"),
        ("排名,企业名称\n".encode(), "list.csv", "表头下面没有内容。"),
    ],
)
def test_a_file_that_is_no_list_says_so_at_its_field(
    session: Any, manager: Client, data: bytes, name: str, sentence: str
) -> None:
    refused = upload(manager, data, name)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    error = re.search(r'<p class="field-error"[^>]*data-field="file"[^>]*>([^<]*)', text)
    assert error
    assert sentence in error[1]
    assert re.search(r'<option selected value="listed-software"', text)
    assert re.search(r'name="year"[^>]*value="2021"', text)
    assert session.scalar(sa.select(sa.func.count(ImportBatch.id))) == 0


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"list": "nolist"}, "list", "没有“nolist”这个榜单。"),
        ({"list": ""}, "list", "请选一个榜单。"),
        ({"year": "1850"}, "year", "年份应在 1990 到"),
        ({"year": "9999"}, "year", "年份应在 1990 到"),
        ({"year": ""}, "year", "请填年份"),
        ({"year": "去年"}, "year", "请填年份"),
    ],
)
def test_an_unknown_list_or_a_year_out_of_range_is_said_at_its_field(
    session: Any, manager: Client, changed: dict[str, str], field: str, sentence: str
) -> None:
    manager.get("/targets/import")
    file = (io.BytesIO(long_list(3)), "list.csv")
    given = {"list": "listed-software", "year": "2021", "file": file, **changed}
    refused = manager.post("/targets/import", given)
    assert refused.status_code == 422
    error = re.search(rf'data-field="{field}"[^>]*>([^<]*)', refused.get_data(as_text=True))
    assert error
    assert sentence in error[1]
    assert session.scalar(sa.select(sa.func.count(ImportBatch.id))) == 0


def test_columns_that_claim_one_meaning_alike_are_pointed_out_until_somebody_chose(
    session: Any, manager: Client
) -> None:
    lines = "排名,企业名称,公司名称\n1,甲软件有限公司,乙软件有限公司\n2," + "长" * 500 + ",丙"
    path = upload(manager, lines.encode()).headers["Location"]
    text = page(manager, path)
    assert "第 2 / 3 列都像“企业名称”，现在取第 2 列。" in text
    assert "企业名称有 500 个字，最多 200 个。" in text
    assert figures(text)["error"] == 1
    both = {"column-0": "rank", "column-1": "name", "column-2": "name"}
    refused = manager.post(f"{path}/columns", both)
    assert refused.status_code == 422
    assert "有两列都选作“企业名称”。请只留一列。" in html.unescape(refused.text)
    manager.post(f"{path}/columns", {**both, "column-1": ""})
    text = page(manager, path)
    assert "都像“企业名称”" not in text
    assert figures(text) == {"rows": 2, "new": 2, "matched": 0, "unchanged": 0, **figures(text)}


def test_a_preview_of_ten_thousand_rows_asks_few_questions(session: Any, manager: Client) -> None:
    create_company("北京云智科技有限公司", now=clock.now())
    sent = upload(manager, long_list(10_000))
    shown = manager.get(sent.location)
    counted = figures(shown.get_data(as_text=True))
    assert counted["rows"] == 10_000 == sum(n for name, n in counted.items() if name != "rows")
    assert int(re.search(r"n=(\d+)", shown.headers["Server-Timing"])[1]) <= 15  # type: ignore[index]
    assert shown.get_data(as_text=True).count("<tr") < 220


def test_a_long_list_is_written_beside_the_page_that_says_how_far_it_is(
    session: Any, manager: Client
) -> None:
    def entries() -> int:
        session.rollback()
        return int(session.scalar(sa.select(sa.func.count(ListEntry.id))) or 0)

    sent = upload(manager, long_list(700)).location
    manager.post(f"{sent}/application")
    assert entries() == 0
    assert "排队中" in page(manager, sent)
    session.execute(sa.update(ImportJob).values(worker="one", beat_at=clock.now(), done=700 + 62))
    session.commit()
    assert "正在写入，62 / 700 行" in manager.get(f"{sent}/progress").text
    assert f'hx-get="{sent}/progress"' in page(manager, sent)
    session.execute(sa.update(ImportJob).values(worker=None, beat_at=None, done=0))
    session.commit()
    assert run_waiting("a worker")
    # One of the names is another's, differently written.
    assert entries() == (first := 699)
    assert manager.get(f"{sent}/progress").headers["HX-Redirect"] == sent
    assert "已写入" in page(manager, "/targets/import")
    # Pressed once more nothing is asked; and where no worker comes the page does it.
    manager.post(f"{sent}/application")
    assert session.scalar(sa.select(sa.func.count()).select_from(ImportJob)) == 0
    other = upload(manager, long_list(700, seed=2)).location
    manager.post(f"{other}/application")
    manager.post(f"{other}/work")
    assert entries() > first


def test_a_long_list_that_can_not_be_written_says_why(session: Any, manager: Client) -> None:
    sent = upload(manager, long_list(700)).location
    manager.post(f"{sent}/application")
    batch = session.scalars(sa.select(ImportBatch)).one()
    batch.state = BatchState.UNDONE
    session.commit()
    assert run_waiting("a worker")
    batch.state = BatchState.PREVIEW
    session.commit()
    assert "这次导入已经撤销" in page(manager, sent)
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 0


def test_an_answer_is_kept_while_columns_change_and_can_be_taken_back(
    session: Any, manager: Client
) -> None:
    known = create_company("四川省通信产业服务有限公司", now=clock.now())
    session.commit()
    sent = upload(manager, "排名,企业名称\n1,广东省通信产业服务有限公司\n".encode())
    text = page(manager, sent.location)
    assert (figures(text)["doubtful"], figures(text)["new"]) == (1, 0)
    said = {"row": "2", "company": known.public_id}
    manager.post(f"{sent.location}/decisions", said | {"answer": "new"})
    manager.post(f"{sent.location}/columns", {"column-0": "", "column-1": "name"})
    text = page(manager, f"{sent.location}?row=2")
    assert (figures(text)["doubtful"], figures(text)["new"]) == (0, 1)
    assert "收回判定" in text
    manager.post(f"{sent.location}/decisions", said | {"answer": ""})
    assert figures(page(manager, sent.location))["doubtful"] == 1


def test_an_import_given_up_writes_nothing_and_is_gone(session: Any, manager: Client) -> None:
    sent = upload(manager, "企业名称\n甲乙科技有限公司\n".encode())
    manager.get(sent.location)
    assert manager.post(f"{sent.location}/dismissal").location == "/targets"
    assert manager.get(sent.location).status_code == 404
    assert manager.post(f"{sent.location}/application").status_code == 404
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 0
    assert session.scalar(sa.select(ImportBatch.content)) is None


def test_an_import_written_can_not_be_changed_any_more(session: Any, manager: Client) -> None:
    sent = upload(manager, "企业名称\n甲乙科技有限公司\n".encode())
    manager.get(sent.location)
    manager.post(f"{sent.location}/application")
    for path, data in (("columns", {"column-0": "name"}), ("repairs", {"row": "2"})):
        assert manager.post(f"{sent.location}/{path}", data).status_code == 409
    assert manager.post(f"{sent.location}/dismissal").status_code == 409
    manager.post(f"{sent.location}/reversal")
    assert "这次导入已撤销" in page(manager, sent.location)
    # Whoever left the page finds it again under the form.
    recent = page(manager, "/targets/import")
    assert f'href="{sent.location}"' in recent
    assert "已撤销" in recent
    assert manager.post(f"{sent.location}/application").status_code == 409


def test_an_earlier_import_is_found_again_and_taken_back(session: Any, manager: Client) -> None:
    wrong = "名次,企业名称\n1,甲乙科技有限公司\n第x,丙丁软件有限公司\n".encode()
    written = upload(manager, wrong, "written.csv").location
    manager.post(f"{written}/application")
    assert "<b>丙丁软件有限公司</b>" in page(manager, written)
    for n in range(20):
        waiting = upload(manager, long_list(2), f"waiting{n}.csv").location
    text = page(manager, "/targets/import")
    assert text.count("继续<") == 20
    assert "written.csv" not in text
    assert waiting in text
    older = re.search(r'href="(/targets/import\?cursor=\w+)#recent"', text)
    assert older
    text = page(manager, older[1])
    assert "已写入 1 行" in text
    assert "继续<" not in text
    undo = re.search(r'action="(/targets/import/\w+/reversal)"', text)
    assert undo
    manager.post(undo[1])
    assert "已撤销" in page(manager, older[1])
    other = page(manager, "/targets/import?list=listed-software&year=2020")
    assert "还没有导入过文件" in other
    assert re.search(r'<option [^>]*selected value="listed-software"', other)
    assert re.search(r'name="year"[^>]*value="2020"', other)
    assert "waiting" in page(manager, "/targets/import?list=listed-software&year=2021")


def test_nothing_is_chosen_for_whoever_chose_nothing(session: Any, manager: Client) -> None:
    assert not re.search(
        r"<option selected", page(manager, "/targets/import").split("</select>")[0]
    )
    refused = manager.post("/targets/import", {"list": "", "year": "2019"})
    assert "还不能上传，有 2 处要改" in refused.text
    assert 'value="2019"' in refused.text


@pytest.mark.only_sqlite
def test_the_address_of_refused_columns_leads_to_the_preview(session: Any, manager: Client) -> None:
    sent = upload(manager, long_list(2)).location
    assert manager.get(f"{sent}/columns").location == sent


@pytest.mark.only_sqlite
def test_rows_are_said_to_be_checked_when_they_were(session: Any, manager: Client) -> None:
    sent = upload(manager, "甲,乙\n一,二\n三,四\n".encode()).location
    assert "还不知道哪一列是企业名称" in page(manager, sent)
    assert "已核对" not in page(manager, sent)
    manager.post(f"{sent}/columns", {"column-0": "name"})
    assert "已核对 2 行" in page(manager, sent)


def test_a_row_that_was_not_written_says_why_in_its_readers_language(
    session: Any, manager: Client
) -> None:
    sent = upload(manager, "排名,企业名称\n1,甲乙科技有限公司\n第几,丙丁软件有限公司\n".encode())
    manager.post(f"{sent.location}/application")
    assert "名次要填 1 以上的整数，不知道的请留空。" in page(manager, sent.location)
    assert "A rank is a whole number from 1 on" in page(manager, f"{sent.location}?lang=en")
    # As imports kept it before.
    batch = session.scalars(sa.select(ImportBatch)).one()
    batch.counts = {**batch.counts, "errors": [{"row": 3, "name": "", "message": "差 5% 请核对。"}]}
    session.commit()
    assert "差 5% 请核对。" in page(manager, sent.location)
