"""The columns of the list of leads, on the page and in the file: one row a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from crm import clock
from crm.exports import Cell, Column, Kind
from crm.leads.cards import LeadCard
from crm.leads.stages import stage_name
from crm.leads.words import STATUS_WORDS
from crm.messages import Message, Name, msg
from models.enums import Status
from models.lead import Lead

Read = Callable[[LeadCard], Cell]


@dataclass(frozen=True)
class LeadColumn:
    """A column: what it is called, how it is read, what must be loaded for it.

    ``written`` is its column in a file, which has its unit in the title. ``sort`` is the order of
    ``crm.leads.listing`` that its head offers; ``badges`` and ``steps`` are the queries it needs.
    """

    code: str
    label: Message
    written: Column
    read: Read
    sort: str = ""
    loads: tuple[ExecutableOption, ...] = ()
    badges: bool = False
    steps: bool = False

    @property
    def kind(self) -> Kind:
        """What stands in it."""
        return self.written.kind

    @property
    def number(self) -> bool:
        """Whether it stands at the right."""
        return self.kind in {Kind.WHOLE, Kind.WAN}


def standing(lead: Lead) -> Message | Name:
    """The stage, and the status where it is another than active."""
    stage = stage_name(lead.stage)
    if lead.status is Status.ACTIVE:
        return stage
    return msg("%(stage)s（%(status)s）", stage=stage, status=STATUS_WORDS[lead.status])


def joined(names: Iterable[Name]) -> Name | None:
    """Several names in one cell."""
    found = list(names)
    if not found:
        return None
    return Name("、".join(name.zh for name in found), ", ".join(name.en for name in found))


def _column(
    code: str,
    label: Message,
    read: Read,
    kind: Kind = Kind.TEXT,
    width: int = 14,
    *,
    title: Message | None = None,
    **more: Any,
) -> LeadColumn:
    return LeadColumn(code, label, Column(title or label, kind, width), read, **more)


def _of(name: str) -> Read:
    """A value of the lead itself; a moment is shown as its day."""
    return lambda card: getattr(card.lead, name)


def _day_of(name: str) -> Read:
    return lambda card: clock.local_date(getattr(card.lead, name))


# The first of every list: what leads to the lead's page. A file has the project beside it.
COMPANY = _column(
    "company", msg("企业"), lambda card: card.lead.company.name, width=34, sort="company"
)
PROJECT = _column("project", msg("项目"), _of("project"), width=26)

COLUMNS = (
    _column(
        "lists",
        msg("榜单"),
        lambda card: joined(badge.text for badge in card.badges),
        width=20,
        badges=True,
    ),
    _column("stage", msg("阶段"), lambda card: standing(card.lead), width=12, sort="stage"),
    _column(
        *("days", msg("停留"), lambda card: card.days, Kind.WHOLE, 10),
        title=msg("停留(天)"),
        sort="days",
    ),
    _column(
        *("planned", msg("计划投资 万元"), _of("planned_investment_cny"), Kind.WAN, 16),
        title=msg("计划投资(万元)"),
        sort="investment",
    ),
    _column(
        "place",
        msg("意向地"),
        lambda card: card.place if card.lead.district_id else None,
        width=18,
    ),
    _column("owner", msg("负责人"), lambda card: card.lead.owner.name, width=12, sort="owner"),
    _column("touch", msg("上次有效接触"), _of("last_touch_at"), Kind.DATE, sort="touch"),
    _column("step", msg("下一步"), lambda card: card.step, width=40, steps=True),
    _column(
        *("due", msg("日期"), _of("next_step_on"), Kind.DATE, 12), sort="next_step", steps=True
    ),
    _column(
        "team",
        msg("小分队"),
        lambda card: Name(card.lead.team.short_zh, card.lead.team.short_en),
        loads=(joinedload(Lead.team),),
    ),
    _column(
        "segment",
        msg("环节"),
        lambda card: Name(card.lead.segment.zh, card.lead.segment.en),
        width=20,
        loads=(joinedload(Lead.segment),),
    ),
    _column(
        "channel",
        msg("线索来源"),
        lambda card: Name(card.lead.channel.zh, card.lead.channel.en),
        width=16,
        loads=(joinedload(Lead.channel),),
    ),
    _column(
        "liaison",
        msg("挂钩领导"),
        lambda card: card.lead.liaison.name if card.lead.liaison else None,
        width=12,
        loads=(joinedload(Lead.liaison),),
    ),
    _column("need", msg("企业诉求"), _of("need"), width=40),
    _column(
        *("revenue", msg("三年软件收入 万元"), _of("planned_revenue_cny"), Kind.WAN, 16),
        title=msg("三年软件收入(万元)"),
    ),
    _column("headcount", msg("三年用工"), _of("planned_headcount"), Kind.WHOLE, 10),
    _column(
        *("space", msg("载体需求 ㎡"), _of("space_m2"), Kind.WHOLE, 12),
        title=msg("载体需求(㎡)"),
    ),
    _column(
        *("agreed", msg("签约投资 万元"), _of("signed_investment_cny"), Kind.WAN, 16),
        title=msg("签约投资(万元)"),
    ),
    _column("signing", msg("预计签约"), _of("expected_signing_on"), Kind.DATE),
    _column("landing", msg("预计落地"), _of("expected_landing_on"), Kind.DATE, sort="landing"),
    _column("signed", msg("签约日期"), _of("signed_on"), Kind.DATE),
    _column("landed", msg("落地日期"), _of("landed_on"), Kind.DATE),
    _column("created", msg("登记日期"), _day_of("created_at"), Kind.DATE),
    _column("updated", msg("更新日期"), _day_of("updated_at"), Kind.DATE, sort="updated"),
)
_BY_CODE = {column.code: column for column in COLUMNS}
USUAL = COLUMNS[:9]


def columns_of(codes: Iterable[str]) -> Sequence[LeadColumn]:
    """The columns of these codes in this order, the company before them; unknown ones fall out.

    Without any known code those that everybody begins with.
    """
    chosen = [_BY_CODE[code] for code in known_codes(codes)]
    return (COMPANY, *(chosen or USUAL))


def known_codes(codes: Iterable[str]) -> list[str]:
    """Those of the codes that name a column, each once."""
    return [code for code in dict.fromkeys(codes) if code in _BY_CODE]


def others(columns: Sequence[LeadColumn]) -> list[LeadColumn]:
    """The columns that are not among these, in the table's order."""
    return [column for column in COLUMNS if column not in columns]


def codes_of(columns: Sequence[LeadColumn]) -> list[str]:
    """Their codes, to be read again; nothing for those that everybody begins with."""
    chosen = columns[1:]
    return [] if tuple(chosen) == USUAL else [column.code for column in chosen]


def written(columns: Sequence[LeadColumn]) -> Sequence[LeadColumn]:
    """The same as a file has them: the project apart from the company."""
    return (columns[0], PROJECT, *columns[1:])
