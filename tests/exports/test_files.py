"""A table as a file: what stands in it, what a spreadsheet makes of it, and what it costs."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from crm.exports import Cell, Column, Format, Kind, Table, write
from crm.exports.cells import BLANKS, STARTS, harmless
from crm.messages import msg

COLUMNS = (
    Column(msg("企业"), width=30),
    Column(msg("统一社会信用代码")),
    Column(msg("计划投资(万元)"), Kind.WAN),
    Column(msg("停留(天)"), Kind.WHOLE),
    Column(msg("日期"), Kind.DATE),
)
CODE = "913304001234567890"
ROW: tuple[Cell, ...] = ("宇视科技", CODE, 120_000_000, -3, date(2026, 12, 3))


def table(*rows: Sequence[Cell], above: bool = False) -> Table:
    lines = (msg("在谈项目台账"),) if above else ()
    return Table(msg("线索"), COLUMNS, iter(rows), lines)


def content(of: Table, format_: Format) -> bytes:
    return b"".join(write(of, format_).chunks())


def in_csv(of: Table) -> list[list[str]]:
    data = content(of, Format.CSV)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def in_xlsx(of: Table) -> list[list[Any]]:
    book = python_calamine.load_workbook(io.BytesIO(content(of, Format.XLSX)))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return rows


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """Titles are said in a reader's language."""
    app = Flask(__name__)
    Babel(app, default_locale="zh_Hans_CN")
    with app.test_request_context():
        yield


def test_values_read_back_as_what_they_are() -> None:
    assert in_xlsx(table(ROW, above=True)) == [
        ["在谈项目台账", "", "", "", ""],
        ["企业", "统一社会信用代码", "计划投资(万元)", "停留(天)", "日期"],
        ["宇视科技", CODE, 12000.0, -3.0, date(2026, 12, 3)],
    ]
    assert in_csv(table(ROW, above=True)) == [
        ["在谈项目台账"],
        ["企业", "统一社会信用代码", "计划投资(万元)", "停留(天)", "日期"],
        ["宇视科技", CODE, "12000", "-3", "2026-12-03"],
    ]


def test_a_sheet_prints_across_one_page_under_its_header() -> None:
    with zipfile.ZipFile(io.BytesIO(content(table(ROW, above=True), Format.XLSX))) as book:
        sheet, names = (
            book.read(part).decode() for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml")
        )
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "$1:$2</definedName>" in names, "title and header stand on every page"


def test_numbers_are_numbers_and_codes_are_text_to_a_spreadsheet() -> None:
    assert f'"{CODE}",12000,-3,' in content(table(ROW), Format.CSV).decode()
    assert in_xlsx(table(("甲", "13800000000", 5_005_000, 0, None)))[1] == [
        "甲",
        "13800000000",
        500.5,
        0.0,
        "",
    ]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("blank", ["", *BLANKS])
def test_what_looks_like_a_formula_is_text_in_both(start: str, blank: str) -> None:
    evil = f"{blank}{start}HYPERLINK(1)"
    row = (evil, None, None, None, None)
    assert in_csv(table(row))[1][0].startswith("'")
    assert in_xlsx(table(row))[1][0].startswith("'")
    assert b"<f>" not in sheet_of(content(table(row), Format.XLSX))


def sheet_of(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read("xl/worksheets/sheet1.xml")


@given(st.text(max_size=40))
def test_no_text_begins_as_a_formula_does(text: str) -> None:
    safe = harmless(text)
    assert not safe.lstrip(BLANKS).startswith(STARTS)
    assert safe.endswith(text)


def test_a_header_stays_in_sight_and_a_long_text_is_cut() -> None:
    data = content(table(("长" * 40_000, None, None, None, None), above=True), Format.XLSX)
    assert b'ySplit="2"' in sheet_of(data)
    assert b"<autoFilter" in sheet_of(data)
    row = in_xlsx(table(("长" * 40_000, None, None, None, None)))[1]
    assert len(row[0]) == 32_767


def test_an_empty_table_has_its_header() -> None:
    assert len(in_xlsx(table())) == len(in_csv(table())) == 1


def test_what_fails_half_way_leaves_nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows() -> Iterator[Sequence[Cell]]:
        yield from [ROW] * 2000
        raise LookupError

    for format_ in Format:
        with pytest.raises(LookupError):
            write(Table(msg("线索"), COLUMNS, rows()), format_)
    assert list(tmp_path.iterdir()) == []


def test_who_breaks_off_leaves_nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = write(table(*[ROW] * 5000), Format.XLSX)
    assert made.rows == 5000
    pieces = made.chunks()
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert made.file.closed
    assert list(tmp_path.iterdir()) == []
