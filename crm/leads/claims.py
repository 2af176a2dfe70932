"""Who holds a company (首报单位), and until when they are protected."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm import clock
from crm.access import Actor, visible_leads
from crm.errors import Refusal
from crm.leads.clock import protected_until
from crm.leads.stages import position, stage_name
from crm.messages import Message, Name, msg
from models import db
from models.company import Company
from models.enums import Stage, Status
from models.lead import Claim, Lead, LeadEntity
from models.team import Team
from models.user import User


@dataclass(frozen=True)
class LocalOf:
    """Whose local company it is: the investor, and for who may read the lead its project."""

    investor: str
    investor_id: str
    project: str
    readable: bool
    """The reader may open the lead."""

    @property
    def words(self) -> Message:
        """Whose local company it is; a project's name is its readers' alone."""
        named = [self.investor, *([self.project] if self.readable and self.project else [])]
        return msg("%(project)s 的本地公司", project=" ".join(named))


@dataclass(frozen=True)
class Holder:
    """What everybody may know of an open lead: whose it is, since when, protected until when."""

    lead_id: int
    lead_public_id: str
    company_id: int
    project: str
    owner: str
    owner_id: str
    owner_email: str
    owner_key: int
    team: Name
    team_code: str
    stage: Stage
    from_on: date
    protected_until: date
    protected: bool
    """Whether the protection still runs."""
    local_of: LocalOf | None = None
    """Not the lead's own company but the local one that it led to."""

    @property
    def who(self) -> Message:
        """Team, owner and stage."""
        return msg(
            "%(team)s %(owner)s，%(stage)s",
            team=self.team,
            owner=self.owner,
            stage=stage_name(self.stage),
        )

    @property
    def standing(self) -> Message:
        """Team, owner, stage and protection: what everybody may know."""
        if self.local_of:
            words = replace(self.local_of, readable=False).words
            return msg("%(local)s，%(who)s", local=words, who=self.who)
        return msg(
            "%(team)s %(owner)s，%(stage)s，%(protection)s",
            team=self.team,
            owner=self.owner,
            stage=stage_name(self.stage),
            protection=self.protection,
        )

    @property
    def protection(self) -> Message:
        """Until when they are protected, or since when they are not."""
        if self.protected:
            return msg("保护期到 %(until)s", until=self.protected_until)
        return msg("保护期 %(until)s 已过", until=self.protected_until)

    @property
    def sentence(self) -> Message:
        """Who registered the company, for the person who wanted to."""
        return msg(
            "%(owner)s（%(team)s）%(day)s 已登记这家企业，%(protection)s。",
            owner=self.owner,
            team=self.team,
            day=self.from_on,
            protection=self.protection,
        )

    @property
    def own_sentence(self) -> Message:
        """The same for the person who registered it."""
        return msg(
            "您 %(day)s 已登记这家企业，现在是“%(stage)s”，请打开那条线索。",
            day=self.from_on,
            stage=stage_name(self.stage),
        )


def holders_of(company_ids: Sequence[int]) -> list[Holder]:
    """The open leads of these companies, the oldest first (one query)."""
    today = clock.today()
    of_companies = sa.select(Lead, Claim, User, Team).where(Lead.company_id.in_(company_ids))
    rows = db.session.execute(_held(of_companies))
    return [_holder(lead, claim, user, team, today) for lead, claim, user, team in rows]


def _held(leads: Any) -> Any:
    """Open leads with the claim that holds, their owner and their team."""
    return (
        leads.join(Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None)))
        .join(User, User.id == Lead.owner_id)
        .join(Team, Team.id == Lead.team_id)
        .where(Lead.status != Status.LOST)
        .order_by(Lead.id)
    )


def leading_holders(
    company_ids: Collection[int], me: int | None = None, reader: Actor | None = None
) -> dict[int, Holder]:
    """Who holds each company, or whose local company it is (one query).

    Of several leads the company's own before one that led to it, that of the person who asks
    (``me``), then the one that is furthest. ``reader``: who is told the names of projects.
    """
    if not company_ids:
        return {}
    found = sorted(
        _all_holders(list(company_ids), reader),
        key=lambda holder: (
            holder.local_of is None,
            holder.owner_key == me,
            position(holder.stage),
        ),
    )
    return {holder.company_id: holder for holder in found}


def _all_holders(company_ids: Sequence[int], reader: Actor | None) -> Iterator[Holder]:
    """The same as ``holders_of``, and for local companies the leads that led to them."""
    today = clock.today()
    ties = sa.union_all(
        sa.select(Lead.id.label("lead_id"), Lead.company_id.label("company_id")).where(
            Lead.company_id.in_(company_ids)
        ),
        sa.select(LeadEntity.lead_id, LeadEntity.company_id).where(
            LeadEntity.company_id.in_(company_ids)
        ),
    ).subquery()
    is_local = ties.c.company_id != Lead.company_id
    # Nobody asks it of the others, and what is shared with a team is much to look up.
    may_read = visible_leads(reader, by_row=True) if reader else sa.false()
    readable = sa.case((is_local, may_read), else_=sa.false())
    investor_of = (ties.c.company_id, Company.short_name, Company.public_id)
    tied = (
        sa.select(Lead, Claim, User, Team, *investor_of, readable.label("readable"))
        .select_from(ties)
        .join(Lead, Lead.id == ties.c.lead_id)
        .join(Company, Company.id == Lead.company_id)
    )
    rows = db.session.execute(_held(tied))
    for lead, claim, user, team, company_id, investor, investor_id, opens in rows:
        holder = _holder(lead, claim, user, team, today)
        if company_id != lead.company_id:
            local_of = LocalOf(investor, investor_id, lead.project, opens)
            holder = replace(holder, company_id=company_id, local_of=local_of)
        yield holder


def _holder(lead: Lead, claim: Claim, user: User, team: Team, today: date) -> Holder:
    return Holder(
        lead_id=lead.id,
        lead_public_id=lead.public_id,
        company_id=lead.company_id,
        project=lead.project,
        owner=user.name,
        owner_id=user.public_id,
        owner_email=user.email,
        owner_key=user.id,
        team=Name(team.short_zh, team.en),
        team_code=team.code,
        stage=lead.stage,
        from_on=claim.from_on,
        protected_until=claim.protected_until,
        protected=claim.protected_until >= today,
    )


def refuse_held(
    company_id: int, project: str, *, but: int | None = None, me: int | None = None
) -> None:
    """Raise the Refusal that names the holder when this company's project has another open lead.

    ``me`` is who asks: their own lead is not named as somebody's.
    """
    for holder in holders_of([company_id]):
        if holder.project == project and holder.lead_id != but:
            said = holder.own_sentence if holder.owner_key == me else holder.sentence
            raise Refusal({"company": [said]}, said, code="held")


@contextmanager
def index_decides(
    company_id: int, project: str, *, but: int | None = None, me: int | None = None
) -> Iterator[None]:
    """What opens a lead runs inside; when somebody was faster, the Refusal names them."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError:
        refuse_held(company_id, project, but=but, me=me)
        raise


def open_claim(lead: Lead, today: date) -> Claim:
    """Protect the lead's team from today; the last touch counts when there was one."""
    touched = clock.local_date(lead.last_touch_at) if lead.last_touch_at else None
    claim = Claim(
        lead_id=lead.id,
        team_id=lead.team_id,
        from_on=today,
        protected_until=protected_until(today, touched),
    )
    db.session.add(claim)
    return claim


def current_claim(lead: Lead) -> Claim | None:
    """The claim that holds now."""
    found: Claim | None = db.session.scalar(
        sa.select(Claim).where(Claim.lead_id == lead.id, Claim.released_at.is_(None))
    )
    return found


def release_claim(lead: Lead, now: datetime) -> None:
    """Nobody holds the company through this lead any more."""
    claim = current_claim(lead)
    if claim is not None:
        claim.released_at = now
        db.session.flush()


def protect_as_before(lead: Lead) -> None:
    """The claim that was just opened again holds as the last one did: leaving renews nothing.

    Who held the same project of the company meanwhile was first since, so it counts from today.
    """
    claim, last = current_claim(lead), _last_released(lead)
    if claim is not None and last is not None and not _held_since(lead, last):
        claim.from_on, claim.protected_until = last.from_on, last.protected_until
        db.session.flush()


def _last_released(lead: Lead) -> Claim | None:
    found: Claim | None = db.session.scalar(
        sa.select(Claim)
        .where(Claim.lead_id == lead.id, Claim.released_at.is_not(None))
        .order_by(Claim.id.desc())
        .limit(1)
    )
    return found


def _held_since(lead: Lead, last: Claim) -> bool:
    others = (
        sa.select(Claim.id)
        .join(Lead, Lead.id == Claim.lead_id)
        .where(
            Lead.company_id == lead.company_id,
            Lead.project == lead.project,
            Lead.id != lead.id,
            # Only one holds at a time: a later one began when this one had ended.
            Claim.id > last.id,
        )
    )
    return db.session.scalar(others.limit(1)) is not None


def hand_claim_over(lead: Lead, now: datetime) -> None:
    """The lead's new team takes the claim over; the protection runs on as it did."""
    claim = current_claim(lead)
    if claim is None or claim.team_id == lead.team_id:
        return
    release_claim(lead, now)
    db.session.add(
        Claim(
            lead_id=lead.id,
            team_id=lead.team_id,
            from_on=clock.local_date(now),
            protected_until=claim.protected_until,
        )
    )
