"""How many leads a filter finds, and what they are worth: for a list's total and for every figure.

A figure and the list that it opens are counted by the same conditions (``crm.leads.filters``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.access import Actor, Scope, first_by_team, sees_the_city, visible_leads, visible_parts
from crm.leads.filters import (
    STATUSES,
    Condition,
    LeadFilter,
    base_condition,
    narrow_conditions,
    stage_conditions,
    status_conditions,
)
from crm.leads.found import words_among
from crm.spans import Span
from models import db
from models.enums import Role, Stage, Status
from models.lead import Lead, LeadMonth, LeadTotal, Result
from models.team import Team

# Of more than so many leads those that are asked for stand close together in any order.
MANY = 2_000


class Count(NamedTuple):
    """So many leads; their planned and their agreed investment in CNY."""

    n: int = 0
    planned_cny: int = 0
    signed_cny: int = 0

    def __add__(self, other: Any) -> Count:
        """Both together."""
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other: Count) -> Count:
        """One without the other, which is of it."""
        return Count(*(a - b for a, b in zip(self, other, strict=True)))


# The sums that a figure may show, and the columns that they are sums of.
SUMS = {"planned": Lead.planned_investment_cny, "signed": Lead.signed_investment_cny}


def all_conditions(actor: Actor, wanted: LeadFilter, today: date) -> list[Condition]:
    """A filter as conditions of a query over leads."""
    whose = (
        visible_leads(actor, by_row=True)
        if wanted.dated and wanted.scope is None
        else base_condition(actor, wanted.scope)
    )
    among = words_among(actor, wanted.scope) if wanted.scope else None
    return [whose, *own_conditions(wanted, today, among=among)]


def own_conditions(
    wanted: LeadFilter,
    today: date,
    *,
    counted: bool = False,
    by_row: bool = False,
    among: Condition | None = None,
) -> list[Condition]:
    """The same without whose leads they are; ``by_row``, ``among``: as of ``narrow_conditions``."""
    # A day or a list finds fewer leads than a status does.
    few = wanted.dated or wanted.listed
    return [
        *status_conditions(wanted.status, counted=counted and not few),
        *stage_conditions(wanted),
        *narrow_conditions(wanted, today, by_row=by_row, among=among, lost=wanted.lost),
    ]


@dataclass(frozen=True)
class Wanted:
    """A filter to be counted, and the ``SUMS`` that its figure shows.

    ``cuts``: what of it counts under a name of its own instead. They share no lead, and are found
    in one reading with it. ``month``: it asks for whole months, of which ``lead_month`` knows what
    is of this result.
    """

    filter: LeadFilter
    sums: tuple[str, ...] = ()
    cuts: Mapping[str, LeadFilter] = field(default_factory=dict)
    month: tuple[Result, Span] | None = None


def count(actor: Actor, wanted: LeadFilter, today: date) -> Count:
    """What a filter finds (three statements at most)."""
    if not wanted.narrow and (found := summed(actor, wanted)) is not None:
        return sum(found.values(), Count())
    if wanted.left_out and (most := _most(actor, *wanted.left_out, today)) is not None:
        arms = _arms("", Wanted(wanted, tuple(SUMS)), actor, today)[1:]
        return most + _added(arms, [""])[""]
    return count_each(actor, {"": Wanted(wanted, tuple(SUMS))}, today)[""]


def count_resting(actor: Actor, wanted: LeadFilter, today: date) -> tuple[Count, int | None]:
    """What a filter finds, and how many of it are on hold; None where only a further statement
    would tell."""
    if not wanted.narrow and (found := summed(actor, wanted, LeadTotal.status)) is not None:
        return sum(found.values(), Count()), found.get(Status.ON_HOLD, Count()).n
    return count(actor, wanted, today), None


def _most(actor: Actor, whole: LeadFilter, few: LeadFilter, today: date) -> Count | None:
    """Of the first of the ``parts`` all but the few, where the summary knows them all."""
    of_teams = whole.scope is None and first_by_team(actor)
    found = summed(actor, replace(whole, scope=Scope.TEAM) if of_teams else whole)
    if found is None:
        return None
    arms = _arms("", Wanted(few, tuple(SUMS)), actor, today)[:1]
    return sum(found.values(), Count()) - _added(arms, [""])[""]


def count_each(actor: Actor, wanted: Mapping[str, Wanted], today: date) -> dict[str, Count]:
    """What each filter finds that none of its cuts has, and what these have (two statements at
    most for all of them).

    The parts after the first are found by their keys: nothing else may offer an index there.
    """
    arms, known = [], {}
    if (whose := in_summary(actor, LeadMonth)) is not None:
        known = {name: one for name, one in wanted.items() if one.month}
        arms = [_kept(name, *one.month, whose) for name, one in known.items() if one.month]
    arms += [
        arm
        for name, one in wanted.items()
        if name not in known
        for arm in _arms(name, one, actor, today)
    ]
    found = _added(arms, [name for whole, one in wanted.items() for name in (whole, *one.cuts)])
    for part in visible_parts(actor)[KNOWN:] if known else ():
        for name, more in _together(known, part, today).items():
            found[name] += more
    return found


def _arms(name: str, wanted: Wanted, actor: Actor, today: date) -> list[sa.Select[Any]]:
    return [
        _counted(name, wanted, today, part, first_words(actor, wanted.filter), by_row=number > 0)
        for number, part in enumerate(parts(actor, wanted.filter))
    ]


def _added(arms: Sequence[sa.Select[Any]], names: Iterable[str]) -> dict[str, Count]:
    found = dict.fromkeys(names, Count())
    for name, *values in db.session.execute(sa.union_all(*arms)) if arms else ():
        found[name] += Count(*map(int, values))
    return found


def _counted(
    name: str,
    wanted: Wanted,
    today: date,
    part: Condition,
    among: Condition | None,
    *,
    by_row: bool,
) -> sa.Select[Any]:
    cut: sa.ColumnElement[str] = sa.literal(name)
    if wanted.cuts:
        each = [
            (sa.and_(*own_conditions(one, today, by_row=True)), sa.literal(name))
            for name, one in wanted.cuts.items()
        ]
        cut = sa.case(*each, else_=cut)
    columns: list[sa.ColumnElement[Any]] = [
        cut,
        sa.func.count(),
        *(
            sa.func.coalesce(sa.func.sum(column), 0) if kind in wanted.sums else sa.literal(0)
            for kind, column in SUMS.items()
        ),
    ]
    own = own_conditions(wanted.filter, today, counted=not by_row, by_row=by_row, among=among)
    query = sa.select(*columns).select_from(Lead).where(part, *own)
    return query.group_by(cut) if wanted.cuts else query


def _together(wanted: Mapping[str, Wanted], part: Condition, today: date) -> dict[str, Count]:
    """Few leads that are found by their keys, read once for all filters."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*own), value), else_=0)), 0)
        for own in (own_conditions(one.filter, today, by_row=True) for one in wanted.values())
        for value in (sa.literal(1), *SUMS.values())
    ]
    values = map(int, db.session.execute(sa.select(*columns).where(part)).one())
    return {name: Count(*islice(values, len(Count._fields))) for name in wanted}


def _kept(name: str, result: Result, months: Span, whose: Condition) -> sa.Select[Any]:
    """What the summary of months has."""
    n, signed = (
        sa.func.coalesce(sa.func.sum(one), 0) for one in (LeadMonth.n, LeadMonth.signed_cny)
    )
    columns: list[sa.ColumnElement[Any]] = [sa.literal(name), n, sa.literal(0), signed]
    in_months = LeadMonth.month.between(months.first, months.last)
    return sa.select(*columns).where(whose, LeadMonth.result == result, in_months)


# Of a team's people the summaries know two parts, those of the team and their own; all of who sees
# the city.
KNOWN = 2


def in_summary(actor: Actor, summary: type[LeadTotal | LeadMonth]) -> Condition | None:
    """What a summary knows of the leads that the actor may read; None for parks and leaders."""
    if sees_the_city(actor):
        return sa.true()
    if not first_by_team(actor):
        return None
    return sa.or_(summary.team_id.in_(actor.teams), summary.owner_id == actor.id)


def parts(actor: Actor, wanted: LeadFilter) -> list[Condition]:
    """Whose leads a filter is about, in parts that share none; all but the first are few."""
    if wanted.scope:
        return [base_condition(actor, wanted.scope)]
    if wanted.dated:
        return [visible_leads(actor, by_row=True)]
    return visible_parts(actor, by_row=wanted.listed)


def first_words(actor: Actor, wanted: LeadFilter) -> Condition | None:
    """Where the words of the first of the ``parts`` stand; None: anywhere."""
    whole = wanted.scope is None and wanted.dated
    return None if whole else words_among(actor, wanted.scope)


def summed(actor: Actor, wanted: LeadFilter, by: Any = LeadTotal.stage) -> dict[Any, Count] | None:
    """The counts by stage, or by what else the summary knows; None for a scope it does not."""
    condition = _summary_condition(actor, wanted.scope)
    if condition is None:
        return None
    query = sa.select(
        by,
        sa.func.sum(LeadTotal.n),
        sa.func.sum(LeadTotal.investment_cny),
        sa.func.sum(LeadTotal.signed_cny),
    ).where(condition, LeadTotal.status.in_(STATUSES[wanted.status]))
    if wanted.team:
        team = sa.select(Team.id).where(Team.code == wanted.team).scalar_subquery()
        query = query.where(LeadTotal.team_id == team)
    if wanted.status == "ongoing":
        query = query.where(LeadTotal.stage != Stage.LANDED)
    if wanted.stage or wanted.stages:
        query = query.where(LeadTotal.stage.in_([one for one in Stage if wanted.at(one)]))
    rows = db.session.execute(query.group_by(by))
    return {key: Count(*map(int, values)) for key, *values in rows}


def _summary_condition(actor: Actor, scope: Scope | None) -> Condition | None:
    if scope is Scope.CITY or (scope is None and sees_the_city(actor)):
        return sa.true()
    if scope is Scope.TEAM:
        return LeadTotal.team_id.in_(actor.teams)
    if scope is Scope.MINE and actor.role is not Role.LIAISON_LEADER:
        return LeadTotal.owner_id == actor.id
    return None
