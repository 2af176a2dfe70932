"""Write down who led a lead or a company to us, and take it back. Services flush."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import Actor, Right, may_write, present, require, visible_leads
from crm.clock import local_date
from crm.companies.archiving import refuse_archived
from crm.companies.survivors import company_of
from crm.errors import Forbidden, NotFound, Refusal
from crm.held import held
from crm.messages import Message, msg
from crm.referrals.queries import readable_referral
from crm.referrals.rules import Edge, Errors, is_circle, wrong_words
from crm.visits.people import NewPerson, their_people
from models import db
from models.base import PUBLIC_ID
from models.company import Company
from models.lead import Lead
from models.referral import Referral


@dataclass(frozen=True)
class ReferralInput:
    """Who led somebody to us, as typed. ``referrer`` is a company's public id.

    ``contact`` is a person of that company, by public id or by name, who then becomes its contact;
    ``source`` is somebody outside the database.
    """

    referrer: str = ""
    contact: str = ""
    source: str = ""
    happened_on: date | None = None
    note: str = ""

    @property
    def said(self) -> bool:
        """Whether anything was."""
        return bool(self.referrer or self.source.strip() or self.contact.strip())

    def stripped(self) -> ReferralInput:
        """Without the blanks around."""
        return replace(
            self,
            contact=self.contact.strip(),
            source=self.source.strip(),
            note=self.note.strip(),
        )


def refer_lead(lead_id: str, typed: ReferralInput, actor: Actor, now: datetime) -> Referral:
    """Write down who led a lead to us, in the place of what stood there.

    Raises Forbidden, NotFound and Refusal at the fields.
    """
    lead = _writable(lead_id, actor)
    standing = _of_lead(lead)
    return _write(standing, lead.company_id, lead.id, typed.stripped(), actor, now)


def refer_company(company_id: str, typed: ReferralInput, actor: Actor, now: datetime) -> Referral:
    """The same of a company; it speaks for its leads that have no referral of their own."""
    company = _held_company(company_id, actor, Company.merged_into_id.is_(None))
    return _write(_of_company(company), company.id, None, typed.stripped(), actor, now)


def held_referral(referral_id: str, actor: Actor) -> Referral:
    """A referral of a lead or company, which is held, for who may change that.

    Raises NotFound and Forbidden.
    """
    found = readable_referral(actor, referral_id)
    if found.lead is not None:
        _writable(found.lead.public_id, actor)
    else:
        _held_company(found.company.public_id, actor)
    # Somebody may have written another in its place meanwhile.
    db.session.expire(found)
    return readable_referral(actor, referral_id)


def forget_lead(lead_id: str, actor: Actor) -> Referral:
    """Take back who led a lead to us; gives what stood there. Raises Forbidden and NotFound."""
    return _forget(_of_lead(_writable(lead_id, actor)))


def forget_company(company_id: str, actor: Actor) -> Referral:
    """The same of a company."""
    return _forget(_of_company(_held_company(company_id, actor)))


def _forget(standing: Referral | None) -> Referral:
    if standing is None:
        raise NotFound
    db.session.delete(standing)
    db.session.flush()
    return standing


def _writable(lead_id: str, actor: Actor) -> Lead:
    require(actor, Right.WRITE_LEADS)
    lead = held(Lead, Lead.public_id == lead_id, visible_leads(actor))
    if not may_write(lead, actor):
        raise Forbidden(msg("这条线索请它的小分队来改。"))
    return lead


def _held_company(company_id: str, actor: Actor, *which: sa.ColumnElement[bool]) -> Company:
    require(actor, Right.WRITE_COMPANIES)
    return held(Company, Company.public_id == company_id, present(Company), *which)


def _of_lead(lead: Lead) -> Referral | None:
    found: Referral | None = db.session.scalar(
        sa.select(Referral).where(Referral.lead_id == lead.id)
    )
    return found


def _of_company(company: Company) -> Referral | None:
    found: Referral | None = db.session.scalar(
        sa.select(Referral).where(Referral.company_id == company.id, Referral.lead_id.is_(None))
    )
    return found


def _write(
    standing: Referral | None,
    company_id: int,
    lead_id: int | None,
    typed: ReferralInput,
    actor: Actor,
    now: datetime,
) -> Referral:
    errors: Errors = wrong_words(
        named=bool(typed.referrer),
        source=typed.source,
        contact=bool(typed.contact),
        note=typed.note,
        happened_on=typed.happened_on,
        today=local_date(now),
    )
    referrer = _referrer(typed.referrer, errors)
    if referrer is not None:
        _one_writer()
        if is_circle(_edges_above(referrer.id, standing), referrer.id, company_id):
            errors["referrer"] = [_circle(referrer, company_id)]
    if errors:
        raise Refusal(errors)
    # First, for it reads: what is written half would be flushed then.
    contact = _contact(referrer, typed.contact, actor, now)
    row = standing or Referral(company_id=company_id, lead_id=lead_id)
    row.referrer_id, row.contact_id = referrer.id if referrer else None, contact
    row.source, row.note, row.happened_on = typed.source, typed.note, typed.happened_on
    row.recorded_at, row.recorded_by_id = now, actor.id
    db.session.add(row)
    db.session.flush()
    return row


def _referrer(public_id: str, errors: Errors) -> Company | None:
    if not public_id:
        return None
    company = company_of(public_id)
    if company is None:
        errors["referrer"] = [msg("没有找到这家企业，请重新选。")]
        return None
    refuse_archived(company.id)
    return company


def _contact(referrer: Company | None, named: str, actor: Actor, now: datetime) -> int | None:
    if referrer is None or not named:
        return None
    by_id = PUBLIC_ID.fullmatch(named) is not None
    try:
        known = (named,) if by_id else ()
        new = () if by_id else (NewPerson(named),)
        return their_people(referrer, known, new, actor, now)[0]
    except Refusal as refusal:
        text = msg("这位不是引荐企业的联系人，请重新填。")
        texts = refusal.errors.get("new_name") or [text]
        raise Refusal({"contact": texts}) from None


def _one_writer() -> None:
    """Two edges that are fine each may be a circle together: one is written after the other.

    SQLite began its transaction with the write lock.
    """
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(sa.text("LOCK TABLE referral IN SHARE ROW EXCLUSIVE MODE"))


def _edges_above(company_id: int, standing: Referral | None) -> list[Edge]:
    """The edges through which a company came, but for the one that is to be replaced."""
    other = sa.true() if standing is None else Referral.id != standing.id
    known = sa.and_(Referral.referrer_id.is_not(None), other)
    up = (
        sa.select(Referral.referrer_id.label("id"))
        .where(Referral.company_id == company_id, known)
        .cte(recursive=True)
    )
    up = up.union(
        sa.select(Referral.referrer_id).join(up, Referral.company_id == up.c.id).where(known)
    )
    rows = db.session.execute(
        sa.select(Referral.referrer_id, Referral.company_id).where(
            sa.or_(Referral.company_id == company_id, Referral.company_id.in_(sa.select(up.c.id))),
            known,
        )
    )
    return [(referrer, led) for referrer, led in rows if referrer is not None]


def _circle(referrer: Company, company_id: int) -> Message:
    if referrer.id == company_id:
        return msg("企业不能引荐自己，请另选一家。")
    return msg("“%(name)s”是由这家企业引荐来的，不能倒过来。", name=referrer.short_name)
