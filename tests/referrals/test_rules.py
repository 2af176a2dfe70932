"""Nobody is led to us by itself, and the tree shows everybody once with all below."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.referrals.rules import DEEPEST, Branch, Edge, Led, above, grow, is_circle

edges = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=40)


def _written(wanted: list[Edge]) -> list[Edge]:
    """What stands there after each was refused or written, one after the other."""
    found: list[Edge] = []
    for referrer, company in wanted:
        if not is_circle(found, referrer, company):
            found.append((referrer, company))
    return found


@given(edges)
def test_no_company_is_ever_led_to_us_by_itself_through_others(wanted: list[Edge]) -> None:
    written = _written(wanted)
    assert all(company not in above(written, company) for company in range(1, 9))


@given(edges)
def test_only_what_would_be_a_circle_is_refused(wanted: list[Edge]) -> None:
    written = _written(wanted)
    for referrer, company in wanted:
        with_it = [*written, (referrer, company)]
        assert is_circle(written, referrer, company) is (company in above(with_it, company))


def _names(branch: Branch) -> list[int]:
    return [branch.company, *(name for one in branch.below for name in _names(one))]


@given(edges)
def test_the_tree_opens_everybody_below_once_and_counts_each_lead_once(wanted: list[Edge]) -> None:
    rows = [
        Led(company, referrer, "", frozenset({number}))
        for number, (referrer, company) in enumerate(_written(wanted))
    ]
    led = {row.company for row in rows}
    roots = sorted({row.referrer for row in rows if row.referrer} - led)
    branches = grow(rows, roots)
    opened = [name for branch in branches for name in _opened(branch)]
    assert len(opened) == len(set(opened))
    assert {name for branch in branches for name in _names(branch)} == led | set(roots)
    for root, branch in zip(roots, branches, strict=True):
        below = {
            number
            for number, row in enumerate(rows)
            if row.referrer == root or root in above(_edges(rows), row.referrer or 0)
        }
        assert branch.under == below


def _edges(rows: list[Led]) -> list[Edge]:
    return [(row.referrer, row.company) for row in rows if row.referrer]


def _opened(branch: Branch) -> list[int]:
    """The companies whose own branch is open somewhere."""
    own = [branch.company] if branch.below else []
    return [*own, *(name for one in branch.below for name in _opened(one))]


def test_a_long_chain_goes_on_elsewhere_and_is_counted_whole() -> None:
    rows = [Led(n + 1, n, "", frozenset({n})) for n in range(1, 2_000)]
    (top,) = grow(rows, [1])
    depth, branch = 0, top
    while branch.below:
        branch, depth = branch.below[0], depth + 1
    assert (depth, branch.elsewhere) == (DEEPEST, True)
    assert len(top.under) == len(rows)
