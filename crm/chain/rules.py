"""How well the city stands on each segment of the chain, and why.

Judged from what came here: a segment counts with all below it (a parent speaks for its branch), and
looks along its links, those that are said of what stands above it included. ADR 0023 says why these
four words and where their lines are drawn. What a person judged otherwise stands above that for the
segment itself; its neighbours and what it belongs to are judged from projects all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from models.enums import Stage
from models.segment import Gap

# From so many landed or signed projects on, a segment holds without any one of them.
ENOUGH = 3
# What the chain calls a project by its stage, as the four coordination lists do: in talks until it
# is signed, signed until it has landed.
IN_TALKS = (Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING)
SIGNED_ONLY = (Stage.COMMITTED, Stage.REGISTERED)
LANDED = (Stage.LANDED,)


@dataclass(frozen=True)
class Standing:
    """Projects on a segment and below it: landed, signed or registered, and before that."""

    landed: int = 0
    signed: int = 0
    ongoing: int = 0

    def __add__(self, other: Standing) -> Standing:
        return Standing(
            self.landed + other.landed, self.signed + other.signed, self.ongoing + other.ongoing
        )

    @property
    def here(self) -> int:
        """Those that came or have signed that they will."""
        return self.landed + self.signed


@dataclass(frozen=True)
class Ends:
    """Who supplies whom, by the segments' keys."""

    supplier: int
    customer: int


@dataclass(frozen=True)
class Judgement:
    """A segment's gap with what it follows from, other segments by their keys.

    ``computed`` is what its projects say, ``said`` what a person judged instead. ``near`` are
    linked segments where somebody is, ``pull`` how many projects that makes.
    """

    computed: Gap
    standing: Standing
    said: Gap | None = None
    missing_suppliers: tuple[int, ...] = ()
    missing_customers: tuple[int, ...] = ()
    missing_below: tuple[int, ...] = ()
    near: tuple[int, ...] = ()
    pull: int = 0

    @property
    def gap(self) -> Gap:
        """The one that stands."""
        return self.said or self.computed


def judge(
    tops: Mapping[int, Collection[int]],
    own: Mapping[int, Standing],
    links: Sequence[Ends],
    said: Mapping[int, Gap],
) -> dict[int, Judgement]:
    """Each segment's judgement.

    ``tops`` names for each segment itself and all above it, in the tree's order; ``own`` what
    stands on a segment alone; ``said`` what people judged otherwise. A link of a segment holds for
    all below it, but nothing misses or nears what stands in its own branch.
    """
    standings = {key: Standing() for key in tops}
    for key, above in tops.items():
        for top in above:
            standings[top] += own.get(key, Standing())
    return {key: replace(_judged(key, tops, standings, links), said=said.get(key)) for key in tops}


def most_wanted(judgements: Mapping[int, Judgement], keys: Sequence[int]) -> list[int]:
    """Of these segments the missing ones that others here are linked to, those with most first."""
    missing = [k for k in keys if judgements[k].gap is Gap.MISSING and judgements[k].pull]
    return sorted(missing, key=lambda k: -judgements[k].pull)


def _judged(
    key: int,
    tops: Mapping[int, Collection[int]],
    standings: Mapping[int, Standing],
    links: Sequence[Ends],
) -> Judgement:
    suppliers = {li.supplier for li in links if li.customer in tops[key]}
    customers = {li.customer for li in links if li.supplier in tops[key]}
    apart = [k for k in tops if k not in tops[key] and key not in tops[k]]
    empty = [k for k in apart if not standings[k].here]
    no_suppliers = _topmost([k for k in empty if k in suppliers], tops)
    no_customers = _topmost([k for k in empty if k in customers], tops)
    here = [k for k in apart if k in suppliers | customers and standings[k].here]
    near = _topmost(here, tops)
    return Judgement(
        computed=_gap(standings[key], neighbour_missing=bool(no_suppliers or no_customers)),
        standing=standings[key],
        missing_suppliers=no_suppliers,
        missing_customers=no_customers,
        missing_below=tuple(
            k for k in tops if k != key and key in tops[k] and not standings[k].here
        ),
        near=near,
        pull=sum(standings[k].here for k in near),
    )


def _topmost(keys: Sequence[int], tops: Mapping[int, Collection[int]]) -> tuple[int, ...]:
    """Without those whose branch is named already: their projects would count twice."""
    return tuple(k for k in keys if not any(k != other and other in tops[k] for other in keys))


def _gap(standing: Standing, *, neighbour_missing: bool) -> Gap:
    if not standing.here:
        return Gap.MISSING
    if standing.here < ENOUGH:
        return Gap.WEAK
    return Gap.EXTENDABLE if neighbour_missing else Gap.STRONG
