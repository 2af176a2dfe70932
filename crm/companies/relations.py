"""Groups: who is whose parent. A touch of one counts for its recorded parents and subsidiaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.clock import local_date
from crm.errors import NotFound, Refusal
from crm.messages import Message, msg
from models import db
from models.company import Company, CompanyRelation, RelationKind

FULL_SHARE_BP = 10_000
MOST_SHOWN = 100


@dataclass(frozen=True)
class Relative:
    """A company on the other side of a relation; ``above`` when it is the parent."""

    relation: CompanyRelation
    company: Company
    above: bool


def relatives(company_id: int) -> list[Relative]:
    """Parents, then subsidiaries, by name (one query)."""
    other = sa.case(
        (CompanyRelation.child_id == company_id, CompanyRelation.parent_id),
        else_=CompanyRelation.child_id,
    )
    rows = db.session.execute(
        sa.select(CompanyRelation, Company)
        .join(Company, Company.id == other)
        .where(
            sa.or_(CompanyRelation.parent_id == company_id, CompanyRelation.child_id == company_id),
            CompanyRelation.to_on.is_(None),
        )
        .order_by(sa.case((CompanyRelation.child_id == company_id, 0), else_=1), Company.name)
        .limit(MOST_SHOWN)
    )
    return [Relative(r, company, above=r.child_id == company_id) for r, company in rows]


def add_relation(
    parent: Company,
    child: Company,
    *,
    kind: RelationKind = RelationKind.SUBSIDIARY,
    share_bp: int | None = None,
    now: datetime,
) -> CompanyRelation:
    """Say that one company belongs to another; ``share_bp`` is the share held, in basis points.

    Raises Refusal when that can not be; a relation that is there already gets the new share.
    """
    if problem := _problem(parent, child, share_bp):
        raise Refusal(problem)
    relation: CompanyRelation | None = db.session.scalar(
        sa.select(CompanyRelation).where(
            CompanyRelation.parent_id == parent.id,
            CompanyRelation.child_id == child.id,
            CompanyRelation.kind == kind,
        )
    )
    if relation is None:
        relation = CompanyRelation(
            parent_id=parent.id, child_id=child.id, kind=kind, from_on=local_date(now)
        )
        db.session.add(relation)
    relation.share_bp, relation.to_on = share_bp, None
    db.session.flush()
    return relation


def remove_relation(company: Company, relation_id: int) -> CompanyRelation:
    """Take back a relation of this company that somebody recorded wrongly; the trail keeps it.

    Raises NotFound for a relation that is not of this company.
    """
    relation = db.session.get(CompanyRelation, relation_id)
    if relation is None or company.id not in (relation.parent_id, relation.child_id):
        raise NotFound
    db.session.delete(relation)
    db.session.flush()
    return relation


def bring_back(company: Company, was: CompanyRelation, now: datetime) -> CompanyRelation:
    """Say again of this company what was taken back, since when it was so. Raises NotFound."""
    if company.id not in {was.parent_id, was.child_id}:
        raise NotFound
    parent, child = (db.session.get_one(Company, key) for key in (was.parent_id, was.child_id))
    relation = add_relation(parent, child, kind=was.kind, share_bp=was.share_bp, now=now)
    relation.from_on = was.from_on
    db.session.flush()
    return relation


def ancestors(company_id: int) -> set[int]:
    """All that stand above a company, by whatever way (one query)."""
    above = (
        sa.select(CompanyRelation.parent_id.label("id"))
        .where(CompanyRelation.child_id == company_id)
        .cte("above", recursive=True)
    )
    # UNION drops what was seen, so a circle that an import brought ends too.
    above = above.union(
        sa.select(CompanyRelation.parent_id).join(above, CompanyRelation.child_id == above.c.id)
    )
    return set(db.session.scalars(sa.select(above.c.id)))


def _problem(parent: Company, child: Company, share_bp: int | None) -> dict[str, list[Message]]:
    if parent.id == child.id:
        return {"other": [msg("不能把企业设为自己的上级，请另选一家。")]}
    if share_bp is not None and not 0 <= share_bp <= FULL_SHARE_BP:
        return {"share": [msg("持股比例应在 0 到 100 之间。")]}
    if child.id in ancestors(parent.id):
        return {
            "other": [
                msg(
                    "“%(child)s”已经是“%(parent)s”的上级，两家不能互为上级。",
                    child=child.name,
                    parent=parent.name,
                )
            ]
        }
    return {}
