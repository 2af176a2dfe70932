"""Each row's values are read, or it is said what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.companies.identity import name_problem
from crm.imports.columns import guess_columns
from crm.imports.outcomes import Outcome, count_outcomes
from crm.imports.workbook import Row
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.matching import Known, match
from crm.targets.ranks import guess_rank, read_rank
from crm.targets.rows import Line, read_line

HEADERS = ("排名", "企业名称")
MAPPING = {"rank": 0, "name": 1}


def lines(*rows: tuple[str, str]) -> list[Line]:
    return [read_line(Row(n, row), HEADERS, MAPPING, {}) for n, row in enumerate(rows, start=2)]


@pytest.mark.parametrize(
    ("text", "rank"), [("78", 78), ("７８", 78), ("", None), ("-", None), ("未知", None)]
)
def test_ranks_may_be_unknown(text: str, rank: int | None) -> None:
    assert read_rank(text) == (rank, None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "第7名",
            "第 7 位",
            "第７名",
            "No.7",
            "NO. 7",
            "№7",
            "7（并列）",
            "7(并列)",
            "并列7",
            "TOP 7",
        ),
        *(
            "top7",
            "#7",
            "7名",
            "第 7 名（并列）",
            "并列第7",
            "7th",
            "7=",
            "排名：7",
            "7、",
            "７",
        ),
        *("Rank 7", "07", "7 (tie)"),
    ],
)
def test_a_rank_may_stand_in_the_words_of_a_rank(text: str) -> None:
    assert read_rank(text) == (7, None)


def test_a_column_of_written_ranks_is_known_without_its_header() -> None:
    rows = [
        ["第1名", "甲公司"],
        ["第2名", "乙公司"],
        ["第2名（并列）", "丙公司"],
        ["第4名", "丁公司"],
    ]
    assert guess_columns(["", "企业名称"], rows, TARGET_COLUMNS) == {"name": 1, "rank": 0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("第0名", "从 1 开始"),
        ("No.9999999", "太大"),
        *(
            (text, "名次要填")
            for text in ("第七名", "第名", "No.", "TOP", "并列", "第7名8", "7-8", "7名第8")
        ),
        *((text, "名次要填") for text in ("第-7名", "No.7.5", "7家", "7亿元", "7%", "未上榜")),
    ],
)
def test_what_only_looks_like_a_rank_says_what_to_do(text: str, said: str) -> None:
    rank, problem = read_rank(text)
    assert rank is None
    assert problem
    assert said in str(problem.message)


@pytest.mark.parametrize("text", ["0", "-3", "七十八", "1.5", "abc", "9999999999"])
def test_what_is_no_rank_is_a_problem(text: str) -> None:
    rank, problem = read_rank(text)
    assert rank is None
    assert problem
    assert problem.column == "rank"


@pytest.mark.parametrize(
    ("text", "guess"),
    [("七十八", 78), ("第17名", 17), ("十", 10), ("一百零三", 103), ("一〇三", 103), ("甲", None)],
)
def test_a_repair_is_offered_where_one_can_be_guessed(text: str, guess: int | None) -> None:
    assert guess_rank(text) == guess


def test_wrong_rows_say_what_to_do() -> None:
    empty, long, fine = lines(("1", ""), ("2", "长" * 500), ("3", "甲乙科技有限公司"))
    assert "企业名称是空的" in str(empty.problems[0].message)
    assert "500" in str(long.problems[0].message)
    assert not fine.problems


def test_the_second_row_of_one_company_is_wrong() -> None:
    found = match(
        lines(("1", "甲乙科技有限公司"), ("2", "甲乙科技(有限公司)")), Known(), _nobody, {}
    )
    assert [result.outcome for result in found] == [Outcome.NEW, Outcome.ERROR]
    assert "第 2 行" in str(found[1].problems[0].message)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=12)), max_size=30))
def test_every_row_has_one_result(rows: list[tuple[str, str]]) -> None:
    found = match(lines(*rows), Known(), _nobody, {})
    assert sum(count_outcomes(found).values()) == len(rows)


def _nobody(_names: object) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("name", ["46023", "3.14", "2026-01-01", "——"])
def test_what_has_no_letter_is_no_name(name: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert str(problem) == "企业名称里没有字，请核对。"


@pytest.mark.parametrize("name", ["360", "4399", "58同城", "Adobe"])
def test_few_digits_may_be_a_name(name: str) -> None:
    assert name_problem(name) is None
