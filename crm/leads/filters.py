"""Which leads a board or list shows: conditions that stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from crm import clock
from crm.access import Actor, Scope, in_scope, scopes, visible_leads
from crm.amounts import AmountSpan
from crm.leads.expansions import is_expansion
from crm.leads.found import found_by
from crm.leads.named import BY_CODE, LEADS_OF, not_there
from crm.leads.tiers import ANY, LISTED, TIERS
from crm.leads.typed import amounts_of, days_of, unknown
from crm.messages import Message, msg
from crm.spans import Span
from models.enums import Stage, Status
from models.lead import Lead

Condition = sa.ColumnElement[bool]
E = TypeVar("E", Scope, Stage)
MAX_WORDS = 100

FLAGS = ("overdue", "stalled", "undated", "untouched")
SPANS = ("created", "signed", "registered", "landed", "signing", "landing")
_CODES = (
    "segment",
    "list",
    "tier",
    "channel",
    "team",
    "owner",
    "place",
    "event",
    "batch",
    "referrer",
)
_ASKED = ("stage", "stages", *_CODES, *FLAGS, *SPANS, "amount", "expansion", "q")

# What the status filter may ask for; ``open`` is whatever is not lost, ``ongoing`` has not landed
# either.
STATUSES: dict[str, tuple[Status, ...]] = {
    "open": (Status.ACTIVE, Status.ON_HOLD),
    "ongoing": (Status.ACTIVE, Status.ON_HOLD),
    "active": (Status.ACTIVE,),
    "on_hold": (Status.ON_HOLD,),
    "lost": (Status.LOST,),
    "all": tuple(Status),
}


@dataclass(frozen=True)
class LeadFilter:
    """Conditions by their codes, as they stand in the address. Empty: not asked for.

    ``scope`` None: everything the actor may read. ``place`` is ``park:CODE`` or ``district:CODE``.
    """

    scope: Scope | None = None
    stage: Stage | None = None
    stages: tuple[Stage, ...] = ()
    status: str = "open"
    segment: str = ""
    list: str = ""
    tier: str = ""
    """What the company's lists are worth to the policy: one of ``tiers.TIERS``."""
    channel: str = ""
    team: str = ""
    owner: str = ""
    place: str = ""
    event: str = ""
    """The event that they came of, by its public id."""
    batch: str = ""
    """The import that wrote them down or changed them, by its public id."""
    referrer: str = ""
    """Who led them to us, also through others: ``company:PUBLIC_ID`` or ``outside:TEXT``."""
    overdue: bool = False
    stalled: bool = False
    undated: bool = False
    untouched: bool = False
    created: Span | None = None
    signed: Span | None = None
    registered: Span | None = None
    landed: Span | None = None
    signing: Span | None = None
    """When it is expected to be signed, as ``landing`` when it is expected to land."""
    landing: Span | None = None
    amount: AmountSpan | None = None
    """Planned investment."""
    expansion: str = ""
    """``yes``: the group has landed before; ``no``: a landing of its own."""
    q: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it asks for more than the summary knows: scope, stages, status and team."""
        plain = LeadFilter(
            scope=self.scope,
            stage=self.stage,
            stages=self.stages,
            status=self.status,
            team=self.team,
        )
        return self != plain

    @property
    def dated(self) -> bool:
        """Whether a day or deadline in it finds its leads by an index of their own."""
        return any(getattr(self, name) for name in (*SPANS, "stalled", "overdue"))

    @property
    def listed(self) -> bool:
        """Whether a list in it finds its leads by their few companies."""
        return bool(self.list) or self.tier in {*LISTED, ANY}

    @property
    def left_out(self) -> tuple[LeadFilter, LeadFilter] | None:
        """A filter that the summary knows and the few of it that this one leaves out; None where
        it is not like that.

        Almost all leads are of companies on no list, and no expansions.
        """
        others: dict[str, tuple[str, Any]] = {"tier": ("none", ANY), "expansion": ("no", "yes")}
        for name, (most, few) in others.items():
            if getattr(self, name) == most and not self.without(name).narrow:
                return self.without(name), replace(self, **{name: few})
        return None

    @property
    def lost(self) -> bool | None:
        """Whether it asks for lost leads only, or for none of them; None: for both."""
        return None if self.status == "all" else self.status == "lost"

    def at(self, stage: Stage) -> bool:
        """Whether leads of that stage are among those asked for."""
        return self.stage in {None, stage} and (not self.stages or stage in self.stages)

    def as_args(self) -> dict[str, str]:
        """The same as arguments of an address."""
        args = {
            "scope": self.scope.value if self.scope else "",
            "stage": self.stage.value if self.stage else "",
            "status": "" if self.status == "open" else self.status,
            "stages": ",".join(self.stages),
        }
        for name in FLAGS:
            args[name] = "1" if getattr(self, name) else ""
        for name in (*SPANS, "amount"):
            args[name] = str(getattr(self, name) or "")
        for name in (*_CODES, "expansion", "q"):
            args[name] = getattr(self, name)
        # An address without any condition would start with the reader's own scope.
        return {name: value for name, value in args.items() if value} or {"status": self.status}

    def without(self, name: str) -> LeadFilter:
        """The same filter with one condition dropped."""
        return replace(self, **{name: getattr(LeadFilter(), name)})

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the conditions that are on, scope and status apart."""
        return tuple(name for name in _ASKED if getattr(self, name))


@dataclass(frozen=True)
class ReadFilter:
    """A filter read from an address, and what in it nobody knows, said in sentences."""

    filter: LeadFilter
    notes: tuple[Message, ...]


def read_filter(args: Mapping[str, str], actor: Actor) -> ReadFilter:
    """Read a filter; what is unknown is left out and said.

    Without any condition it starts with the actor's first scope; with some and no scope it shows
    all that the actor may read, so that a figure opens exactly the records it counts.
    """
    notes: list[Message] = []
    theirs = scopes(actor)
    scope = _one_of(Scope, args.get("scope", ""), notes)
    if scope is not None and scope not in theirs:
        notes.append(msg("这个范围不归您看，已换成您能看的全部线索。"))
        scope = None
    known = {name for name in args if name in LeadFilter.__dataclass_fields__}
    if scope is None and not known and theirs:
        scope = theirs[0]
    status = args.get("status") or "open"
    if status not in STATUSES:
        notes.append(unknown(status))
        status = "open"
    more: dict[str, Any] = {name: args.get(name, "") not in {"", "0"} for name in FLAGS}
    more |= {name: args.get(name, "") for name in _CODES if name != "tier"}
    more |= {name: days_of(args, name, notes) for name in SPANS}
    read = LeadFilter(
        scope=scope,
        stage=_one_of(Stage, args.get("stage", ""), notes),
        status=status,
        tier=_word(args.get("tier", ""), TIERS, notes),
        amount=amounts_of(args, notes),
        stages=_stages(args.get("stages", ""), notes),
        expansion=_word(args.get("expansion", ""), ("yes", "no"), notes),
        q=args.get("q", "").strip()[:MAX_WORDS],
        **more,
    )
    return ReadFilter(_known_only(read, notes), tuple(notes))


def base_condition(actor: Actor, scope: Scope | None) -> Condition:
    """The leads of a scope, or all that the actor may read."""
    return in_scope(actor, scope) if scope else visible_leads(actor)


def status_conditions(status: str, *, counted: bool = False) -> list[Condition]:
    """The status filter, said so that an index by date still serves the order of the rows.

    ``counted``: nothing is in order, and the indexes that begin with the status are served.
    """
    if status == "all":
        return []
    if counted and len(STATUSES[status]) > 1:
        further = [Lead.stage != Stage.LANDED] if status == "ongoing" else []
        return [Lead.status.in_(STATUSES[status]), *further]
    if status == "open":
        return [Lead.status != Status.LOST]
    if status == "ongoing":
        return [Lead.status != Status.LOST, Lead.stage != Stage.LANDED]
    return [Lead.status == STATUSES[status][0]]


def narrow_conditions(
    wanted: LeadFilter,
    today: date,
    *,
    by_row: bool = False,
    among: Condition | None = None,
    lost: bool | None = None,
) -> list[Condition]:
    """Everything but scope, stage and status, as conditions of a query.

    ``by_row``: of few leads, or for a query that reads in order and soon has enough of very many.
    ``among``, ``lost``: which words are read (``found_by``), where that is said beside it.
    """
    found = [found_by(wanted.q, among, lost=lost, by_row=by_row)] if wanted.q else []
    conditions = [*_coded(wanted), *found]
    if wanted.overdue:
        conditions.append(is_overdue(today))
    if wanted.stalled:
        conditions.append(is_stalled(today))
    if wanted.undated:
        conditions.append(sa.and_(Lead.status == Status.ACTIVE, Lead.next_step_on.is_(None)))
    if wanted.untouched:
        conditions.append(Lead.last_touch_at.is_(None))
    for name, column in _DAYS.items():
        if span := getattr(wanted, name):
            conditions.append(_within(column, span))
    if wanted.amount:
        conditions.append(_within(Lead.planned_investment_cny, wanted.amount))
    if wanted.created:
        conditions.append(_happened(Lead.created_at, wanted.created))
    if wanted.expansion:
        again = is_expansion()
        conditions.append(again if wanted.expansion == "yes" else ~again)
    return conditions


def _coded(wanted: LeadFilter) -> list[Condition]:
    return [build(value) for name, build in LEADS_OF.items() if (value := getattr(wanted, name))]


def stage_conditions(wanted: LeadFilter) -> list[Condition]:
    """The stages that are asked for."""
    found: list[Condition] = []
    if wanted.stage:
        found.append(Lead.stage == wanted.stage)
    if wanted.stages:
        found.append(Lead.stage.in_(wanted.stages))
    return found


def is_overdue(today: date) -> Condition:
    """An active lead whose next step should be done already."""
    return sa.and_(Lead.status == Status.ACTIVE, Lead.next_step_on < today)


def is_stalled(today: date) -> Condition:
    """An active lead that is longer in its stage than the stage's limit."""
    return sa.and_(Lead.status == Status.ACTIVE, Lead.stalls_on <= today)


def _within(column: Any, span: Span | AmountSpan) -> Condition:
    found = [column.is_not(None)]
    if span.first:
        found.append(column >= span.first)
    if span.last:
        found.append(column <= span.last)
    return sa.and_(*found)


def _happened(column: Any, span: Span) -> Condition:
    """A moment on one of these days of the teams."""
    return sa.and_(
        sa.true(),
        *([column >= clock.midnight(span.first)] if span.first else []),
        *([column < clock.midnight(span.last + timedelta(days=1))] if span.last else []),
    )


_DAYS = {
    "signed": Lead.signed_on,
    "registered": Lead.registered_on,
    "landed": Lead.landed_on,
    "signing": Lead.expected_signing_on,
    "landing": Lead.expected_landing_on,
}


def _known_only(read: LeadFilter, notes: list[Message]) -> LeadFilter:
    """Drop codes that name nothing (one query for all that are asked)."""
    for name in not_there({name: getattr(read, name) for name in BY_CODE}):
        notes.append(unknown(getattr(read, name)))
        read = read.without(name)
    return read


def _one_of(kind: type[E], value: str, notes: list[Message]) -> E | None:
    if not value:
        return None
    try:
        return kind(value)
    except ValueError:
        notes.append(unknown(value))
        return None


def _stages(text: str, notes: list[Message]) -> tuple[Stage, ...]:
    read = {_one_of(Stage, part, notes) for part in text.split(",") if part}
    return tuple(stage for stage in Stage if stage in read)


def _word(value: str, known: tuple[str, ...], notes: list[Message]) -> str:
    if value and value not in known:
        notes.append(unknown(value))
        return ""
    return value
