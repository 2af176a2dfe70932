"""What else a company is called: in English, by a brand, formerly. It is found by each of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from crm.companies import service
from crm.companies.keys import stored_form
from crm.companies.name_parts import tidy
from crm.companies.reserving import bearer
from crm.companies.survivors import still_itself
from crm.errors import NotFound, Refusal
from crm.held import held
from crm.messages import Message, msg
from models import db
from models.company import Company, CompanyName, NameKind
from models.sets import one_of

KIND_WORDS: dict[NameKind, Message] = {
    NameKind.ENGLISH: msg("英文名"),
    NameKind.BRAND: msg("品牌"),
    NameKind.FORMER: msg("曾用名"),
}


def add_name(company: Company, name: str, kind: NameKind) -> CompanyName:
    """Let a company be found under one more name; a name it has already changes nothing.

    Raises Refusal at ``name``: empty, too long, or another company's own. A brand may be of many.
    """
    still_itself(company.id)
    wanted = tidy(name)
    errors = service.problems(service.NewCompany(wanted))
    other = bearer(wanted) if not errors and kind is not NameKind.BRAND else None
    if other is not None and other.id != company.id:
        errors["name"] = [
            msg("“%(other)s”已经叫这个名称。要是同一家，请在那一家上补充。", other=other.name)
        ]
    if errors:
        raise Refusal(errors)
    known = next((n for n in service.names_of(company) if n.name == wanted), None)
    if known is not None:
        return known
    made = CompanyName(
        company_id=company.id, name=wanted, normal_form=stored_form(wanted), kind=kind
    )
    db.session.add(made)
    db.session.flush()
    service.write_tokens(company)
    return made


def set_names(company: Company, wanted: Sequence[tuple[NameKind, str]]) -> None:
    """Let these be all of its other names. Raises Refusal at ``name``."""
    asked = {(kind, tidy(name)) for kind, name in wanted}
    for known in service.names_of(company):
        if known.kind in KIND_WORDS and (known.kind, known.name) not in asked:
            remove_name(company, known.id)
    for kind, name in sorted(asked):
        add_name(company, name, kind)


def other_names_of(company_ids: Collection[int]) -> dict[int, list[CompanyName]]:
    """The other names of many companies, in the order in which they were given (one statement)."""
    found: dict[int, list[CompanyName]] = {}
    query = sa.select(CompanyName).where(
        one_of(CompanyName.company_id, company_ids), CompanyName.kind.in_(KIND_WORDS)
    )
    for name in db.session.scalars(query.order_by(CompanyName.id)):
        found.setdefault(name.company_id, []).append(name)
    return found


def remove_name(company: Company, name_id: int) -> CompanyName:
    """Take a name back that is wrong; the trail keeps it. Raises NotFound for one of no such kind.

    Its legal name and its short name are changed, not taken away.
    """
    held(Company, Company.id == company.id)
    gone: CompanyName | None = db.session.scalar(
        sa.select(CompanyName).where(
            CompanyName.id == name_id,
            CompanyName.company_id == company.id,
            CompanyName.kind.in_(KIND_WORDS),
        )
    )
    if gone is None:
        raise NotFound
    db.session.delete(gone)
    db.session.flush()
    service.write_tokens(company)
    return gone
