"""Who may have led whom to us, and the tree that this makes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.messages import Message, msg
from crm.texts import too_long
from models.referral import NOTE_LENGTH, SOURCE_LENGTH

Errors = dict[str, list[Message]]
Edge = tuple[int, int]
"""The keys of a company and of one that it led to us."""

EARLIEST = date(2000, 1, 1)
# So many levels stand below each other on a page.
DEEPEST = 12


def above(edges: Iterable[Edge], company: int) -> set[int]:
    """The companies through which one came, itself or through others."""
    led_by: dict[int, set[int]] = defaultdict(set)
    for referrer, led in edges:
        led_by[led].add(referrer)
    found: set[int] = set()
    waiting = [company]
    while waiting:
        for one in led_by[waiting.pop()] - found:
            found.add(one)
            waiting.append(one)
    return found


def is_circle(edges: Iterable[Edge], referrer: int, company: int) -> bool:
    """Whether a company would be led to us by itself, at once or through others, with this edge."""
    return referrer == company or company in above(edges, referrer)


def wrong_words(
    *, named: bool, source: str, contact: bool, note: str, happened_on: date | None, today: date
) -> Errors:
    """What is wrong with a referral as typed, by field; ``named``: a company is its referrer."""
    found = {
        "referrer": _wrong_source(named=named, source=source),
        "contact": _wrong_contact(named=named, contact=contact),
        "source": too_long(source, SOURCE_LENGTH),
        "note": too_long(note, NOTE_LENGTH),
        "happened_on": _wrong_day(happened_on, today),
    }
    return {name: [text] for name, text in found.items() if text}


def _wrong_source(*, named: bool, source: str) -> Message | None:
    if named and source:
        return msg("引荐的企业和库外的引荐人只填一个。")
    if not named and not source:
        return msg("请选引荐的企业，或写下库外的引荐人。")
    return None


def _wrong_contact(*, named: bool, contact: bool) -> Message | None:
    return msg("先选引荐的企业，再填它的联系人。") if contact and not named else None


def _wrong_day(day: date | None, today: date) -> Message | None:
    if day is None:
        return None
    if day > today:
        return msg("这一天还没有到，请核对。")
    return msg("年份太早，请看是不是填错了。") if day < EARLIEST else None


@dataclass(frozen=True)
class Led:
    """A referral as the tree needs it: its leads as far as the reader may read them.

    ``referrer`` is the key of a company, ``source`` a text; one of them. ``leads`` are keys.
    """

    company: int
    referrer: int | None
    source: str
    leads: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Branch:
    """A company in the tree: how it came, whom it led to us, and what came of all of that.

    ``own`` are the leads it came with from the one above, ``under`` those below it, each once.
    ``elsewhere``: whom it led stands in another place of the page, or on a page of its own.
    """

    company: int
    own: Sequence[int] = ()
    below: Sequence[Branch] = ()
    under: frozenset[int] = frozenset()
    elsewhere: bool = False


def grow(rows: Collection[Led], sources: Iterable[int | str]) -> list[Branch]:
    """A branch for each source, in order: a company's key, or a text (its company is 0).

    A company that came through several stands below each, and whom it led below the first of them;
    what is more than ``DEEPEST`` levels down stands elsewhere. Counts know nothing of either.
    """
    led: dict[int, list[Led]] = defaultdict(list)
    outside: dict[str, list[Led]] = defaultdict(list)
    for row in rows:
        if row.referrer is not None:
            led[row.referrer].append(row)
        else:
            outside[row.source].append(row)
    tree = _Tree(led)
    return [
        tree.of_text(outside[one]) if isinstance(one, str) else tree.branch(one, frozenset(), 0)
        for one in sources
    ]


class _Tree:
    """A tree that grows; what stands in it already is not shown again."""

    def __init__(self, led: Mapping[int, Sequence[Led]]) -> None:
        self.led = led
        self.shown: set[int] = set()

    def of_text(self, rows: Sequence[Led]) -> Branch:
        """A source outside the database."""
        below = self._below(rows, 0)
        return Branch(0, (), below, self._leads(rows))

    def branch(self, company: int, own: frozenset[int], depth: int) -> Branch:
        """A company and whom it led."""
        rows = self.led.get(company, ())
        under = self._leads(rows)
        if rows and (company in self.shown or depth >= DEEPEST):
            return Branch(company, sorted(own), (), under, elsewhere=True)
        self.shown.add(company)
        return Branch(company, sorted(own), self._below(rows, depth + 1), under)

    def _below(self, rows: Sequence[Led], depth: int) -> list[Branch]:
        """Those whom somebody led, a company once whatever it came with."""
        own: dict[int, frozenset[int]] = {}
        for row in rows:
            own[row.company] = own.get(row.company, frozenset()) | row.leads
        return [self.branch(company, leads, depth) for company, leads in own.items()]

    def _leads(self, rows: Sequence[Led]) -> frozenset[int]:
        """The leads of some referrals and of all below them."""
        found: set[int] = set()
        seen: set[int] = set()
        waiting = list(rows)
        while waiting:
            row = waiting.pop()
            found |= row.leads
            if row.company not in seen:
                seen.add(row.company)
                waiting += self.led.get(row.company, ())
        return frozenset(found)
