"""The order of what is found: laws of the ranking, and who answers a query how."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.companies.tokens import Place, place_of, tokens, whole, word_range
from crm.search.rules import as_number, rank
from tests.leads.making import NOW

# No two of its letters are a legal form (AB), which a name is found without.
WORDS = st.text(alphabet="讯飞智能云科信联AxZ9", min_size=1, max_size=6)
MOMENTS = st.integers(0, 10**6).map(lambda minutes: NOW - timedelta(minutes=minutes))


@given(WORDS, WORDS, st.booleans(), st.booleans(), st.booleans(), st.booleans(), MOMENTS, MOMENTS)
def test_an_exact_name_is_never_below_a_beginning_nor_that_below_a_part(
    query: str, rest: str, a: bool, b: bool, c: bool, d: bool, one: datetime, other: datetime
) -> None:
    exact = rank(query, [query], own=a, is_open=b, at=one)
    begins = rank(query, [query + rest], own=c, is_open=d, at=other)
    contains = rank(query, ["飞" * 9 + query + rest], own=c, is_open=d, at=other)
    assert exact[0] is Place.EXACT
    assert exact < begins
    assert begins[0] <= contains[0]


@given(WORDS, MOMENTS, st.integers(1, 10**6))
def test_among_equals_own_then_open_then_newer(query: str, at: datetime, later: int) -> None:
    def of(*, own: bool, is_open: bool, at: datetime) -> object:
        return rank(query, [query], own=own, is_open=is_open, at=at)

    newer = at + timedelta(seconds=later)
    right = [
        of(own=True, is_open=True, at=newer),
        of(own=True, is_open=True, at=at),
        of(own=True, is_open=False, at=newer),
        of(own=False, is_open=True, at=newer),
        of(own=False, is_open=False, at=at),
    ]
    assert sorted(right) == right  # type: ignore[type-var]


@given(WORDS, WORDS)
def test_width_case_and_spaces_do_not_count(query: str, rest: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in query)
    for typed in (wide, query.upper(), query.lower(), f"  {query} "):
        assert place_of(typed, [query + rest]) == place_of(query, [query + rest])


@given(WORDS, st.text(alphabet="讯飞智能云科信联AxZ9", max_size=6))
def test_a_name_is_found_by_what_it_begins_with(query: str, rest: str) -> None:
    low, high = word_range(whole(query))
    assert any(low <= token < high for token in tokens(query + rest))


@pytest.mark.parametrize(
    ("query", "names", "place"),
    [
        ("讯飞", ["讯飞"], Place.EXACT),
        ("讯飞", ["科大讯飞", "讯飞智元"], Place.BEGINS),
        ("讯飞", ["科大讯飞"], Place.CONTAINS),
        ("kdxf", ["科大讯飞"], Place.SOUNDS),
        ("kedaxunfei", ["科大讯飞"], Place.SOUNDS),
        ("ked", ["科大讯飞"], Place.BEGINS_SOUNDING),
        ("tcl", ["TCL科技"], Place.BEGINS),
        ("xunfei", ["科大讯飞"], Place.OTHERWISE),
        ("讯飞", [], Place.OTHERWISE),
        ("", ["讯飞"], Place.OTHERWISE),
    ],
)
def test_places(query: str, names: list[str], place: Place) -> None:
    assert place_of(query, names) is place


@pytest.mark.parametrize(
    ("query", "digits"),
    [
        ("13812345678", "13812345678"),
        ("138 1234-5678", "13812345678"),
        ("+86 138", "86138"),
        ("１３８１", "1381"),
        *(("5678", "5678"), ("567", ""), ("", ""), ("张 5678", ""), ("2026年", ""), ("-", "")),
    ],
)
def test_what_is_a_number(query: str, digits: str) -> None:
    assert as_number(query) == digits
