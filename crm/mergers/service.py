"""Make one company of two records, and part them again. Services flush; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, Right, allowed
from crm.companies.service import write_tokens
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads.touches import last_touch_of, last_touch_on
from crm.mergers import rules
from crm.mergers.kept import Kept, take_back
from crm.mergers.moving import move
from crm.mergers.queries import facts_of, merger_or_404
from crm.messages import msg
from crm.targets import cadence
from models import db
from models.company import Company, CompanyToken, TokenScope
from models.enums import Status
from models.lead import Lead
from models.merger import Merger
from models.visit import Visit


def merge(gone_id: str, stays_id: str, actor: Actor, now: datetime) -> Merger:
    """Merge a company (``gone_id``) into another: it lives on there with all that was said of it.

    Raises Forbidden, NotFound, and Refusal (code ``not_mergeable``) at ``other`` that says
    everything that stands against it.
    """
    _require(actor)
    gone, stays = _held(gone_id, stays_id)
    if texts := rules.against(facts_of(gone, stays)):
        raise Refusal({"other": texts}, texts[0], code="not_mergeable")
    kept = Kept()
    move(gone, stays, kept)
    _facts(gone, stays, kept)
    cadence.recompute((gone.id, stays.id))
    _touches(gone, stays, kept)
    kept.change(gone, merged_into_id=stays.id)
    db.session.flush()
    write_tokens(stays)
    _forget(gone)
    merger = Merger(
        company_id=gone.id,
        into_id=stays.id,
        merged_at=now,
        merged_by_id=actor.id,
        kept=kept.told(),
    )
    db.session.add(merger)
    db.session.flush()
    return merger


def part(company_id: str, merger_id: str, actor: Actor) -> Company:
    """Part a company again from the one (``company_id``) that it was merged into.

    What moved goes back, but for what somebody has changed or taken away since; what came later
    stays. Gives the company that is one of its own again. Raises Forbidden, NotFound, and Refusal
    when both went on into a third.
    """
    _require(actor)
    into = db.session.scalar(sa.select(Company).where(Company.public_id == company_id))
    if into is None:
        raise NotFound
    merger = merger_or_404(merger_id, into.id)
    gone, stays = _held(merger.company.public_id, company_id)
    # Who held both before may have parted them meanwhile.
    if gone.merged_into_id != stays.id:
        raise NotFound
    if stays.merged_into_id is not None:
        text = msg("“%(name)s”后来也并入了别的企业，请先撤销那次合并。", name=stays.name)
        raise Refusal({}, text, code="merged")
    take_back(merger.kept)
    db.session.delete(merger)
    db.session.flush()
    cadence.recompute((gone.id, stays.id))
    # What was logged of either since counts for it.
    for company in (gone, stays):
        company.last_touch_at = _latest(company.last_touch_at, last_touch_of(company.id))
    for lead in _open_leads((gone, stays)):
        lead.last_touch_at = _latest(lead.last_touch_at, last_touch_on(lead))
    db.session.flush()
    for company in (gone, stays):
        write_tokens(company)
    return gone


def may_merge(actor: Actor) -> bool:
    """Whether the actor may make one company of two, and part them."""
    return allowed(actor, Right.MERGE_COMPANIES)


def _require(actor: Actor) -> None:
    if not may_merge(actor):
        raise Forbidden(msg("企业是大家共用的，只有局领导和系统管理员能合并。"))


def _held(*public_ids: str) -> list[Company]:
    """The companies in the order asked for, their rows held, and those of their leads and visits.

    Leads and visits first, as who logs a visit holds them. Raises NotFound.
    """
    which = sa.select(Company.id).where(Company.public_id.in_(public_ids))
    for model in (Lead, Visit):
        db.session.execute(
            sa.select(model.id)
            .where(model.company_id.in_(which))
            .order_by(model.id)
            .with_for_update()
        )
    found = {
        company.public_id: company
        for company in db.session.scalars(
            sa.select(Company)
            .where(Company.public_id.in_(public_ids))
            .order_by(Company.id)
            .with_for_update(of=Company)
            .execution_options(populate_existing=True)
        )
    }
    if any(public_id not in found for public_id in public_ids):
        raise NotFound
    return [found[public_id] for public_id in public_ids]


def _facts(gone: Company, stays: Company, kept: Kept) -> None:
    """What only the merged one knows; a code is one company's at a time."""
    if gone.credit_code and not stays.credit_code:
        code = gone.credit_code
        kept.change(gone, credit_code=None)
        db.session.flush()
        kept.change(stays, credit_code=code)
    if stays.place_id is None:
        kept.change(stays, place_id=gone.place_id)
    db.session.flush()


def _touches(gone: Company, stays: Company, kept: Kept) -> None:
    """A touch of either was one of both, and of their open leads."""
    latest = _latest(stays.last_touch_at, gone.last_touch_at)
    kept.change(stays, last_touch_at=latest)
    for lead in _open_leads((stays,)):
        kept.change(lead, last_touch_at=_latest(lead.last_touch_at, last_touch_on(lead)))
    db.session.flush()


def _open_leads(companies: Iterable[Company]) -> Iterable[Lead]:
    query = sa.select(Lead).where(
        Lead.company_id.in_([company.id for company in companies]),
        Lead.status != Status.LOST,
        Lead.archived_at.is_(None),
    )
    found: Iterable[Lead] = db.session.scalars(query.order_by(Lead.id)).all()
    return found


def _latest(known: datetime | None, moment: datetime | None) -> datetime | None:
    return max((one for one in (known, moment) if one is not None), default=None)


def _forget(gone: Company) -> None:
    """It is found as what it became, by the names that it brought along."""
    tokens = sa.delete(CompanyToken).where(
        CompanyToken.company_id == gone.id, CompanyToken.scope != TokenScope.ORDER.value
    )
    db.session.execute(tokens)
