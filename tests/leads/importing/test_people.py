"""Whom a ledger's cells name, and how they are reached."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.companies.tokens import digits_of
from crm.imports.columns import guess_columns
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.people import PEOPLE, person_text, read_people


def said(**texts: str) -> list[str]:
    """The people of a row, each in a line."""
    found = read_people(
        {f"contact_{key}" if key != "contact" else key: texts[key] for key in texts}
    )
    assert not found.problems, found.problems
    return [person_text(person) for person in found.people]


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("张三 13800001111", ["张三 13800001111"]),
        (
            "张三13800001111、李四 139-0000-2222；王五",
            ["张三 13800001111", "李四 13900002222", "王五"],
        ),
        ("张三/李四\n王五，赵六", ["张三", "李四", "王五", "赵六"]),
        ("张三，总经理，13800001111", ["张三（总经理） 13800001111"]),
        ("总经理张三 +86 138 0000 1111", ["张三（总经理） 13800001111"]),
        (
            "董事会秘书 刘一（女）０５７３－８２８１１１１１转８０１",
            ["刘一（董事会秘书） 0573-82811111转801"],
        ),
        ("李四（副总裁）：(021)66668888-8012", ["李四（副总裁） 021-66668888转8012"]),
        ("张总138 0000 1111李四139 0000 2222", ["张总 13800001111", "李四 13900002222"]),
        ("陈一鸣总监 微信：chen_ym chen@a.example", ["陈一鸣（总监） chen_ym chen@a.example"]),
        ("张　三", ["张三"]),
        (
            "李娜 +86-10-88886666、王五 0086 21 6666 8888",
            ["李娜 +86-10-88886666", "王五 0086 21 6666 8888"],
        ),
        ("John Smith +1 415 555 0100", ["John Smith +1 415 555 0100"]),
        ("暂无", []),
    ],
)
def test_people_in_one_cell(cell: str, people: list[str]) -> None:
    assert said(contact=cell) == people


@pytest.mark.parametrize(
    ("texts", "people"),
    [
        (
            {"contact": "张三、李四", "phone": "13800001111、13900002222", "title": "总经理、副总"},
            ["张三（总经理） 13800001111", "李四（副总） 13900002222"],
        ),
        (
            {"contact": "张三；李四", "phone": "李四:13900002222；张三:13800001111"},
            ["张三 13800001111", "李四 13900002222"],
        ),
        (
            {"contact": "张三", "title": "董事长/总经理", "email": "zs@a.example"},
            ["张三（董事长/总经理） zs@a.example"],
        ),
        ({"phone": "张三13800001111"}, ["张三 13800001111"]),
        ({"contact": "张三", "wechat": "zhang_san/zs@a.example"}, ["张三 zhang_san zs@a.example"]),
    ],
)
def test_columns_beside_each_other_are_one_person_each(
    texts: dict[str, str], people: list[str]
) -> None:
    assert said(**texts) == people


def test_reached_by_wechat_under_the_phones_number() -> None:
    (person,) = read_people({"contact": "张三（微信同号）13800001111"}).people
    assert (person.phone, person.wechat, person.title) == ("13800001111", "13800001111", "")


@pytest.mark.parametrize(
    ("texts", "column"),
    [
        ({"contact": "张三 1380000111"}, "contact"),
        ({"contact": "张三 138****1111"}, "contact"),
        ({"contact": "张三", "contact_phone": "1.38E+10"}, "contact_phone"),
        ({"contact": "张三", "contact_phone": "057382"}, "contact_phone"),
        ({"contact": "张三", "contact_email": "zs@a"}, "contact_email"),
        ({"contact": "对方希望十二月以后再联系"}, "contact"),
    ],
)
def test_what_can_not_be_right_names_its_column(texts: dict[str, str], column: str) -> None:
    assert [problem.column for problem in read_people(texts).problems] == [column]


@pytest.mark.parametrize(
    ("texts", "left_out"),
    [
        ({"contact": "张三 13800001111/13900002222"}, "13900002222"),
        ({"contact_phone": "13800001111"}, "13800001111"),
        ({"contact": "张三", "contact_phone": "见名片"}, "见名片"),
        ({"contact": "张三", "contact_wechat": "云上的张三"}, "云上的张三"),
        ({"contact": "同上"}, "同上"),
    ],
)
def test_what_is_not_taken_up_is_said(texts: dict[str, str], left_out: str) -> None:
    found = read_people(texts)
    assert not found.problems
    assert left_out in "；".join(map(str, found.notices))


names = st.sampled_from(("张三", "李四", "王建国", "欧阳修", "陈一鸣", "赵总", "刘经理"))
numbers = st.one_of(
    st.integers(13_000_000_000, 19_999_999_999).map(str),
    st.integers(20_000_000, 89_999_999).map(lambda n: f"0573-{n}"),
)
titles = st.sampled_from(("", "总经理", "（副总裁）", " 市场部经理 "))
listed = st.lists(
    st.tuples(names, titles, numbers), min_size=1, max_size=4, unique_by=lambda p: p[0]
)


@given(listed, st.sampled_from("、；;\n/，"), st.sampled_from((" ", "：", "、", "")))
def test_however_they_are_listed_everybody_has_their_own_number(
    people: list[Any], between: str, before: str
) -> None:
    cell = between.join(f"{name}{title}{before}{number}" for name, title, number in people)
    found = read_people({"contact": cell})
    assert not found.problems
    assert [(p.name, p.title, p.phone) for p in found.people] == [
        (name, title.strip("（） "), number) for name, title, number in people
    ]


scraps = st.sampled_from(
    (
        *(
            "张三",
            "总经理李四",
            "市场部",
            "见名片",
            "微信：",
            "电话",
            "转801",
            "（",
            "）",
            "+",
            "-",
            "x@a.cn",
        ),
        *(
            " 13800001111",
            " 0573-82811111",
            " 82811111",
            " 1390000",
            " 95588",
            " ",
            "、",
            "；",
            "/",
            "，",
            "\n",
        ),
    )
)


@given(st.dictionaries(st.sampled_from(PEOPLE), st.lists(scraps, max_size=8).map("".join)))
def test_no_number_gets_lost_without_a_word(texts: dict[str, str]) -> None:
    found = read_people(texts)
    told = (*map(person_text, found.people), *found.notices)
    digits = digits_of("|".join(map(str, (*told, *(p.message for p in found.problems)))))
    for key in ("contact", "contact_phone"):
        for number in re.findall(r"\d{5,11}", texts.get(key, "")):
            assert number in digits


def test_the_columns_of_people_are_known_and_ours_are_not_theirs() -> None:
    headers = ("投资方", "责任人", "责任人电话", "联系人", "联系电话", "职务", "微信", "邮箱")
    meant = {k: headers[c] for k, c in guess_columns(headers, [], LEAD_COLUMNS).items()}
    assert meant == {
        **{
            "company": "投资方",
            "owner": "责任人",
            "contact": "联系人",
            "contact_phone": "联系电话",
        },
        **{"contact_title": "职务", "contact_wechat": "微信", "contact_email": "邮箱"},
    }
    assert guess_columns(("企业", "联系人及电话"), [], LEAD_COLUMNS) == {"company": 0, "contact": 1}


@given(
    st.sampled_from("张于董华微同女总"),
    st.text(st.sampled_from("三伟事总经理处长主任工老师先生秘书信号手机电话男娜"), max_size=3),
    st.from_regex(r"1[2-9][0-9]{8,10}|0573-8281111[0-9]|１３[0-9]{9}", fullmatch=True),
)
def test_what_is_plainly_said_means_what_it_would_among_other_words(
    first: str, rest: str, number: str
) -> None:
    plain = read_people({"contact": first + rest, "contact_phone": number})
    read_out = read_people({"contact": f"{first}{rest} ", "contact_phone": f"{number} "})
    assert plain == read_out
