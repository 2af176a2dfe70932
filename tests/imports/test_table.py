"""The list is found under titles and above notes; columns are guessed or told."""

import io

import pytest
import xlsxwriter

from crm.errors import Refusal
from crm.imports.columns import guess_columns, mapping_from_form, parse_mapping, rivals
from crm.imports.reading import read_file
from crm.imports.table import find_table
from crm.targets.columns import TARGET_COLUMNS as WORDS


def table(text):
    return find_table(read_file("a.csv", text.encode()), WORDS)


def guess(found):
    return guess_columns(found.headers, [row.cells for row in found.rows], WORDS)


def test_list_under_title_and_merged_header_above_notes_on_the_second_sheet():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet("说明").write(0, 0, "本表由协会发布")
    sheet = book.add_worksheet("名单")
    sheet.merge_range(0, 0, 0, 2, "2018年软件企业名单")
    sheet.merge_range(2, 0, 3, 0, "排名")
    sheet.merge_range(2, 1, 3, 1, "企业名称")
    sheet.merge_range(2, 2, 3, 2, "城市")
    sheet.write_row(4, 0, [1, "甲公司", "北京"])
    sheet.write_row(6, 0, [2, "乙公司", "上海"])
    sheet.write_row(7, 0, ["合计", 2])
    sheet.write(9, 0, "注：排名不分先后")
    book.close()
    found = find_table(read_file("a", out.getvalue()), WORDS)
    assert (found.sheet, found.header_row) == ("名单", 4)
    assert [(row.number, row.cells) for row in found.rows] == [
        (5, ("1", "甲公司", "北京")),
        (7, ("2", "乙公司", "上海")),
    ]
    assert found.left_out == (8, 10)
    assert guess(found) == {"rank": 0, "name": 1, "city": 2}


def test_a_header_parted_in_two_below_is_a_header_still_and_one_said_again_is_no_row():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    sheet.merge_range(0, 0, 1, 0, "名次")
    sheet.merge_range(0, 1, 1, 1, "企业名称")
    sheet.merge_range(0, 2, 0, 3, "地区")
    sheet.write_row(1, 2, ["省", "市"])
    sheet.write_row(2, 0, [1, "甲公司", "江苏", "南京"])
    sheet.write_row(3, 0, ["名次", "企业名称", "地区"])
    sheet.write_row(4, 0, [2, "乙公司", "浙江", "杭州"])
    book.close()
    found = find_table(read_file("a", out.getvalue()), WORDS)
    assert (found.header_row, found.headers) == (2, ("名次", "企业名称", "省", "市"))
    assert guess(found) == {"rank": 0, "name": 1, "province": 2, "city": 3}
    assert [(row.number, row.cell(1)) for row in found.rows] == [(3, "甲公司"), (5, "乙公司")]
    assert found.left_out == (4,)


def test_one_column_without_header():
    found = table("甲有限公司\n乙有限公司\n")
    assert found.header_row is None
    assert [row.number for row in found.rows] == [1, 2]
    assert guess(found) == {"name": 0}


def test_unknown_headers_are_guessed_by_what_stands_below():
    found = table("甲列,乙列,丙列\n1,甲有限公司,91110000802100433B\n2,乙公司,91110000802100433B\n")
    assert guess(found) == {"rank": 0, "name": 1, "credit_code": 2}


def test_a_row_number_is_no_rank_and_brands_are_no_name():
    found = table("序号,单位名称,主要品牌\n1,甲公司,甲\n2,乙公司,乙\n")
    assert guess(found) == {"name": 1}


def test_a_mapping_is_read_in_words():
    headers = ["排名", "企业名称"]
    assert parse_mapping("rank=排名,name=企业名称", headers, WORDS) == {"rank": 0, "name": 1}


@pytest.mark.parametrize(
    "text", ["rank=排名", "x=排名", "name=没有", "name", "name=排名,name=企业名称", "name=1,rank=1"]
)
def test_a_wrong_mapping_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        parse_mapping(text, ["排名", "企业名称"], WORDS)
    assert list(refusal.value.errors) == ["mapping"]


@pytest.mark.parametrize(
    ("headers", "claims"),
    [
        (["排名", "企业名称", "公司名称"], {"name": [1, 2]}),
        (["名次", "企业名称", "排名"], {"rank": [0, 2]}),
        # The surer of two is taken, and two languages say the same.
        (["排名", "企业名称", "企业简称", "Company Name"], {}),
    ],
)
def test_columns_that_claim_one_meaning_alike_are_named(headers, claims):
    mapping = guess_columns(headers, [], WORDS)
    assert rivals(headers, mapping, WORDS) == claims


def test_two_columns_with_one_meaning_are_refused():
    assert mapping_from_form({0: "", 1: "name"}, 2, WORDS) == {"name": 1}
    for choices in ({0: "name", 1: "name"}, {0: "rank"}, {5: "name"}, {0: "nonsense"}):
        with pytest.raises(Refusal):
            mapping_from_form(choices, 2, WORDS)
