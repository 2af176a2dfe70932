"""The lists as shown, as tables of a file: leads, promises, companies, an edition's entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from crm import clock
from crm.access import Actor
from crm.companies import queries as companies
from crm.companies.badges import badges_of
from crm.exports import Cell, Column, Kind, Table
from crm.leads.claims import leading_holders
from crm.leads.columns import LeadColumn, joined, written
from crm.leads.filters import LeadFilter
from crm.leads.listing import every_lead
from crm.messages import Name, msg
from crm.promises.queries import BookFilter, every_promise
from crm.promises.rules import SIDE_WORDS, STANDING_WORDS
from crm.targets import queries as targets
from models.target import ListEdition

COMPANIES = (
    Column(msg("企业"), width=22),
    Column(msg("企业全称"), width=36),
    Column(msg("统一社会信用代码"), width=24),
    Column(msg("榜单"), width=24),
    Column(msg("总部"), width=12),
    Column(msg("谁在跟"), width=48),
)
ENTRIES = (
    Column(msg("名次"), Kind.WHOLE, 8),
    Column(msg("企业"), width=36),
    Column(msg("总部"), width=12),
    Column(msg("状态"), width=12),
    Column(msg("负责人"), width=12),
    Column(msg("小分队"), width=16),
    Column(msg("最近接触"), Kind.DATE, 12),
)

PROMISES = (
    Column(msg("企业"), width=22),
    Column(msg("承诺"), width=48),
    Column(msg("谁答应的"), width=16),
    Column(msg("谁在问"), width=12),
    Column(msg("小分队"), width=16),
    Column(msg("哪天前做到"), Kind.DATE, 12),
    Column(msg("状态"), width=10),
    Column(msg("办结日期"), Kind.DATE, 12),
    Column(msg("收回原因"), width=36),
)


def leads_sheet(
    actor: Actor,
    wanted: LeadFilter | Sequence[str],
    sort: str,
    columns: Sequence[LeadColumn],
    today: date,
) -> Table:
    """The leads that this filter finds, or of these public ids, in this order and these columns."""
    shown = written(columns)
    rows = (
        [column.read(card) for column in shown]
        for card in every_lead(actor, wanted, sort, columns, today)
    )
    return Table(msg("线索"), [column.written for column in shown], rows)


def promises_sheet(actor: Actor, wanted: BookFilter, today: date) -> Table:
    """The promise book with this filter, in its order."""
    rows = (
        (
            one.company,
            one.task.text,
            one.who,
            one.after,
            one.team,
            one.task.due_on,
            STANDING_WORDS[one.standing(today)],
            clock.local_date(one.task.closed_at) if one.task.closed_at else None,
            one.reason,
        )
        for one in every_promise(actor, wanted, today)
    )
    return Table(SIDE_WORDS[wanted.side], PROMISES, rows)


def companies_sheet(filters: companies.Filters, actor: Actor) -> Table:
    """The list of companies with this filter, as the actor may read it."""
    return Table(msg("企业"), COMPANIES, _company_rows(filters, actor))


def _company_rows(filters: companies.Filters, actor: Actor) -> Iterator[Sequence[Cell]]:
    for part in companies.every_company(filters, actor=actor):
        keys = [company.id for company in part]
        badges, holders = badges_of(keys), leading_holders(keys)
        for company in part:
            holder = holders.get(company.id)
            yield (
                company.short_name,
                company.name,
                company.credit_code,
                joined(badge.text for badge in badges.get(company.id, ())),
                company.place.city if company.place else None,
                holder.standing if holder else None,
            )


def entries_sheet(
    edition: ListEdition, filters: targets.Filters, actor: Actor, now: datetime
) -> Table:
    """The entries of an edition with this filter."""
    listed = edition.target_list
    name = msg(
        "%(name)s %(year)s", name=Name(listed.short_zh, listed.short_en), year=str(edition.year)
    )
    return Table(name, ENTRIES, _entry_rows(edition, filters, actor, now))


def _entry_rows(
    edition: ListEdition, filters: targets.Filters, actor: Actor, now: datetime
) -> Iterator[Sequence[Cell]]:
    for row in targets.every_entry(edition, filters, actor, now):
        company, lead = row.entry.company, row.lead.lead if row.lead else None
        team = lead.team if lead else row.entry.team
        yield (
            row.entry.rank,
            row.entry.name,
            company.place.city if company and company.place else None,
            row.lead.stage if row.lead else row.state.words,
            lead.owner.name if lead else None,
            Name(team.short_zh, team.short_en) if team else None,
            clock.local_date(company.last_touch_at) if company and company.last_touch_at else None,
        )
