"""What a card or a row shows of a lead: read with few queries, said in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from crm.clock import local_date
from crm.companies.badges import Badge, badges_of
from crm.leads.moves import clock_of
from crm.leads.time_words import LeadClocks, TimeWord, stalled_word, time_words
from crm.messages import Message, Name, msg, nmsg
from models import db
from models.company import Company
from models.enums import Status, TaskKind, TaskState
from models.lead import Claim, Lead
from models.place import District, Park
from models.task import Task
from models.user import User


@dataclass(frozen=True)
class LeadCard:
    """A lead as a board or a list shows it."""

    lead: Lead
    badges: Sequence[Badge]
    place: Message | Name
    days: int
    days_text: Message
    days_tone: str
    stalled: TimeWord | None
    step: str
    step_word: TimeWord | None


def card_options() -> tuple[ExecutableOption, ...]:
    """What a card needs of its lead, loaded with it."""
    return (
        joinedload(Lead.company),
        joinedload(Lead.owner),
        joinedload(Lead.park),
        joinedload(Lead.district),
    )


# What the board reads of its leads, and no more: it has hundreds.
_READ = (
    *(Lead.public_id, Lead.company_id, Lead.owner_id, Lead.team_id, Lead.district_id, Lead.park_id),
    *(Lead.stage, Lead.status, Lead.version, Lead.project, Lead.updated_at, Lead.last_touch_at),
    *(Lead.stage_since, Lead.held_days, Lead.held_since, Lead.hold_until, Lead.next_step_on),
)


def board_options() -> tuple[ExecutableOption, ...]:
    """What a card of the board needs of its lead; whatever else of it is asked for raises."""
    return (
        load_only(*_READ, raiseload=True),
        joinedload(Lead.company).load_only(Company.short_name, raiseload=True),
        joinedload(Lead.owner).load_only(User.name, raiseload=True),
        joinedload(Lead.park).load_only(Park.short_zh, Park.short_en, raiseload=True),
        joinedload(Lead.district).load_only(District.short_zh, District.en, raiseload=True),
    )


def cards(
    leads: Sequence[Lead], today: date, *, badges: bool = True, steps: bool = True
) -> list[LeadCard]:
    """The cards of leads loaded with ``card_options`` (two queries for all of them).

    Without ``badges`` or ``steps`` that query is left out, and what it would have found is empty.
    """
    listed = badges_of([lead.company_id for lead in leads]) if badges else {}
    found = _steps_of([lead.id for lead in leads]) if steps else {}
    return [_card(lead, listed.get(lead.company_id, ()), found, today) for lead in leads]


def place_name(park: Park | None, district: District | None) -> Message | Name:
    """Where the project may go: the park, else the district, else not decided."""
    if park is not None:
        return Name(park.short_zh, park.short_en)
    if district is not None:
        return Name(district.short_zh, district.en)
    return msg("未定")


def _steps_of(lead_ids: Sequence[int]) -> dict[int, tuple[str | None, date | None]]:
    """The open next step's words and the end of the protection of each lead (one query)."""
    if not lead_ids:
        return {}
    rows = db.session.execute(
        sa.select(Lead.id, Task.text, Claim.protected_until)
        .outerjoin(
            Task,
            sa.and_(
                Task.lead_id == Lead.id,
                Task.kind == TaskKind.NEXT_STEP,
                Task.state == TaskState.OPEN,
            ),
        )
        .outerjoin(Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None)))
        .where(Lead.id.in_(lead_ids))
    )
    return {key: (text, until) for key, text, until in rows}


def _card(
    lead: Lead,
    badges: Sequence[Badge],
    steps: dict[int, tuple[str | None, date | None]],
    today: date,
) -> LeadCard:
    text, protected_until = steps.get(lead.id, (None, None))
    words = words_of(lead, protected_until, today, text or "")
    stalled = next((word for word in words if word.kind == "stalled"), None)
    others = [word for word in words if word is not stalled]
    days = clock_of(lead).days(today)
    return LeadCard(
        lead=lead,
        badges=badges,
        place=place_name(lead.park, lead.district),
        days=days,
        days_text=stalled.message if stalled else nmsg("%(n)s 天", days),
        days_tone="amber" if stalled else "plain",
        stalled=stalled,
        step=text or "",
        step_word=others[0] if others else None,
    )


def stall_of(lead: Lead, today: date) -> TimeWord:
    """What a stalled lead's clock says."""
    return stalled_word(lead.stage, clock_of(lead).days(today), _touched(lead))


def words_of(
    lead: Lead, protected_until: date | None, today: date, next_step: str = ""
) -> list[TimeWord]:
    """What the lead's clocks say, the most pressing first."""
    return time_words(
        LeadClocks(
            stage=lead.stage,
            status=lead.status,
            clock=clock_of(lead),
            next_step_on=lead.next_step_on,
            protected_until=protected_until if lead.status is not Status.LOST else None,
            hold_until=lead.hold_until,
            next_step=next_step,
            last_touch=_touched(lead),
        ),
        today,
    )


def _touched(lead: Lead) -> date | None:
    return local_date(lead.last_touch_at) if lead.last_touch_at else None
