"""What the policy is made of: rules, the facts they ask, how they are read, and what is unclear.

Only shapes; ``parsing.py`` reads them from the data and refuses what the code does not understand.
Amounts are whole CNY, rates exact fractions.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from crm.messages import Name


class Kind(enum.StrEnum):
    """What a rule gives. Kinds are never added to each other."""

    GRANT = "grant"
    EQUITY = "equity"
    CREDIT = "credit"
    RECOGNITION = "recognition"


class FactType(enum.StrEnum):
    """What a fact's value is."""

    BOOL = "bool"
    MONEY = "money"
    INT = "int"
    RATIO = "ratio"
    YEAR = "year"
    ENUM = "enum"
    TEXT = "text"
    LIST = "list"


class Operator(enum.StrEnum):
    """How a condition looks at its fact."""

    IS = "is"
    EQ = "eq"
    IN = "in"
    ANY_IN = "any_in"
    GTE = "gte"
    BETTER_OR_EQUAL = "better_or_equal"


@dataclass(frozen=True)
class Choice:
    """A value that a fact or a switch may have, and what people call it."""

    value: str
    name: Name


@dataclass(frozen=True)
class Derivation:
    """A fact worked out from two others: ``new / old - 1``."""

    new: str
    old: str


@dataclass(frozen=True)
class Fact:
    """Something a rule asks. ``none``: what an explicit null says (without it null is missing)."""

    name: str
    type: FactType
    label: Name
    known_by: str
    values: tuple[Choice, ...] = ()
    optional: bool = False
    none: Name | None = None
    derived: Derivation | None = None


@dataclass(frozen=True)
class Condition:
    """One line of a rule's conditions; numbers are exact."""

    fact: str
    operator: Operator
    value: bool | str | int | Fraction | tuple[str, ...]


@dataclass(frozen=True)
class Conditions:
    """``all``: every line holds; ``any``: at least one; with both, both."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    @property
    def facts(self) -> frozenset[str]:
        """The facts they look at."""
        return frozenset(line.fact for line in (*self.all, *self.any))


@dataclass(frozen=True)
class Negotiated:
    """An amount that people propose. With both bases it is settled by what was really invested."""

    basis: str | None = None
    basis_at_settlement: str | None = None
    pool_cny: int | None = None


@dataclass(frozen=True)
class Rate:
    """A share of a basis."""

    rate: Fraction
    basis: str


@dataclass(frozen=True)
class RateUpTo:
    """A proposed amount of at most a share of a basis."""

    rate: Fraction
    basis: str


@dataclass(frozen=True)
class Tiers:
    """What reaching a threshold pays: (from, pays) in rising order."""

    basis: str
    tiers: tuple[tuple[int, int], ...]
    first_time_each_tier: bool


@dataclass(frozen=True)
class Fixed:
    """One amount."""

    cny: int


@dataclass(frozen=True)
class PerLevel:
    """An amount for each step on a certificate's scale, from a level on."""

    cny: int
    levels_from: int


@dataclass(frozen=True)
class Limit:
    """A line of credit or a guarantee: no payment."""

    cny: int
    loss_tolerance: Fraction | None = None


@dataclass(frozen=True)
class Recorded:
    """No amount: counted and evidenced."""


Amount: TypeAlias = "Negotiated | Rate | RateUpTo | Tiers | Fixed | PerLevel | Limit | Recorded"


@dataclass(frozen=True)
class Switch:
    """An open reading: its options, which of them holds without a ruling, and whom it waits for."""

    name: str
    label: Name
    default: str
    options: tuple[Choice, ...]
    question: str

    def option(self, value: str) -> Name | None:
        """What an option is called; None when there is no such option."""
        return next((o.name for o in self.options if o.value == value), None)


@dataclass(frozen=True)
class Focus:
    """A field the money mainly goes to: shown, never a condition."""

    name: Name
    fact: str | None


@dataclass(frozen=True)
class Scale:
    """A certificate's levels. ``best`` None: the direction is unknown and needs a ruling."""

    lowest: int | None
    best: int | None

    @property
    def known(self) -> bool:
        """Whether levels can be compared at all."""
        return self.lowest is not None and self.best is not None

    def holds(self, level: int) -> bool:
        """Whether there is such a level."""
        if self.lowest is None or self.best is None:
            return level > 0
        return min(self.lowest, self.best) <= level <= max(self.lowest, self.best)

    def rank(self, level: int) -> int:
        """How far above the lowest a level is, from 0. Raises ValueError for an unknown scale."""
        if self.lowest is None or self.best is None:
            raise ValueError("the direction of this scale is unknown")
        return level - self.lowest if self.best > self.lowest else self.lowest - level


@dataclass(frozen=True)
class Question:
    """What the text leaves open, for the policy office; ``default`` is how we read it till then."""

    id: str
    clause: str
    text: Name
    default: Name
    affects: frozenset[str]
    answer: str | None


@dataclass(frozen=True)
class Rule:
    """One incentive. ``once``: None when the text does not say; it is counted by ``once_per``.

    ``cap_per`` is what the cap counts; a switch of that name may change it.
    """

    code: str
    clause: str
    name: Name
    kind: Kind
    conditions: Conditions
    amount: Amount
    beneficiaries: tuple[str, ...]
    applies_to: str
    per: str
    cap_cny: int | None
    cap_per: str | None
    once: bool | None
    once_per: tuple[str, ...]
    facts: tuple[Fact, ...]
    switches: tuple[Switch, ...]
    questions: tuple[str, ...]
    interpretation: Name
    interpreted: frozenset[str]
    """Which of ``per``, ``cap_per``, ``once`` and ``basis`` are our reading, not the text's."""
    payer_level: str | None
    stacking: str | None
    decided_by: str | None
    focus: tuple[Focus, ...]
    upgrades: str | None

    @cached_property
    def by_name(self) -> Mapping[str, Fact]:
        """Its facts by name."""
        return {fact.name: fact for fact in self.facts}

    @cached_property
    def switch_names(self) -> Mapping[str, Switch]:
        """Its switches by name."""
        return {switch.name: switch for switch in self.switches}


@dataclass(frozen=True)
class Key:
    """Something a payment is counted by, and the facts that hold it (the first a rule asks)."""

    name: Name
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """Something the city does for companies that is no amount."""

    code: str
    clause: str
    name: Name


@dataclass(frozen=True)
class Policy:
    """The policy: its rules in the order of its text, and everything that is unclear in it."""

    id: str
    title: Name
    status: str
    status_name: Name
    binding: bool
    rules_version: str
    """A digest of the data: it changes whenever anything in it does."""
    rules: tuple[Rule, ...]
    questions: Mapping[str, Question]
    general_questions: tuple[str, ...]
    """The questions that bear on every rule."""
    scales: Mapping[str, Scale]
    scale_question: str | None
    """The question that an unknown scale waits for."""
    known_by: Mapping[str, Name]
    kinds: Mapping[Kind, Name]
    keys: Mapping[str, Key]
    applies_to: Mapping[str, Name]
    home_place: str | None
    """The code of the city's own place: a company seated there is not attracted from outside."""
    services: tuple[Service, ...]
    rounding: Name
    at_or_above: Name

    @cached_property
    def by_code(self) -> Mapping[str, Rule]:
        """Its rules by code."""
        return {rule.code: rule for rule in self.rules}
