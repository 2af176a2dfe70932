"""Each row's values are read, or it is said what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.imports.outcomes import Outcome, count_outcomes
from crm.imports.workbook import Row
from crm.targets.matching import Known, match
from crm.targets.rows import Line, guess_rank, read_line, read_rank

HEADERS = ("排名", "企业名称")
MAPPING = {"rank": 0, "name": 1}


def lines(*rows: tuple[str, str]) -> list[Line]:
    return [read_line(Row(n, row), HEADERS, MAPPING, {}) for n, row in enumerate(rows, start=2)]


@pytest.mark.parametrize(
    ("text", "rank"), [("78", 78), ("７８", 78), ("", None), ("-", None), ("未知", None)]
)
def test_ranks_may_be_unknown(text: str, rank: int | None) -> None:
    assert read_rank(text) == (rank, None)


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
