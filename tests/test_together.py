"""The rule of two people at once, whatever they change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.together import Read, Stale, merged

FIELDS = ("name", "phone", "day")
values = st.fixed_dictionaries(
    {name: st.sampled_from([None, "", "甲", "乙", 3]) for name in FIELDS}
)


def sent_back(read: Read, keep: frozenset[str] = frozenset()) -> Read:
    """As a form carries it there and back."""
    found = Read.from_text(str(read), keep)
    assert found is not None
    return found


def same(one: Any, other: Any) -> bool:
    return (one or None) == (other or None)


@given(base=values, theirs=values, yours=values)
def test_nothing_that_one_side_changed_is_lost(
    base: dict[str, Any], theirs: dict[str, Any], yours: dict[str, Any]
) -> None:
    clashing = {
        name
        for name in FIELDS
        if not same(base[name], theirs[name])
        and not same(base[name], yours[name])
        and not same(theirs[name], yours[name])
    }
    read = sent_back(Read.of(base))
    if clashing:
        the_person_chooses(theirs, yours, read, clashing)
        return
    found = merged(theirs, yours, read)
    for name in FIELDS:
        mine = not same(base[name], yours[name])
        assert same(found[name], yours[name] if mine else theirs[name])


def the_person_chooses(
    theirs: dict[str, Any], yours: dict[str, Any], read: Read, clashing: set[str]
) -> None:
    with pytest.raises(Stale) as told:
        merged(theirs, yours, read)
    stale = told.value
    assert stale.changed == {name: (theirs[name], yours[name]) for name in clashing}
    # What only they changed stands in the form that is shown again.
    shown = {**yours, **stale.taken}
    chosen = merged(theirs, shown, sent_back(stale.read, frozenset(clashing)))
    assert all(same(chosen[name], theirs[name]) for name in clashing)
    mine = merged(theirs, shown, sent_back(stale.read))
    assert all(same(mine[name], yours[name]) for name in clashing)


def test_who_had_read_nothing_is_not_held_up() -> None:
    assert Read.from_text("") is None
    assert Read.from_text("name:abc") is None
    assert Read.from_text("@:999999999999 name:abc") is None
    assert merged({"name": "甲"}, {"name": "乙"}, None) == {"name": "乙"}


def test_a_field_that_was_never_read_is_a_clash() -> None:
    with pytest.raises(Stale):
        merged({"name": "甲"}, {"name": "乙"}, Read.of({"phone": "1"}))
