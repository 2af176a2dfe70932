"""The ledgers (台账) as offices print them: their columns, and what of them the records know.

What no record knows stays empty: nobody fills a cell in for the sake of the sheet.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from crm import clock, paging
from crm.access import Actor
from crm.exports import Cell, Column, Kind, Table
from crm.leads.cards import place_name
from crm.leads.columns import joined, standing
from crm.leads.filters import LeadFilter, base_condition, narrow_conditions
from crm.leads.queries import page_options
from crm.messages import Message, Name, msg
from crm.reports.evidence import Evidence, evidence_of
from models import db
from models.channel import Channel
from models.enums import Stage, Status
from models.lead import Lead
from models.team import Team


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


COLUMNS = (
    Column(msg("序号"), Kind.WHOLE, 6),
    Column(msg("项目名称"), width=26),
    Column(msg("投资方"), width=32),
    Column(msg("总部所在地"), width=12),
    Column(msg("榜单情况"), width=26),
    Column(msg("产业链环节"), width=18),
    Column(msg("项目内容"), width=36),
    Column(msg("计划总投资(万元)"), Kind.WAN, 16),
    Column(msg("三年软件业务收入(万元)"), Kind.WAN, 16),
    Column(msg("三年用工(人)"), Kind.WHOLE, 12),
    Column(msg("载体需求(㎡)"), Kind.WHOLE, 12),
    Column(msg("意向园区"), width=18),
    Column(msg("线索来源"), width=14),
    Column(msg("招商渠道"), width=16),
    Column(msg("责任小分队"), width=16),
    Column(msg("责任人"), width=10),
    Column(msg("挂钩领导"), width=10),
    Column(msg("首次接洽"), Kind.DATE, 12),
    Column(msg("当前阶段"), width=12),
    Column(msg("最新进展"), width=44),
    Column(msg("存在问题"), width=28),
    Column(msg("需协调事项"), width=28),
    Column(msg("下一步计划"), width=36),
    Column(msg("预计签约"), Kind.DATE, 12),
    Column(msg("预计落地"), Kind.DATE, 12),
    Column(msg("备注"), width=20),
)
# What the ledgers of signed and landed projects add: of the agreement, then of the local company.
# Premises would join here and in ``_of_local``, should the offices' sheet ask for them.
ADDED = (
    Column(msg("签约时间"), Kind.DATE, 12),
    Column(msg("协议投资"), Kind.WHOLE, 16),
    Column(msg("注册公司"), width=32),
    Column(msg("注册资本"), Kind.WHOLE, 16),
    Column(msg("到位资金"), Kind.WHOLE, 16),
    Column(msg("实际用工"), Kind.WHOLE, 10),
    Column(msg("兑现情况"), width=24),
)


def ledger(kind: Ledger, actor: Actor, wanted: LeadFilter, now: datetime) -> Table:
    """The projects of one ledger that the actor may read and the filter leaves, lost ones aside.

    Stage and status of the filter are the ledger's own. The title says as of when it is known.
    """
    plain = kind is Ledger.NEGOTIATING
    moment = f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    known = msg(
        "%(title)s（按 %(moment)s 已知的数据）",
        title=kind.words,
        moment=moment,
    )
    return Table(
        name=kind.words,
        columns=COLUMNS if plain else (*COLUMNS, *ADDED),
        rows=_rows(kind, actor, wanted, clock.local_date(now)),
        above=(known,) if plain else (known, msg("表头没有写单位的金额，单位是元。")),
    )


def ledger_total(kind: Ledger, actor: Actor, wanted: LeadFilter, today: date) -> int:
    """How many projects stand in it."""
    query = sa.select(sa.func.count()).select_from(Lead)
    return db.session.scalar(query.where(*_conditions(kind, actor, wanted, today))) or 0


def _conditions(
    kind: Ledger, actor: Actor, wanted: LeadFilter, today: date
) -> list[sa.ColumnElement[bool]]:
    return [
        base_condition(actor, wanted.scope),
        Lead.stage.in_(kind.stages),
        Lead.status != Status.LOST,
        *narrow_conditions(wanted, today),
    ]


def _rows(kind: Ledger, actor: Actor, wanted: LeadFilter, today: date) -> Iterator[Sequence[Cell]]:
    """By team, then in the order of registration."""
    chosen = (
        sa.select(Lead.id)
        .join(Team, Team.id == Lead.team_id)
        .where(*_conditions(kind, actor, wanted, today))
        .order_by(Team.sort, Team.id, Lead.id)
    )
    number, methods = 0, _methods()
    for part in paging.chunks(chosen):
        keys = [row[0] for row in part]
        query = sa.select(Lead).where(Lead.id.in_(keys)).options(*page_options())
        leads = {lead.id: lead for lead in db.session.scalars(query)}
        known = evidence_of(list(leads.values()), local=kind is not Ledger.NEGOTIATING)
        for key in keys:
            number += 1
            lead, evidence = leads[key], known[key]
            row = _of_project(number, lead, evidence, methods)
            if kind is Ledger.NEGOTIATING:
                yield row
            else:
                yield (*row, lead.signed_on, lead.signed_investment_cny, *_of_local(evidence))


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


def _of_project(
    number: int, lead: Lead, evidence: Evidence, methods: Mapping[int, Name]
) -> tuple[Cell, ...]:
    return (
        number,
        lead.project,
        lead.company.name,
        lead.company.place.city if lead.company.place else None,
        joined(evidence.listed),
        Name(lead.segment.zh, lead.segment.en),
        lead.need,
        lead.planned_investment_cny,
        lead.planned_revenue_cny,
        lead.planned_headcount,
        lead.space_m2,
        place_name(lead.park, lead.district) if lead.district_id else None,
        Name(lead.channel.zh, lead.channel.en),
        methods[lead.channel_id],
        Name(lead.team.short_zh, lead.team.short_en),
        lead.owner.name,
        lead.liaison.name if lead.liaison else None,
        evidence.first_touch,
        standing(lead),
        evidence.progress,
        evidence.problem,
        None,  # nobody records yet what is to be coordinated
        evidence.next_step,
        lead.expected_signing_on,
        lead.expected_landing_on,
        None,
    )


def _of_local(evidence: Evidence) -> tuple[Cell, ...]:
    """What is known of the local company; funds in place have no record yet."""
    promised = evidence.promises
    return (
        evidence.local_company,
        evidence.registered_capital_cny,
        None,
        evidence.employees,
        msg("承诺 %(n)s 项，办结 %(done)s 项", n=promised[0], done=promised[1])
        if promised[0]
        else None,
    )
