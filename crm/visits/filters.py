"""Which visits a list shows: conditions that stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from crm import clock
from crm.access import Actor, present, sees_the_city, visible_leads, visible_visits
from crm.access.conditions import Condition
from crm.leads.facts import met
from crm.spans import Span, read_span
from models import db
from models.company import Company
from models.enums import VisitMode
from models.lead import Lead
from models.team import Team
from models.user import Membership, User
from models.visit import Visit, VisitLead, VisitTotal


@dataclass(frozen=True)
class VisitFilter:
    """Conditions as they stand in the address.

    ``mine``: what the actor wrote down; else all that the actor may read. ``met``: visits alone,
    no calls and messages. ``team``: its people wrote it down. ``lead`` and ``author`` stand by
    public id; ``reached`` None: whether somebody was reached or not.
    """

    mine: bool = False
    mode: VisitMode | None = None
    company: str = ""
    team: str = ""
    between: Span | None = None
    met: bool = False
    lead: str = ""
    author: str = ""
    reached: bool | None = None

    def as_args(self) -> dict[str, str]:
        """The same as arguments of an address."""
        args = {
            "scope": "mine" if self.mine else "all",
            "mode": self.mode.value if self.mode else "",
            "company": self.company,
            "team": self.team,
            "between": str(self.between or ""),
            "met": "1" if self.met else "",
        }
        return {name: value for name, value in args.items() if value}

    def without(self, name: str) -> VisitFilter:
        """The same filter with one condition dropped."""
        return replace(self, **{name: getattr(VisitFilter(), name)})


def read_filter(args: Mapping[str, str]) -> VisitFilter:
    """Read a filter; what nobody knows is left out. Without any it shows the actor's own."""
    mode, company = args.get("mode", ""), args.get("company", "")
    return VisitFilter(
        mine=args.get("scope", "mine") == "mine" and not company,
        mode=VisitMode(mode) if mode in set(VisitMode) else None,
        company=company,
        team=args.get("team", ""),
        between=read_span(args.get("between", "")),
        met=args.get("met") == "1",
    )


def conditions(actor: Actor, wanted: VisitFilter) -> list[Condition]:
    """A filter as conditions of a query over visits."""
    mine = sa.and_(Visit.author_id == actor.id, present(Visit))
    found: list[Condition] = [mine if wanted.mine else visible_visits(actor)]
    if wanted.mode is not None:
        found.append(Visit.mode == wanted.mode)
    if wanted.company:
        key = sa.select(Company.id).where(Company.public_id == wanted.company).scalar_subquery()
        found.append(Visit.company_id == key)
    if wanted.lead:
        of_lead = sa.select(VisitLead.visit_id).join(Lead, Lead.id == VisitLead.lead_id)
        seen = of_lead.where(Lead.public_id == wanted.lead, visible_leads(actor))
        found.append(Visit.id.in_(seen))
    if wanted.author:
        by = sa.select(User.id).where(User.public_id == wanted.author).scalar_subquery()
        found.append(Visit.author_id == by)
    if wanted.reached is not None:
        found.append(Visit.reached.is_(wanted.reached))
    if wanted.team:
        found.append(Visit.author_id.in_(members(wanted.team, wanted.between)))
    if wanted.met:
        found.append(met())
    if wanted.between and wanted.between.first:
        found.append(Visit.occurred_at >= clock.midnight(wanted.between.first))
    if wanted.between and wanted.between.last:
        found.append(Visit.occurred_at < clock.midnight(wanted.between.last + timedelta(days=1)))
    return found


def total_in_summary(actor: Actor, wanted: VisitFilter) -> int | None:
    """How many visits a filter finds by the summary; None where it does not know."""
    more = wanted.company or wanted.lead or wanted.author or wanted.reached is not None
    if not wanted.met or more or not (wanted.mine or sees_the_city(actor)):
        return None
    query = sa.select(sa.func.coalesce(sa.func.sum(VisitTotal.n), 0)).where(
        *within(wanted.between or Span())
    )
    if wanted.mine:
        query = query.where(VisitTotal.author_id == actor.id)
    if wanted.mode is not None:
        query = query.where(VisitTotal.mode == wanted.mode)
    if wanted.team:
        query = query.where(VisitTotal.author_id.in_(members(wanted.team, wanted.between)))
    return int(db.session.scalar(query) or 0)


def within(span: Span) -> list[Condition]:
    """The days of the summary that lie in a span."""
    found: list[Condition] = []
    if span.first:
        found.append(VisitTotal.day >= span.first)
    if span.last:
        found.append(VisitTotal.day <= span.last)
    return found


def members(code: str, span: Span | None) -> sa.Select[int]:
    """Who belonged to a team on any of these days."""
    query = sa.select(Membership.user_id).join(Team, Team.id == Membership.team_id)
    return query.where(Team.code == code, *belonged(span or Span()))


def belonged(span: Span) -> list[Condition]:
    """Memberships that held on any of these days."""
    found: list[Condition] = []
    if span.last:
        found.append(Membership.from_on <= span.last)
    if span.first:
        found.append(sa.or_(Membership.to_on.is_(None), Membership.to_on >= span.first))
    return found
