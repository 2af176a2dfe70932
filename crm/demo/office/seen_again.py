"""Further visits of leads, on a trip or at an event, that leave everything else as it stands.

Only what was touched before and after may be met between: then no last touch, no protection and no
lead is another by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from crm.demo.office.pen import Make, Tie
from crm.demo.office.scene import LeadSeen, VisitSeen, new
from crm.demo.records import Values
from models.enums import VisitMode


def whom(seen: Sequence[VisitSeen], at: datetime) -> tuple[int, str] | None:
    """Who of theirs may have been met at that moment; nobody where it would be a new touch."""
    before = [one for one in seen if one.touched and one.recorded_at < at]
    after = any(one.touched and one.occurred_at > at for one in seen)
    if not before or not after:
        return None
    last = before[-1]
    return (last.contact_id, last.contact) if last.contact_id and last.contact else None


def between(seen: Sequence[VisitSeen]) -> tuple[datetime, datetime] | None:
    """The moments between which somebody of the lead may be met so; none where nobody may."""
    touches = [one for one in seen if one.touched]
    if len(touches) < 2:
        return None
    return min(one.recorded_at for one in touches), touches[-1].occurred_at


def visit(
    random: Random,
    lead: LeadSeen,
    author_id: int,
    mode: VisitMode,
    at: datetime,
    contact_id: int | None,
    summary: str,
    *,
    outcome: str | None = None,
) -> tuple[Values, tuple[Make | Tie, ...]]:
    """A visit as a row, and the steps that write it down; ``recorded_at`` is a while later."""
    row = new(
        random,
        author_id=author_id,
        company_id=lead.company_id,
        mode=mode,
        arranged=True,
        reached=contact_id is not None,
        summary=summary,
        outcome=outcome,
        occurred_at=at,
        recorded_at=at + timedelta(minutes=random.randint(20, 50)),
    )
    row["client_key"] = f"demo-{row['public_id']}"
    steps: tuple[Make | Tie, ...] = (
        Make("visit", row),
        Tie("visit_lead", {"visit_id": row, "lead_id": lead.id}),
    )
    if contact_id is not None:
        steps = (*steps, Tie("visit_contact", {"visit_id": row, "contact_id": contact_id}))
    return row, steps
