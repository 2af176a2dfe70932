"""Rows that failed come back in their own workbook: titles, other sheets, numbers and dates."""

import io
from datetime import date
from zipfile import ZipFile

import xlsxwriter

from crm.imports.returning import cut, returned
from crm.imports.values import read_values

DAY = date(2026, 11, 3)


def book():
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    made.add_worksheet("说明").write("A1", "填表说明")
    sheet = made.add_worksheet("在谈项目")
    sheet.merge_range("A1:D1", "在谈项目台账")
    sheet.write("A2", "注：单位万元")
    sheet.write_row("A3", ["序号", "投资方", "计划总投资(万元)", "首次接洽"])
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for row in range(3, 6):
        sheet.write_row(row, 0, [row - 2, f"甲{row}有限公司", 100.5 * row])
        sheet.write_datetime(row, 3, DAY, day)
    sheet.write_string("B5", "=1+1")
    sheet.write("A7", "合计")
    hidden = made.add_worksheet("底稿")
    hidden.write("A1", 7)
    hidden.hide()
    made.close()
    return out.getvalue()


def test_the_workbook_comes_back_with_the_failed_rows_alone():
    given = read_values(returned(read_values(book()), "在谈项目", 3, {5: "缺小分队"}, "原因"))
    notes, sheet, hidden = given
    assert [(page.name, page.hidden) for page in given] == [
        *[("说明", False), ("在谈项目", False), ("底稿", True)]
    ]
    assert (notes.rows[0][0], hidden.rows[0][0]) == ("填表说明", 7)
    title, note, header, row = sheet.rows
    assert title[0] == "在谈项目台账"
    assert [(area.left, area.right) for area in sheet.merged] == [(0, 3)]
    assert note[0] == "注：单位万元"
    assert header == ["序号", "投资方", "计划总投资(万元)", "首次接洽", "原因"]
    assert row == [2, "=1+1", 402, date(2026, 11, 3), "缺小分队"]


def test_text_that_looks_like_a_formula_is_text():
    given = returned(read_values("投资方,备注\n甲,=1+1\n".encode()), "", 1, {2: "@x"}, "原因")
    with ZipFile(io.BytesIO(given)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
    assert read_values(given)[0].rows[1] == ["甲", "=1+1", "@x"]


def test_a_reason_given_before_makes_room_for_the_new_one():
    once = returned(read_values(book()), "在谈项目", 3, {4: "旧", 5: "旧"}, "原因")
    again = read_values(returned(read_values(once), "在谈项目", 3, {5: "新"}, "原因"))
    assert again[1].rows[2:] == [
        ["序号", "投资方", "计划总投资(万元)", "首次接洽", "原因"],
        [2, "=1+1", 402, date(2026, 11, 3), "新"],
    ]


def test_what_is_left_of_a_file_keeps_its_row_numbers():
    left = read_values(cut(read_values(book()), "在谈项目", 3, [5]))[1]
    assert left.rows[3] == ["", "", "", ""]
    assert left.rows[4][:2] == [2, "=1+1"]
    assert len(left.rows) == 5
