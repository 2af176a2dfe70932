"""The columns of the ledgers, each with what it is called and where the records know it.

What no record knows stays empty: nobody fills a cell in for the sake of the sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm.exports import Cell, Column, Kind
from crm.leads.cards import place_name
from crm.leads.columns import joined, standing
from crm.messages import Message, Name, msg
from crm.reports.evidence import Evidence
from models.lead import Lead


@dataclass(frozen=True)
class Project:
    """A row before it is written: a lead with its number, and what stands around it."""

    number: int
    lead: Lead
    known: Evidence
    method: Name
    """The channel at the head of its channel: how we go about it."""


@dataclass(frozen=True)
class Field:
    """A column: its name for machines, its title and width on paper, and its value of a row."""

    code: str
    title: Message
    kind: Kind
    width: int
    read: Callable[[Project], Cell]

    @property
    def column(self) -> Column:
        """As a file has it."""
        return Column(self.title, self.kind, self.width)


def _place(project: Project) -> Cell:
    lead = project.lead
    return place_name(lead.park, lead.district) if lead.district_id else None


def _kept(project: Project) -> Cell:
    """Of the promises that were made, how many are done."""
    made, done = project.known.promises
    return msg("承诺 %(n)s 项，办结 %(done)s 项", n=made, done=done) if made else None


def _remarks(project: Project) -> Cell:
    """Until when it is on hold and why; else among whom its result is shared."""
    until, why = project.lead.hold_until, project.known.problem
    if until is not None:
        day = until.isoformat()
        return (
            msg("暂缓到 %(day)s：%(why)s", day=day, why=why)
            if why
            else msg("暂缓到 %(day)s", day=day)
        )
    shares = joined(project.known.shares)
    return msg("业绩分成：%(shares)s", shares=shares) if shares else None


# fmt: off
COLUMNS = (
    Field("number", msg("序号"), Kind.WHOLE, 6, lambda p: p.number),
    Field("project", msg("项目名称"), Kind.TEXT, 26, lambda p: p.lead.project),
    Field("investor", msg("投资方"), Kind.TEXT, 32, lambda p: p.lead.company.name),
    Field("head_office", msg("总部所在地"), Kind.TEXT, 12,
          lambda p: p.lead.company.place.city if p.lead.company.place else None),
    Field("lists", msg("榜单情况"), Kind.TEXT, 26, lambda p: joined(p.known.listed)),
    Field("segment", msg("产业链环节"), Kind.TEXT, 18,
          lambda p: Name(p.lead.segment.zh, p.lead.segment.en)),
    Field("content", msg("项目内容"), Kind.TEXT, 36, lambda p: p.lead.need),
    Field("planned_investment_cny", msg("计划总投资(万元)"), Kind.WAN, 16,
          lambda p: p.lead.planned_investment_cny),
    Field("planned_revenue_cny", msg("三年软件业务收入(万元)"), Kind.WAN, 16,
          lambda p: p.lead.planned_revenue_cny),
    Field("planned_headcount", msg("三年用工(人)"), Kind.WHOLE, 12,
          lambda p: p.lead.planned_headcount),
    Field("space_m2", msg("载体需求(㎡)"), Kind.WHOLE, 12, lambda p: p.lead.space_m2),
    Field("place", msg("意向园区"), Kind.TEXT, 18, _place),
    Field("channel", msg("线索来源"), Kind.TEXT, 14,
          lambda p: Name(p.lead.channel.zh, p.lead.channel.en)),
    Field("method", msg("招商渠道"), Kind.TEXT, 16, lambda p: p.method),
    Field("team", msg("责任小分队"), Kind.TEXT, 16,
          lambda p: Name(p.lead.team.short_zh, p.lead.team.short_en)),
    Field("owner", msg("责任人"), Kind.TEXT, 10, lambda p: p.lead.owner.name),
    Field("liaison", msg("挂钩领导"), Kind.TEXT, 10,
          lambda p: p.lead.liaison.name if p.lead.liaison else None),
    Field("first_touch_on", msg("首次接洽"), Kind.DATE, 12, lambda p: p.known.first_touch),
    Field("stage", msg("当前阶段"), Kind.TEXT, 12, lambda p: standing(p.lead)),
    Field("progress", msg("最新进展"), Kind.TEXT, 44, lambda p: p.known.progress),
    Field("problem", msg("存在问题"), Kind.TEXT, 28, lambda p: p.known.problem),
    Field("coordination", msg("需协调事项"), Kind.TEXT, 28,
          lambda p: "；".join(p.known.coordination) or None),
    Field("next_step", msg("下一步计划"), Kind.TEXT, 36, lambda p: p.known.next_step),
    Field("expected_signing_on", msg("预计签约"), Kind.DATE, 12,
          lambda p: p.lead.expected_signing_on),
    Field("expected_landing_on", msg("预计落地"), Kind.DATE, 12,
          lambda p: p.lead.expected_landing_on),
    Field("remarks", msg("备注"), Kind.TEXT, 28, _remarks),
)
# What the ledgers of signed and landed projects add: of the agreement, then of the local company.
# Premises would join here, should the offices' sheet ask for them.
ADDED = (
    Field("signed_on", msg("签约时间"), Kind.DATE, 12, lambda p: p.lead.signed_on),
    Field("signed_investment_cny", msg("协议投资"), Kind.WHOLE, 16,
          lambda p: p.lead.signed_investment_cny),
    Field("local_company", msg("注册公司"), Kind.TEXT, 32, lambda p: p.known.local_company),
    Field("registered_capital_cny", msg("注册资本"), Kind.WHOLE, 16,
          lambda p: p.known.registered_capital_cny),
    Field("funds_in_place_cny", msg("到位资金"), Kind.WHOLE, 16,
          lambda p: p.known.funds_in_place_cny),
    Field("employees", msg("实际用工"), Kind.WHOLE, 10, lambda p: p.known.employees),
    Field("promises", msg("兑现情况"), Kind.TEXT, 24, _kept),
)
# fmt: on
