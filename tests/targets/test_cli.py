"""``targets`` on the command line: real lists, wrong use in one line, and the way back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reference import DATA
from models import db
from models.company import Company
from models.import_batch import ImportBatch
from models.target import ListEntry
from tests.targets.files import bomb

LISTS = DATA / "lists"
LEADERS = ("--list", "industry-leader", "--year", "2024")


def run(app: Flask, *args: str) -> tuple[int, str, str]:
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["targets", *args])
    return result.exit_code, result.stdout, result.stderr


def imported(app: Flask, path: Path, *args: str) -> Any:
    code, out, err = run(app, "import", str(path), *args, "--json")
    assert code == 0, err
    return json.loads(out)


def written(folder: Path, data: bytes | str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_a_real_list_is_tried_imported_and_taken_back(app: Flask) -> None:
    path = LISTS / "china-software-100-2018.csv"
    which = ("--list", "china-software-100", "--year", "2018")
    report = {"rows": 100, "new": 100, "matched": 0, "doubtful": 0, "unchanged": 0, "errors": []}
    assert imported(app, path, *which, "--dry-run") == report
    assert count(app, Company) == 0
    code, out, err = run(app, "import", str(path), *which)
    assert (code, out) == (0, "已导入：共 100 行，新增 100，已匹配 0，存疑 0，没变化 0，有误 0。\n")
    batch = re.search(r"batch (\w{12})", err)
    assert batch
    assert imported(app, path, *which) == {**report, "new": 0, "unchanged": 100}
    assert count(app, ImportBatch) == 1
    code, out, _err = run(app, "undo", batch[1])
    assert (code, count(app, ListEntry), count(app, Company)) == (0, 0, 0)
    assert "已撤销 100 条上榜记录、100 家企业" in out
    assert run(app, "undo", batch[1])[1] == "这次导入早已撤销。\n"


def test_rows_in_error_stop_no_other_row(app: Flask, tmp_path: Path) -> None:
    lines = [
        "排名,企业名称",
        "1," + "长" * 500,
        "2,=SUM(1)软件有限公司",
        "第三,甲软件有限公司",
        "x,46023",
    ]
    report = imported(app, written(tmp_path, "\n".join(lines)), *LEADERS)
    assert (report["rows"], report["new"]) == (4, 1)
    assert [(e["row"], e["column"]) for e in report["errors"]] == [
        *((2, "name"), (4, "rank"), (5, "name")),
    ]
    said = [error["message"] for error in report["errors"]]
    # The page's own sentences, in Chinese as is what is said without --json.
    assert said[0].startswith("企业名称有 500 个字，最多")
    assert said[1] == "名次要填数字，请改成 3"
    # Of two columns each sentence names its own.
    assert said[2] == (
        "企业名称：企业名称里没有字，请核对。 名次：名次要填 1 以上的整数，不知道的请留空。"
    )
    with app.app_context():
        assert db.session.scalars(sa.select(Company.name)).all() == ["=SUM(1)软件有限公司"]
    _code, out, _err = run(app, "import", str(tmp_path / "list.csv"), *LEADERS)
    assert [line.partition("：")[2] for line in out.splitlines()[1:]] == said


@pytest.mark.parametrize(
    ("data", "arguments", "sentence"),
    [
        (b"\x89PNG\r\n", LEADERS, "This is not a spreadsheet."),
        (b"", LEADERS, "The file is empty."),
        (b" \n\n", LEADERS, "The file is empty."),
        (bomb(), LEADERS, "unpacks to too much data"),
        ("甲,乙\n1,2\n", LEADERS, "--map 'name=HEADER'"),
        ("企业名称,公司名称\n甲软件公司,乙软件公司\n", LEADERS, "Columns 1 / 2 all read like"),
        ("a,b\n1,2\n", (*LEADERS, "--map", "name=a,name=b"), "Two columns are chosen as"),
        ("a,b\n1,2\n", (*LEADERS, "--map", "name=c"), "The table has no column “c”."),
        ("企业名称\n甲\n", ("--list", "nolist", "--year", "2024"), "There is no list “nolist”."),
        ("企业名称\n甲\n", (*LEADERS[:2], "--year", "1850"), "The year must be between 1990 and"),
        ("企业名称\n甲\n", (*LEADERS[:2], "--year", "two"), "'two' is not a valid integer"),
        ("企业名称\n甲\n", (*LEADERS[:2],), "--year"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    app: Flask, tmp_path: Path, data: bytes | str, arguments: tuple[str, ...], sentence: str
) -> None:
    code, out, err = run(app, "import", str(written(tmp_path, data)), *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert count(app, Company) == count(app, ImportBatch) == 0


def test_a_group_alone_is_one_line_and_exit_2(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["tokens"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Missing command. Choose from: create, list, revoke\n"
    gone = app.test_cli_runner().invoke(args=["roles", "create", "x"])  # an extension's
    assert (gone.exit_code, gone.stderr) == (2, "No such command 'roles'.\n")


def test_a_hundred_megabytes_are_not_even_read(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    code, _out, err = run(app, "import", str(path), *LEADERS)
    assert (code, err) == (2, "The file is larger than 20 MB. Split it into smaller files.\n")


def test_a_file_or_an_import_that_is_not_there(app: Flask, tmp_path: Path) -> None:
    code, _out, err = run(app, "import", str(tmp_path / "none.csv"), *LEADERS)
    assert (code, err.count("\n")) == (2, 1)
    code, _out, err = run(app, "undo", "nothing")
    assert (code, err.count("\n")) == (2, 1)
    assert "There is no import 'nothing'." in err
