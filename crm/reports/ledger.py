"""The ledgers (台账) as offices print them: which projects stand in which, in what order."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from crm import clock, paging
from crm.access import Actor
from crm.exports import Cell, Table
from crm.leads.filters import LeadFilter, base_condition, narrow_conditions
from crm.leads.queries import page_options
from crm.messages import Message, Name, msg
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from crm.reports.evidence import evidence_of
from crm.reports.ledger_fields import ADDED, COLUMNS, Field, Project
from models import db
from models.channel import Channel
from models.enums import Stage, Status
from models.lead import Lead
from models.team import Team

_ORDER = (
    Key(Team.__table__.c.sort),
    Key(Team.__table__.c.id),
    Key(Lead.__table__.c.id),
)
# So many numbers are in a cursor: that of the last project, and its place in the order.
CURSOR = 1 + len(_ORDER)


class Ledger(enum.StrEnum):
    """Which ledger."""

    NEGOTIATING = "negotiating"
    SIGNED = "signed"
    LANDED = "landed"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages whose projects stand in it."""
        match self:
            case Ledger.NEGOTIATING:
                return (Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING)
            case Ledger.SIGNED:
                return (Stage.COMMITTED, Stage.REGISTERED)
            case Ledger.LANDED:
                return (Stage.LANDED,)

    @property
    def words(self) -> Message:
        """What people call it."""
        match self:
            case Ledger.NEGOTIATING:
                return msg("在谈项目台账")
            case Ledger.SIGNED:
                return msg("签约项目台账")
            case Ledger.LANDED:
                return msg("落地项目台账")


def ledger(kind: Ledger, actor: Actor, wanted: LeadFilter, now: datetime) -> Table:
    """The projects of one ledger that the actor may read and the filter leaves, lost ones aside.

    Stage and status of the filter are the ledger's own. The title says as of when it is known.
    """
    plain = kind is Ledger.NEGOTIATING
    moment = f"{now.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    known = msg(
        "%(title)s（按 %(moment)s 已知的数据）",
        title=kind.words,
        moment=moment,
    )
    return Table(
        name=kind.words,
        columns=[field.column for field in fields_of(kind)],
        rows=_rows(kind, actor, wanted, clock.local_date(now)),
        above=(known,) if plain else (known, msg("表头没有写单位的金额，单位是元。")),
    )


def _conditions(
    kind: Ledger, actor: Actor, wanted: LeadFilter, today: date
) -> list[sa.ColumnElement[bool]]:
    return [
        base_condition(actor, wanted.scope),
        Lead.stage.in_(kind.stages),
        Lead.status != Status.LOST,
        *narrow_conditions(wanted, today),
    ]


def ledger_page(
    kind: Ledger,
    actor: Actor,
    wanted: LeadFilter,
    today: date,
    *,
    limit: int,
    cursor: str | None = None,
) -> Page[Project]:
    """The same projects a page at a time; the cursor goes on with their numbers."""
    query = _chosen(kind, actor, wanted, today).limit(limit + 1)
    number, *behind = decode(cursor, (row_key,) * CURSOR) or (0,)
    if behind:
        query = query.where(after(_ORDER, behind))
    rows = db.session.execute(query).all()
    shown = list(_projects([row[0] for row in rows[:limit]], number, kind, _methods()))
    more = len(rows) > limit
    return Page(shown, encode([number + limit, *rows[limit - 1][1:]]) if more else None)


def fields_of(kind: Ledger) -> tuple[Field, ...]:
    """The columns of a ledger."""
    return COLUMNS if kind is Ledger.NEGOTIATING else (*COLUMNS, *ADDED)


def _rows(kind: Ledger, actor: Actor, wanted: LeadFilter, today: date) -> Iterator[Sequence[Cell]]:
    number, methods, fields = 0, _methods(), fields_of(kind)
    for part in paging.chunks(_chosen(kind, actor, wanted, today)):
        for project in _projects([row[0] for row in part], number, kind, methods):
            yield [field.read(project) for field in fields]
        number += len(part)


def _chosen(
    kind: Ledger, actor: Actor, wanted: LeadFilter, today: date
) -> sa.Select[int, int, int, int]:
    """By team, then in the order of registration."""
    return (
        sa.select(Lead.id, *(key.column for key in _ORDER))
        .join(Team, Team.id == Lead.team_id)
        .where(*_conditions(kind, actor, wanted, today))
        .order_by(*order_by(_ORDER))
    )


def _projects(
    keys: Sequence[int], number: int, kind: Ledger, methods: Mapping[int, Name]
) -> Iterator[Project]:
    """The projects of these leads in this order, numbered from the one after ``number``."""
    query = sa.select(Lead).where(Lead.id.in_(keys)).options(*page_options())
    leads = {lead.id: lead for lead in db.session.scalars(query)}
    known = evidence_of(list(leads.values()), local=kind is not Ledger.NEGOTIATING)
    for at, key in enumerate(keys, start=number + 1):
        lead = leads[key]
        yield Project(at, lead, known[key], methods[lead.channel_id])


def _methods() -> dict[int, Name]:
    """The channel at the head of each channel: how we go about it, where the source is one of."""
    channels = {channel.id: channel for channel in db.session.scalars(sa.select(Channel))}
    found = {}
    for key, channel in channels.items():
        head = channel
        while head.parent_id is not None:
            head = channels[head.parent_id]
        found[key] = Name(head.zh, head.en)
    return found
