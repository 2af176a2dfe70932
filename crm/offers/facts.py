"""What the records say already of a lead, as facts of the policy. What they do not say stays out.

Each comes with where it is from, so that a person can see what is known and correct it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.leads.stages import position, stage_name
from crm.messages import Message, msg
from crm.offers.facts_given import FULL_SHARE
from crm.offers.said import exact
from crm.offers.terms import Negotiated, Policy
from models import db
from models.company import Company, CompanyRelation, RelationKind
from models.enums import OfferState, Stage
from models.figure import Figure
from models.lead import CreditShare, Lead, LeadEntity
from models.offer import Offer, OfferLine
from models.place import District, Place
from models.target import ListEdition, ListEntry, TargetList
from models.user import User

REVENUE = "software_revenue_cny"
HALF_BP = 5_000
_STAGE_FACTS = {
    "landed": Stage.LANDED,
    "registered": Stage.REGISTERED,
    "committed": Stage.COMMITTED,
}


@dataclass(frozen=True)
class Known:
    """A fact's value and which record says so."""

    value: Any
    source: Message


def facts_of_lead(lead: Lead, policy: Policy) -> dict[str, Any]:
    """What the records say of a lead, ready for ``calculate``: name of the fact to its value."""
    return {name: known.value for name, known in known_of_lead(lead, policy).items()}


def known_of_lead(lead: Lead, policy: Policy) -> dict[str, Known]:
    """The same with the source of each; only facts that the policy asks (seven statements)."""
    parents = _parents(lead.company_id)
    asked = {fact.name for rule in policy.rules for fact in rule.facts}
    found = {
        **dict(_of_the_lead(lead, policy)),
        **dict(_of_the_group(lead, parents, policy)),
        **dict(_of_the_people(lead)),
        **dict(_of_payments(lead)),
        **dict(_of_the_fund(lead, policy)),
        **dict(_of_revenue(lead)),
    }
    return {name: known for name, known in found.items() if name in asked}


def _of_the_lead(lead: Lead, policy: Policy) -> Iterator[tuple[str, Known]]:
    at = db.session.execute(
        sa.select(Place.code, Place.city, District.zh.label("district"))
        .select_from(Lead)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(Place, Place.id == Company.place_id)
        .outerjoin(District, District.id == Lead.district_id)
        .where(Lead.id == lead.id)
    ).one()
    if at.code is not None and policy.home_place is not None:
        outside = at.code != policy.home_place
        yield "is_attracted", Known(outside, msg("企业总部在%(city)s", city=at.city))
    if at.district:
        yield "district", Known(at.district, msg("线索的意向区县"))
    if lead.signed_investment_cny:
        yield "agreed_investment_cny", Known(lead.signed_investment_cny, msg("签约投资额"))
    elif lead.planned_investment_cny:
        source = msg("计划总投资，还没有签约")
        yield "agreed_investment_cny", Known(lead.planned_investment_cny, source)
    if lead.project:
        yield "project", Known(lead.project, msg("线索的项目名称"))
    yield "segment_in_chain", Known(True, msg("线索的产业链环节"))
    here = msg("线索在“%(stage)s”阶段", stage=stage_name(lead.stage))
    for name, stage in _STAGE_FACTS.items():
        yield name, Known(position(lead.stage) >= position(stage), here)


def _parents(company_id: int) -> Sequence[tuple[int, str]]:
    """Who holds the company today, as far as recorded: a group, or more than half of it."""
    rows = db.session.execute(
        sa.select(Company.id, Company.name)
        .join(CompanyRelation, CompanyRelation.parent_id == Company.id)
        .where(
            CompanyRelation.child_id == company_id,
            CompanyRelation.to_on.is_(None),
            sa.or_(
                CompanyRelation.kind == RelationKind.GROUP,
                CompanyRelation.share_bp.is_(None),
                CompanyRelation.share_bp > HALF_BP,
            ),
        )
        .order_by(CompanyRelation.share_bp.desc(), Company.id)
    )
    return [(key, name) for key, name in rows]


def _of_the_group(
    lead: Lead, parents: Sequence[tuple[int, str]], policy: Policy
) -> Iterator[tuple[str, Known]]:
    """The lists that the company or its group is on, whatever the year."""
    wanted = {
        choice.value
        for rule in policy.rules
        for fact in rule.facts
        if fact.name == "target_list"
        for choice in fact.values
    }
    codes = db.session.scalars(
        sa.select(TargetList.code)
        .join(ListEdition, ListEdition.list_id == TargetList.id)
        .join(ListEntry, ListEntry.edition_id == ListEdition.id)
        .where(ListEntry.company_id.in_([lead.company_id, *(key for key, _name in parents)]))
        .distinct()
        .order_by(TargetList.code)
    )
    on = [code for code in codes if code in wanted]
    yield "target_list", Known(on, msg("本系统里的榜单，含所属集团"))
    if parents:
        yield "group", Known(parents[0][1], msg("企业关系里的上级"))


def _of_the_people(lead: Lead) -> Iterator[tuple[str, Known]]:
    """Who shares the credit, by the newest agreement; without one, the owner."""
    rows = db.session.execute(
        sa.select(CreditShare.agreement, CreditShare.basis_points, User.name)
        .join(User, User.id == CreditShare.user_id)
        .where(CreditShare.lead_id == lead.id)
        .order_by(CreditShare.id)
    ).all()
    newest = [row for row in rows if row.agreement == rows[-1].agreement]
    if newest:
        yield "main_people", Known(_shared(newest), msg("线索的业绩分成"))
        return
    owner = db.session.scalar(sa.select(User.name).where(User.id == lead.owner_id))
    if owner:
        yield "main_people", Known([owner], msg("线索的负责人"))


def _shared(rows: Sequence[Any]) -> list[Any]:
    """Names, with their shares in percent where these are whole and make up the whole."""
    shares = [divmod(row.basis_points, 100) for row in rows]
    if sum(row.basis_points for row in rows) != 100 * FULL_SHARE or any(
        rest for _p, rest in shares
    ):
        return [row.name for row in rows]
    return [{"name": row.name, "share": p} for row, (p, _r) in zip(rows, shares, strict=True)]


def _of_payments(lead: Lead) -> Iterator[tuple[str, Known]]:
    """Nothing was approved for this company yet, so nothing was paid. More is not on record."""
    approved = (
        sa.select(Offer.id)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(
            Lead.company_id == lead.company_id,
            Offer.state == OfferState.APPROVED,
            Offer.no_incentive.is_(False),
        )
    )
    local = sa.select(LeadEntity.lead_id).where(LeadEntity.lead_id == lead.id)
    before = db.session.scalar(sa.select(sa.or_(approved.exists(), local.exists())))
    if not before:
        yield "already_paid", Known([], msg("还没有批准过测算，也没有本地公司"))


def pools_of(policy: Policy) -> dict[str, int]:
    """The funds of the policy: how much there is in all (CNY), by the rule that gives from it."""
    return {
        rule.code: rule.amount.pool_cny
        for rule in policy.rules
        if isinstance(rule.amount, Negotiated) and rule.amount.pool_cny is not None
    }


def _of_the_fund(lead: Lead, policy: Policy) -> Iterator[tuple[str, Known]]:
    """The whole fund, less what was approved of it for others (each lead's last approval)."""
    pools = pools_of(policy)
    later = sa.orm.aliased(Offer)
    newer = sa.select(later.id).where(
        later.lead_id == Offer.lead_id,
        later.state == OfferState.APPROVED,
        later.version > Offer.version,
    )
    for code, pool in pools.items():
        used = db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(OfferLine.amount_cny), 0))
            .join(Offer, Offer.id == OfferLine.offer_id)
            .where(
                OfferLine.rule_code == code,
                Offer.state == OfferState.APPROVED,
                Offer.lead_id != lead.id,
                ~newer.exists(),
            )
        )
        approved = int(used or 0)
        source = msg(
            "总规模 %(pool)s，减去已批准的 %(used)s", pool=exact(pool), used=exact(approved)
        )
        yield "fund_left_cny", Known(max(0, pool - approved), source)


def _of_revenue(lead: Lead) -> Iterator[tuple[str, Known]]:
    """Software revenue of the local company; the best year only when every year is on record."""
    rows = db.session.execute(
        sa.select(Figure.year, Figure.value)
        .join(LeadEntity, LeadEntity.company_id == Figure.company_id)
        .where(LeadEntity.lead_id == lead.id, Figure.metric == REVENUE)
        .order_by(Figure.recorded_at, Figure.id)
    )
    by_year = {year: value for year, value in rows if value >= 0}  # the last one known stands
    if not by_year:
        return
    last = max(by_year)
    yield REVENUE, Known(by_year[last], _in_year(last))
    founded = lead.registered_on.year if lead.registered_on else None
    if last - 1 in by_year:
        yield "prior_year_software_revenue_cny", Known(by_year[last - 1], _in_year(last - 1))
    elif founded == last:
        source = msg("本地公司 %(year)s 年注册", year=last)
        yield "prior_year_software_revenue_cny", Known(None, source)
        yield "best_prior_software_revenue_cny", Known(None, source)
    earlier = range(founded, last) if founded else range(0)
    if earlier and all(year in by_year for year in earlier):
        best = max(by_year[year] for year in earlier)
        source = msg("%(first)s–%(last)s 年最高", first=earlier[0], last=earlier[-1])
        yield "best_prior_software_revenue_cny", Known(best, source)


def _in_year(year: int) -> Message:
    return msg("本地公司 %(year)s 年的软件业务收入", year=year)
