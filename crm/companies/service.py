"""Make companies and change what they are called. Services flush; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.clock import local_date
from crm.companies.credit_code import code_problem, compact_code
from crm.companies.index import refresh_leads_of
from crm.companies.keys import TOKEN_COLUMNS, stored_form, token_rows
from crm.companies.name_parts import tidy
from crm.companies.names import short_name as short_of
from crm.companies.reserving import bearer, find_or_reserve
from crm.companies.search import by_ids
from crm.errors import Refusal
from crm.messages import Message, msg
from models import db
from models.company import (
    NAME_LENGTH,
    SHORT_NAME_LENGTH,
    Company,
    CompanyName,
    CompanySegment,
    CompanyToken,
    NameKind,
)
from models.creating import Row, create, numbered
from models.enums import CompanyKind
from models.place import Place
from models.segment import Segment
from models.sets import write_rows

# A link of the chain that a person said a company does.
SEGMENT_SOURCE = "person"

# Names by which a company is looked for among those that may be the same one.
_CORE_KINDS = frozenset({NameKind.LEGAL, NameKind.FORMER, NameKind.ENGLISH})


@dataclass(frozen=True)
class NewCompany:
    """What is known of a company that has no record yet; without a short name one is made."""

    name: str
    short_name: str | None = None
    credit_code: str | None = None
    place_id: int | None = None
    kind: CompanyKind = CompanyKind.LEGAL
    cadence_days: int = 60
    rewarded: bool = False


def create_company(
    name: str,
    *,
    now: datetime,
    short_name: str | None = None,
    credit_code: str | None = None,
    place_id: int | None = None,
    kind: CompanyKind = CompanyKind.LEGAL,
) -> Company:
    """Make a company; Refusal when its names or its credit code can not be right."""
    new = NewCompany(name, short_name, credit_code, place_id, kind)
    errors = problems(new)
    if not errors and credit_code and (holder := _holder_of_code(credit_code)):
        errors["credit_code"] = [_code_taken(holder)]
    if errors:
        raise Refusal(errors)
    with code_decides(credit_code):
        return create_companies([new], now)[0]


def create_unknown(
    name: str,
    *,
    now: datetime,
    short_name: str | None = None,
    credit_code: str | None = None,
    place_id: int | None = None,
) -> Company:
    """Make a company that nobody has written down; Refusal names the one that is there already."""
    known = find_or_reserve(name) if name.strip() else None
    if known is not None:
        raise Refusal(
            {"name": [msg("库里已有这家企业：%(name)s。请直接选它。", name=known.name)]},
            code="company_exists",
        )
    return create_company(
        name, now=now, short_name=short_name, credit_code=credit_code, place_id=place_id
    )


def create_companies(news: Sequence[NewCompany], now: datetime) -> list[Company]:
    """Make many companies at once, in order, with a number of statements that hardly grows.

    The caller has asked ``problems`` of each and looked for those that exist.
    """
    rows = write_companies(news, now)
    made = by_ids(row["id"] for row in rows)
    return [made[row["id"]] for row in rows]


def write_companies(news: Sequence[NewCompany], now: datetime) -> list[Row]:
    """The same for who needs no records: what was written of each, in order."""
    session = db.session()
    rows = numbered(session, Company, [_values_of(new, now) for new in news])
    create(session, {Company: rows})
    named = [(row, _first_names(row["name"], row["short_name"])) for row in rows]
    names = [_name(row["id"], *one) for row, its in named for one in its]
    create(session, {CompanyName: numbered(session, CompanyName, names)})
    _insert_tokens(
        token
        for row, its in named
        for token in _token_rows(row["id"], row["credit_code"], row["short_name"], its)
    )
    return rows


def rename_company(company: Company, name: str, *, now: datetime) -> None:
    """Give a company another legal name; the old one is kept as a former name and still found.

    Raises Refusal for a name that can not be one.
    """
    wanted = tidy(name)
    if wanted == company.name:
        return
    if errors := problems(NewCompany(wanted)):
        raise Refusal(errors)
    names = names_of(company)
    legal = next((n for n in names if n.kind is NameKind.FORMER and n.name == wanted), None)
    for old in names:
        if old.kind is NameKind.LEGAL and tidy(old.name) == wanted:
            # Only put in order: it is no other name.
            old.name, old.normal_form, legal = wanted, stored_form(wanted), old
        elif old.kind is NameKind.LEGAL:
            old.kind, old.to_on = NameKind.FORMER, local_date(now)
    company.name = wanted
    company.normal_form = stored_form(wanted)
    if legal is None:
        db.session.add(CompanyName(**_name(company.id, wanted, NameKind.LEGAL)))
    else:
        legal.kind, legal.to_on = NameKind.LEGAL, None
    db.session.flush()
    write_tokens(company)


def edit_company(
    company: Company,
    *,
    now: datetime,
    name: str,
    short_name: str,
    credit_code: str | None,
    place_id: int | None,
) -> None:
    """Change what is known of a company; Refusal when something can not be right."""
    new = NewCompany(tidy(name), tidy(short_name), credit_code, place_id)
    errors = problems(new)
    holder = _holder_of_code(credit_code) if credit_code and not errors else None
    if holder is not None and holder is not company:
        errors["credit_code"] = [_code_taken(holder)]
    if not errors and (other := _other_of_name(company, new.name)):
        errors["name"] = [msg("库里已有这家企业：%(name)s。请直接选它。", name=other.name)]
    if errors:
        raise Refusal(errors)
    rename_company(company, new.name, now=now)
    with code_decides(credit_code):
        company.credit_code = compact_code(credit_code) if credit_code else None
    company.place_id = place_id
    short = new.short_name or short_of(new.name)[:SHORT_NAME_LENGTH]
    if short != company.short_name:
        company.short_name = short
        if short not in {n.name for n in names_of(company)}:
            db.session.add(CompanyName(**_name(company.id, short, NameKind.SHORT)))
    db.session.flush()
    write_tokens(company)


def set_credit_code(company: Company, code: str) -> None:
    """Write down a company's credit code; Refusal when it is wrong or another company has it."""
    compact = compact_code(code)
    if problem := code_problem(compact):
        raise Refusal({"credit_code": [problem]})
    if compact == company.credit_code:
        return
    holder = _holder_of_code(compact)
    if holder is not None and holder is not company:
        raise Refusal({"credit_code": [_code_taken(holder)]})
    with code_decides(compact):
        company.credit_code = compact
    write_tokens(company)


@contextmanager
def code_decides(code: str | None) -> Iterator[None]:
    """What writes a credit code runs inside; when somebody was faster, the Refusal says who."""
    if not code:
        yield
        return
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError:
        holder = _holder_of_code(code)
        if holder is None:
            raise
        raise Refusal({"credit_code": [_code_taken(holder)]}) from None


def set_segments(company: Company, codes: Sequence[str]) -> None:
    """Say which links of the chain a company does; what others said of the rest goes."""
    wanted = set(db.session.scalars(sa.select(Segment.id).where(Segment.code.in_(codes))))
    query = sa.select(CompanySegment).where(CompanySegment.company_id == company.id)
    known = {row.segment_id: row for row in db.session.scalars(query)}
    for key in known.keys() - wanted:
        db.session.delete(known[key])
    for key in sorted(wanted - known.keys()):
        db.session.add(CompanySegment(company_id=company.id, segment_id=key, source=SEGMENT_SOURCE))
    db.session.flush()


def problems(new: NewCompany) -> dict[str, list[Message]]:
    """What is wrong with a company to be made, by field; empty when nothing is."""
    found: dict[str, list[Message]] = {}
    name, short = tidy(new.name), tidy(new.short_name or "")
    if not name:
        found["name"] = [msg("请填企业名称。")]
    elif len(name) > NAME_LENGTH:
        found["name"] = [
            msg(
                "企业名称最多 %(most)s 个字，这里有 %(n)s 个。请核对。",
                most=NAME_LENGTH,
                n=len(name),
            )
        ]
    if len(short) > SHORT_NAME_LENGTH:
        found["short_name"] = [msg("简称最多 %(most)s 个字。", most=SHORT_NAME_LENGTH)]
    if new.credit_code and (problem := code_problem(new.credit_code)):
        found["credit_code"] = [problem]
    if new.place_id is not None and db.session.get(Place, new.place_id) is None:
        found["place"] = [msg("没有这个城市，请从列表里选。")]
    return found


def names_of(company: Company) -> list[CompanyName]:
    """All names of a company, as they stand in the database."""
    query = sa.select(CompanyName).where(CompanyName.company_id == company.id)
    return list(db.session.scalars(query.order_by(CompanyName.id)))


def write_tokens(company: Company) -> None:
    """Write anew what a company and its leads are found by, in the transaction of the change."""
    db.session.execute(sa.delete(CompanyToken).where(CompanyToken.company_id == company.id))
    names = [(n.name, n.kind) for n in names_of(company)]
    _insert_tokens(_token_rows(company.id, company.credit_code, company.short_name, names))
    refresh_leads_of(db.session(), company.id)


def _values_of(new: NewCompany, now: datetime) -> Row:
    name = tidy(new.name)
    return {
        "kind": new.kind,
        "name": name,
        "short_name": tidy(new.short_name or "") or short_of(name)[:SHORT_NAME_LENGTH],
        "normal_form": stored_form(name),
        "credit_code": compact_code(new.credit_code) if new.credit_code else None,
        "place_id": new.place_id,
        "cadence_days": new.cadence_days,
        "rewarded": new.rewarded,
        "created_at": now,
    }


def _first_names(name: str, short_name: str) -> list[tuple[str, NameKind]]:
    names = [(name, NameKind.LEGAL)]
    if short_name != name:
        names.append((short_name, NameKind.SHORT))
    return names


def _name(key: int, name: str, kind: NameKind) -> Row:
    form = stored_form(name)
    return {"company_id": key, "name": name, "normal_form": form, "kind": kind}


def _token_rows(
    key: int, credit_code: str | None, short_name: str, names: Sequence[tuple[str, NameKind]]
) -> list[tuple[int, str, int]]:
    return token_rows(
        key,
        credit_code,
        found_by={name for name, _ in names} | {short_name},
        alike_by={name for name, kind in names if kind in _CORE_KINDS},
        sorted_by=short_name,
    )


def _insert_tokens(rows: Iterable[tuple[int, str, int]]) -> None:
    """Past SQLAlchemy: tokens are no records of their own, and there are many."""
    table = cast("sa.Table", CompanyToken.__table__)
    write_rows(db.session.connection(), table, TOKEN_COLUMNS, rows)


def _holder_of_code(code: str) -> Company | None:
    query = sa.select(Company).where(Company.credit_code == compact_code(code))
    found: Company | None = db.session.scalar(query)
    return found


def _code_taken(holder: Company) -> Message:
    return msg("这个统一社会信用代码已登记在“%(name)s”名下。请核对。", name=holder.name)


def _other_of_name(company: Company, name: str) -> Company | None:
    if stored_form(name) == company.normal_form:
        return None
    known = bearer(name)
    return known if known is not None and known.id != company.id else None
