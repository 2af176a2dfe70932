"""Who holds a company (首报单位), and until when they are protected."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm import clock
from crm.errors import Refusal
from crm.leads.clock import protected_until
from crm.leads.stages import position, stage_name
from crm.messages import Message, Name, msg
from models import db
from models.enums import Stage, Status
from models.lead import Claim, Lead
from models.team import Team
from models.user import User


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
    team: Name
    team_code: str
    stage: Stage
    from_on: date
    protected_until: date

    @property
    def standing(self) -> Message:
        """Team, owner, stage and protection: what everybody may know."""
        return msg(
            "%(team)s %(owner)s，%(stage)s，保护期到 %(until)s",
            team=self.team,
            owner=self.owner,
            stage=stage_name(self.stage),
            until=self.protected_until,
        )

    @property
    def sentence(self) -> Message:
        """Who registered the company, for the person who wanted to."""
        return msg(
            "%(owner)s（%(team)s）%(day)s 已登记这家企业，保护期到 %(until)s。",
            owner=self.owner,
            team=self.team,
            day=self.from_on,
            until=self.protected_until,
        )


def holders_of(company_ids: Sequence[int]) -> list[Holder]:
    """The open leads of these companies, the oldest first (one query)."""
    rows = db.session.execute(
        sa.select(Lead, Claim, User, Team)
        .join(Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None)))
        .join(User, User.id == Lead.owner_id)
        .join(Team, Team.id == Lead.team_id)
        .where(Lead.company_id.in_(company_ids), Lead.status != Status.LOST)
        .order_by(Lead.id)
    )
    return [
        Holder(
            lead_id=lead.id,
            lead_public_id=lead.public_id,
            company_id=lead.company_id,
            project=lead.project,
            owner=user.name,
            owner_id=user.public_id,
            owner_email=user.email,
            team=Name(team.short_zh, team.en),
            team_code=team.code,
            stage=lead.stage,
            from_on=claim.from_on,
            protected_until=claim.protected_until,
        )
        for lead, claim, user, team in rows
    ]


def leading_holders(company_ids: Collection[int]) -> dict[int, Holder]:
    """Who holds each company; of several leads the one that is furthest (one query)."""
    if not company_ids:
        return {}
    found = sorted(holders_of(list(company_ids)), key=lambda holder: position(holder.stage))
    return {holder.company_id: holder for holder in found}


def refuse_held(company_id: int, project: str, *, but: int | None = None) -> None:
    """Raise the Refusal that names the holder when this company's project has another open lead."""
    for holder in holders_of([company_id]):
        if holder.project == project and holder.lead_id != but:
            raise Refusal({"company": [holder.sentence]}, holder.sentence, code="held")


@contextmanager
def index_decides(company_id: int, project: str, *, but: int | None = None) -> Iterator[None]:
    """What opens a lead runs inside; when somebody was faster, the Refusal names them."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError:
        refuse_held(company_id, project, but=but)
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
