"""What is judged of a segment: pure, and the same whichever order links are named in."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crm.chain.rules import ENOUGH, Ends, Standing, judge, most_wanted
from models.segment import Gap

# A branch of three (1 over 2 over 3), and two segments of their own.
TOPS = {1: {1}, 2: {1, 2}, 3: {1, 2, 3}, 4: {4}, 5: {5}}
numbers = st.builds(
    Standing, landed=st.integers(0, 4), signed=st.integers(0, 4), ongoing=st.integers(0, 4)
)
standings = st.dictionaries(st.sampled_from(sorted(TOPS)), numbers)
SAID = st.dictionaries(st.sampled_from(sorted(TOPS)), st.sampled_from(Gap))
links = st.lists(
    st.builds(Ends, supplier=st.sampled_from(sorted(TOPS)), customer=st.sampled_from(sorted(TOPS)))
)


def _gaps(own: dict[int, Standing], *ends: Ends) -> dict[int, Gap]:
    return {key: judged.gap for key, judged in judge(TOPS, own, ends, {}).items()}


def test_a_segment_counts_with_all_below_it() -> None:
    judged = judge(TOPS, {2: Standing(ongoing=1), 3: Standing(landed=1, signed=ENOUGH)}, [], {})
    assert judged[1].standing == Standing(landed=1, signed=ENOUGH, ongoing=1)
    assert (judged[1].gap, judged[4].gap) == (Gap.STRONG, Gap.MISSING)


def test_nobody_few_and_enough() -> None:
    own = {3: Standing(signed=ENOUGH - 1), 4: Standing(ongoing=9), 5: Standing(landed=ENOUGH)}
    assert _gaps(own) == {
        1: Gap.WEAK,
        2: Gap.WEAK,
        3: Gap.WEAK,
        4: Gap.MISSING,
        5: Gap.STRONG,
    }


def test_a_missing_neighbour_is_what_a_full_segment_can_be_extended_by() -> None:
    own = {3: Standing(landed=ENOUGH), 5: Standing(landed=1)}
    supplied = judge(TOPS, own, [Ends(4, 1), Ends(3, 5)], {})
    assert supplied[3].gap is Gap.EXTENDABLE
    # Said of the branch's top, it holds below it.
    assert supplied[3].missing_suppliers == (4,)
    assert supplied[3].near == (5,)
    assert judge(TOPS, own, [Ends(3, 4)], {})[1].missing_customers == ()
    assert judge(TOPS, own, [Ends(3, 4)], {})[3].missing_customers == (4,)


def test_a_branch_does_not_miss_itself_and_counts_once() -> None:
    own = {3: Standing(landed=2)}
    assert judge(TOPS, own, [Ends(2, 3), Ends(1, 3)], {})[3].missing_suppliers == ()
    judged = judge(TOPS, own, [Ends(1, 4), Ends(3, 4), Ends(2, 4)], {})[4]
    assert (judged.near, judged.pull) == ((1,), 2)


def test_what_is_missing_most_comes_first() -> None:
    judged = judge(TOPS, {1: Standing(landed=2)}, [Ends(1, 4), Ends(4, 5)], {})
    assert most_wanted(judged, [5, 4, 3]) == [4]
    assert judged[2].missing_below == (3,)


@given(standings, links)
def test_gaps_follow_from_what_is_here(own: dict[int, Standing], ends: list[Ends]) -> None:
    judged = judge(TOPS, own, ends, {})
    assert judged == judge(TOPS, own, list(reversed(ends)), {})
    for key, one in judged.items():
        assert (one.gap is Gap.MISSING) == (one.standing.here == 0)
        assert (one.gap is Gap.WEAK) == (0 < one.standing.here < ENOUGH)
        missing = {*one.missing_suppliers, *one.missing_customers}
        assert not missing & {*one.near, *TOPS[key]}
        assert (one.gap is Gap.EXTENDABLE) == (one.standing.here >= ENOUGH and bool(missing))
        assert one.pull == sum(judged[k].standing.here for k in one.near)


@given(SAID)
def test_what_is_said_of_one_changes_nothing_else(said: dict[int, Gap]) -> None:
    own, ends = {2: Standing(landed=1), 3: Standing(signed=ENOUGH)}, [Ends(3, 4), Ends(4, 5)]
    before, after = judge(TOPS, own, ends, {}), judge(TOPS, own, ends, said)
    for key, judged in after.items():
        assert judged == replace(before[key], said=said.get(key))
        assert judged.gap is said.get(key, before[key].computed)


def test_who_is_said_to_be_missing_is_wanted_and_who_is_not_is_not() -> None:
    own, ends = {3: Standing(landed=1)}, [Ends(3, 4), Ends(3, 5)]
    said = {5: Gap.STRONG, 3: Gap.MISSING}
    assert most_wanted(judge(TOPS, own, ends, {}), [3, 4, 5]) == [4, 5]
    assert most_wanted(judge(TOPS, own, ends, said), [3, 4, 5]) == [4]
