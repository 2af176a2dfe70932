"""Put a company away that nothing stands on, and bring it back.

It keeps its names but gives up its credit code: whoever writes the company down meanwhile makes
another, and then the first is not brought back, with the other named.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.access import Actor, Right, allowed, archived_keys, present
from crm.archive import entry_of, put_away, take_out
from crm.companies.search import find_exact
from crm.companies.service import code_decides, write_tokens
from crm.companies.survivors import refuse_merged
from crm.errors import Forbidden, NotFound, Refusal
from crm.held import held
from crm.messages import Message, enumerated, msg, nmsg
from models import db
from models.appointment import Appointment
from models.archive import ArchiveEntry
from models.company import Company, CompanyRelation, CompanyToken
from models.event import Invitation
from models.lead import Lead, LeadEntity
from models.premises import Premises
from models.referral import Referral
from models.target import ListEntry
from models.visit import Visit


def archive_company(public_id: str, reason: str, actor: Actor, now: datetime) -> ArchiveEntry:
    """Put a company into the trash: it is in no list, and no search finds it.

    Raises NotFound, Forbidden, and Refusal that names what still stands on it.
    """
    _require(actor)
    company = _locked(public_id, present(Company))
    if text := refused(company):
        raise Refusal({}, text, code="in_use")
    entry = put_away(company, actor, now, reason, kept={"credit_code": company.credit_code})
    company.credit_code = None
    db.session.flush()
    db.session.execute(sa.delete(CompanyToken).where(CompanyToken.company_id == company.id))
    return entry


def refused(company: Company) -> Message | None:
    """Why a company can not be put away: what still stands on it; None when nothing does."""
    on_it = standing_on(company)
    return msg("它还有 %(what)s，请先移走或归档。", what=enumerated(on_it)) if on_it else None


def standing_on(company: Company) -> list[Message]:
    """What still needs the company, how much of each (one statement); leads and visits that lie
    in the trash do not."""
    key = company.id
    merged = aliased(Company)
    ties = sa.or_(CompanyRelation.parent_id == key, CompanyRelation.child_id == key)
    # A lead's own referral is put away with its lead.
    led = sa.or_(
        Referral.referrer_id == key, sa.and_(Referral.company_id == key, Referral.lead_id.is_(None))
    )
    of_lead = sa.or_(Appointment.lead_id.is_(None), present(Lead, Appointment.lead_id))
    planned = sa.and_(
        *(Appointment.company_id == key, of_lead),
        *(Appointment.cancelled_at.is_(None), Appointment.visit_id.is_(None)),
    )
    counts = (
        (Lead, sa.and_(Lead.company_id == key, present())),
        (LeadEntity, LeadEntity.company_id == key),
        (Visit, sa.and_(Visit.company_id == key, present(Visit))),
        (ListEntry, ListEntry.company_id == key),
        (CompanyRelation, ties),
        (Premises, Premises.company_id == key),
        (Appointment, planned),
        (merged, merged.merged_into_id == key),
        (Invitation, Invitation.company_id == key),
        (Referral, led),
    )
    columns = [
        sa.select(sa.func.count()).select_from(noun).where(which).scalar_subquery()
        for noun, which in counts
    ]
    leads, local, visits, entries, relations, premises, arranged, merges, guests, referrals = (
        db.session.execute(sa.select(*columns)).one()
    )
    words = (
        (leads, nmsg("%(n)s 条线索", leads)),
        (local, nmsg("%(n)s 条线索的落地登记", local)),
        (visits, nmsg("%(n)s 次走访和联系", visits)),
        (entries, nmsg("%(n)s 条上榜记录", entries)),
        (relations, nmsg("%(n)s 家关联企业", relations)),
        (premises, nmsg("%(n)s 处办公场地", premises)),
        (arranged, nmsg("%(n)s 个约定", arranged)),
        (merges, nmsg("%(n)s 家并进来的企业", merges)),
        (guests, nmsg("%(n)s 份活动邀请", guests)),
        (referrals, nmsg("%(n)s 条引荐", referrals)),
    )
    return [text for number, text in words if number]


def refuse_archived(company_id: int) -> None:
    """Raise the Refusal of a record whose company lies in the trash or is one with another by now;
    else it stays till the commit.

    Held first and asked then: somebody may be putting it away or merging it at this moment.
    """
    named = sa.select(Company.id, Company.merged_into_id).where(Company.id == company_id)
    db.session.execute(named.with_for_update(read=True, key_share=True))
    row = db.session.execute(named.where(present(Company))).one_or_none()
    if row is None:
        text = msg("这家企业在回收站里，请先恢复企业，或另选一家。")
        raise Refusal({"company": [text]}, text, code="archived")
    refuse_merged(row.merged_into_id)


def archived_company(public_id: str) -> ArchiveEntry:
    """The entry of a company in the trash, for everybody: who looks for it learns where it is.

    Raises NotFound.
    """
    entry = db.session.scalar(
        sa.select(ArchiveEntry)
        .join(Company, Company.id == ArchiveEntry.company_id)
        .where(Company.public_id == public_id)
        .options(joinedload(ArchiveEntry.company), joinedload(ArchiveEntry.archived_by))
    )
    if entry is None:
        raise NotFound
    found: ArchiveEntry = entry
    return found


def restore_company(public_id: str, actor: Actor) -> Company:
    """Bring a company back with its credit code.

    Raises NotFound, Forbidden, and Refusal that names who has its name or its code by now.
    """
    _require(actor)
    company = _locked(public_id, Company.id.in_(archived_keys(Company)))
    entry = entry_of(company)
    assert entry  # noqa: S101 (it lies there, and its row is held)
    code = (entry.kept or {}).get("credit_code")
    known = find_exact([code] if code else [], [company.normal_form])
    taken = known.by_form.get(company.normal_form) or known.by_code.get(code or "")
    if taken is not None:
        text = msg("库里已有这家企业：%(name)s。请直接用它。", name=taken.name)
        raise Refusal({}, text, code="company_exists")
    take_out(company)
    if code:
        with code_decides(code):
            company.credit_code = code
    write_tokens(company)
    return company


def may_archive(actor: Actor) -> bool:
    """Whether the actor may put companies away and bring them back."""
    return allowed(actor, Right.ARCHIVE_COMPANIES)


def _require(actor: Actor) -> None:
    if not may_archive(actor):
        raise Forbidden(msg("企业是大家共用的，只有局领导和系统管理员能归档。"))


def _locked(public_id: str, which: sa.ColumnElement[bool]) -> Company:
    """The company, its row held: nobody hangs a lead or a visit on it meanwhile."""
    return held(Company, Company.public_id == public_id, Company.merged_into_id.is_(None), which)
