"""Which company a registration means: by credit code first, then by name, and asked when in doubt.

A code names one legal entity. Equal normal forms are one company; what only looks alike is shown,
and a person says whether it is that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.access import present
from crm.companies.credit_code import code_problem, compact_code
from crm.companies.home import home_place_id
from crm.companies.keys import stored_form
from crm.companies.reserving import bearer
from crm.companies.search import alike, find_exact
from crm.companies.service import (
    create_company,
    names_of,
    rename_company,
    set_credit_code,
)
from crm.errors import Refusal
from crm.landing.rules import Registration
from crm.messages import msg
from models import db
from models.company import Company
from models.enums import CompanyKind
from models.lead import Lead, LeadEntity

NEW = "new"
MOST_ASKED = 3


@dataclass(frozen=True)
class Wanted:
    """What somebody said of the local company, in the forms that are compared."""

    name: str
    code: str
    answer: str

    @classmethod
    def of(cls, given: Registration) -> Wanted:
        """The same, tidied."""
        return cls(
            given.local_company.strip(),
            compact_code(given.credit_code),
            given.local_company_is.strip(),
        )


def local_company_of(lead: Lead) -> Company | None:
    """The local company that the lead led to (one query)."""
    found: Company | None = db.session.scalar(
        sa.select(Company)
        .join(LeadEntity, LeadEntity.company_id == Company.id)
        .where(LeadEntity.lead_id == lead.id)
        .order_by(Company.id)
        .limit(1)
    )
    return found


def meant(lead: Lead, given: Registration, now: datetime) -> Company:
    """The company that is meant, its code written down; made when nobody knew it.

    Raises Refusal: at ``credit_code`` when the code is another company's, at ``local_company`` when
    it has no name or only looks like companies that are known (``known_companies`` names them).
    """
    wanted = Wanted.of(given)
    current = local_company_of(lead)
    company = _by_code(wanted, current, now) or _by_name(lead, wanted, current)
    if company is None:
        _ask_about(lead, wanted)
        return _made(wanted, now)
    if company.kind is not CompanyKind.LEGAL:
        raise Refusal(
            {
                "local_company": [
                    msg("“%(name)s”不是公司法人，请填营业执照上的名称。", name=company.name)
                ]
            }
        )
    if wanted.code:
        _note_code(company, wanted.code, current)
    return company


def known_companies(lead: Lead, given: Registration) -> list[Company]:
    """The companies that it may be, to be asked about: who has the code, then who is called alike.

    Without the investor, whose name a local company usually bears, and without those whose own
    code says that they are another legal entity.
    """
    wanted = Wanted.of(given)
    found: dict[int, Company] = {}
    if wanted.code and code_problem(wanted.code) is None:
        holder = find_exact([wanted.code], ()).by_code.get(wanted.code)
        if holder is not None:
            return [holder]
    if wanted.name:
        found = {company.id: company for company, _ in alike([wanted.name])[wanted.name]}
    found.pop(lead.company_id, None)
    return [c for c in found.values() if not _another_code(c, wanted.code)][:MOST_ASKED]


def _by_code(wanted: Wanted, current: Company | None, now: datetime) -> Company | None:
    """Who has the code: the one that is meant, or nobody."""
    if not wanted.code:
        return None
    holder = find_exact([wanted.code], ()).by_code.get(wanted.code)
    if holder is None:
        return None
    called_so = not wanted.name or _bears(holder, wanted.name)
    if called_so or holder.public_id in {wanted.answer, wanted.name}:
        return holder
    if current is not None and holder.id == current.id:
        _rename(holder, wanted.name, now)
        return holder
    raise Refusal(
        {
            "credit_code": [
                msg(
                    "这个代码已登记在“%(name)s”名下。就是这一家的，请选它；不是的，请核对代码。",
                    name=holder.name,
                )
            ]
        }
    )


def _by_name(lead: Lead, wanted: Wanted, current: Company | None) -> Company | None:
    if not wanted.name:
        if current is None:
            raise Refusal({"local_company": [msg("请填本地公司营业执照上的名称。")]})
        return current
    if wanted.answer and wanted.answer != NEW:
        # An answer counts for the name that was asked about, not for one typed since.
        asked = known_companies(lead, Registration(wanted.name, credit_code=wanted.code))
        chosen = next((c for c in asked if c.public_id == wanted.answer), None)
        if chosen is not None:
            return chosen
    named: Company | None = db.session.scalar(
        sa.select(Company).where(
            Company.public_id == wanted.name, Company.merged_into_id.is_(None), present(Company)
        )
    )
    return named or bearer(wanted.name)


def _bears(company: Company, name: str) -> bool:
    form = stored_form(name)
    return any(known.normal_form == form for known in names_of(company))


def _rename(company: Company, name: str, now: datetime) -> None:
    """The code says that it is the same company: its name was put right."""
    other = bearer(name)
    if other is not None and other.id != company.id:
        raise Refusal(
            {
                "local_company": [
                    msg("库里已有另一家“%(name)s”，请核对名称和代码。", name=other.name)
                ]
            }
        )
    rename_company(company, name, now=now)


def _ask_about(lead: Lead, wanted: Wanted) -> None:
    if wanted.answer == NEW:
        return
    given = Registration(local_company=wanted.name, credit_code=wanted.code)
    alikes = known_companies(lead, given)
    if alikes:
        names = "、".join(company.name for company in alikes)
        raise Refusal(
            {
                "local_company": [
                    msg("库里有名称相近的企业：%(names)s。请选是不是其中一家。", names=names)
                ]
            }
        )


def _made(wanted: Wanted, now: datetime) -> Company:
    try:
        return create_company(
            wanted.name,
            now=now,
            credit_code=wanted.code or None,
            place_id=home_place_id(),
        )
    except Refusal as refusal:
        errors = dict(refusal.errors)
        if "name" in errors:
            errors["local_company"] = errors.pop("name")
        raise Refusal(errors) from None


def _note_code(company: Company, code: str, current: Company | None) -> None:
    """A company without a code gets this one; a wrong code is put right only on one's own."""
    own = current is not None and current.id == company.id
    if _another_code(company, code) and not own:
        raise Refusal(
            {
                "credit_code": [
                    msg(
                        "“%(name)s”登记的代码是 %(code)s，和填的不同。请核对代码和名称。",
                        name=company.name,
                        code=company.credit_code or "",
                    )
                ]
            }
        )
    set_credit_code(company, code)


def _another_code(company: Company, code: str) -> bool:
    return bool(code and company.credit_code and company.credit_code != code)
