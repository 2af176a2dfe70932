"""Files in every encoding and delimiter are read; what is no table is refused by name."""

import csv
import io
import struct
import zipfile
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from crm.imports.cells import cell_text
from crm.imports.reading import read_file
from crm.imports.workbook import (
    EmptyFile,
    FileEncrypted,
    FileTooLarge,
    Limits,
    NotASpreadsheet,
)

CELL = st.text("企业名称甲乙abc123,;\t\"'（）", min_size=1, max_size=8).map(str.strip).filter(bool)


def xlsx(rows, merges=()):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(r, c, value, day)
            elif isinstance(value, str):
                sheet.write_string(r, c, value)
            elif value is not None:
                sheet.write(r, c, value)
    for merge in merges:
        sheet.merge_range(*merge)
    book.close()
    return out.getvalue()


def archive(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@given(body=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5))
def test_csv_round_trip(encoding, delimiter, newline, body):
    rows = [("排名", "企业名称", "城市"), *body]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    (sheet,) = read_file("任意.bin", out.getvalue().encode(encoding)).sheets
    assert [row.cells for row in sheet.rows] == rows
    assert [row.number for row in sheet.rows] == list(range(1, len(rows) + 1))


def test_commas_within_semicolon_cells_do_not_cut():
    (sheet,) = read_file("a.csv", b"a;b\n1,5;2,5\n3,5;4,5\n").sheets
    assert sheet.rows[1].cells == ("1,5", "2,5")


def test_numbers_and_dates_read_as_people_see_them():
    data = xlsx([["a", "b", "c"], [13800138000, 0.1 + 0.2, datetime(2025, 1, 2)]])  # noqa: DTZ001
    assert read_file("x", data).sheets[0].rows[1].cells == ("13800138000", "0.3", "2025-01-02")
    assert cell_text(1.0) == "1"


def test_no_text_at_all_is_not_asked_for_in_another_encoding():
    with pytest.raises(NotASpreadsheet) as refused:
        read_file("榜单.xlsx", b"\x9f\xff\x00\x81\xfe" * 100)
    assert str(refused.value.message) == "这不是表格文件。请上传 .xlsx 或 .csv 文件。"


def test_cells_merged_over_rows_say_their_value_for_each():
    data = xlsx([["城市", "名称"], [None, "甲"], [None, "乙"]], [(1, 0, 2, 0, "北京")])
    rows = read_file("x", data).sheets[0].rows
    assert [row.cells[0] for row in rows] == ["城市", "北京", "北京"]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", EmptyFile),
        (b"\xef\xbb\xbf \n\n", EmptyFile),
        (b",,\n,,\n", EmptyFile),
        (b"\x89PNG\r\n\x1a\n\x00\x00", NotASpreadsheet),
        (b"%PDF-1.7 text", NotASpreadsheet),
        (b"<html><table></table></html>", NotASpreadsheet),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), NotASpreadsheet),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            FileEncrypted,
        ),
        (archive({"word/document.xml": "<w/>"}), NotASpreadsheet),
        (archive({"xl/workbook.xml": "<broken"}), NotASpreadsheet),
        (b"PK\x03\x04 cut short", NotASpreadsheet),
        (b"\x00\x01\x02\x03", NotASpreadsheet),
    ],
)
def test_what_is_no_table_is_refused_by_name(data, refusal):
    with pytest.raises(refusal):
        read_file("名单.xlsx", data)


def test_a_quote_that_is_never_closed_is_said_with_its_row():
    text = '企业名称,备注\n甲软件有限公司,x\n"乙软件有限公司,x\n丙软件有限公司,y\n'
    with pytest.raises(NotASpreadsheet) as refused:
        read_file("名单.csv", text.encode())
    assert refused.value.message.params["row"] == 3
    # What a strict reader would stumble over before hides it no more.
    with pytest.raises(NotASpreadsheet):
        read_file("名单.csv", text.replace("甲软件", '"甲"软件').encode())
    closed = text.replace("乙软件有限公司", '乙软件有限公司"')
    assert len(read_file("名单.csv", closed.encode()).sheets[0].rows) == 4


def test_formulas_that_came_to_nothing_are_empty_cells():
    (sheet,) = read_file("名单.csv", "名次,企业名称\n#REF!,#N/A\n".encode()).sheets
    assert sheet.rows[1].cells == ("", "")


def test_too_large():
    with pytest.raises(FileTooLarge):
        read_file("a.csv", b"a" * 101, Limits(file_size=100))
    with pytest.raises(FileTooLarge):
        read_file("a.csv", b"a\n" * 11, Limits(rows=10))
    with pytest.raises(FileTooLarge):
        read_file("a.csv", b"a,b,c\n", Limits(columns=2))


def test_zip_bomb_is_refused():
    bomb = archive({"xl/workbook.xml": "<a/>", "xl/media/a.bin": bytes(30 * 1024 * 1024)})
    with pytest.raises(FileTooLarge):
        read_file("a.xlsx", bomb)
    with pytest.raises(FileTooLarge):
        read_file("a.xlsx", archive({f"xl/{i}": "" for i in range(2001)}))


def test_zip_bomb_with_a_lying_header_is_refused():
    bomb = archive({"xl/workbook.xml": "<a/>", "xl/media/a.bin": bytes(30 * 1024 * 1024)})
    lying = bomb.replace(struct.pack("<I", 30 * 1024 * 1024), struct.pack("<I", 100))
    assert lying != bomb
    with pytest.raises(FileTooLarge):
        read_file("a.xlsx", lying)


def test_one_far_cell_is_refused_before_it_costs_memory():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "企业名称")
    sheet.write(1_048_575, 16_383, "远")
    book.close()
    with pytest.raises(FileTooLarge):
        read_file("a.xlsx", out.getvalue())


def test_formula_text_in_csv_is_text():
    (sheet,) = read_file("a.csv", b'name\n"=HYPERLINK(""x"")"\n').sheets
    assert sheet.rows[1].cells == ('=HYPERLINK("x")',)
