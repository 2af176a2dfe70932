"""A visit corrected by its author: freely for a day, after that with a trace its readers see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, Right, require, visible_visits
from crm.errors import Forbidden, Refusal
from crm.held import held
from crm.messages import Message, msg
from crm.together import Read, merged
from crm.visits.rules import FREE_EDITS, LABELS, leaves_a_trace, too_long
from models import db
from models.audit import Change, ChangeSet
from models.user import User
from models.visit import Visit

# What was said. When, where and with whom stay as they are: touches and reports rest on them.
FIELDS = ("summary", "need", "outcome", "rival_cities")


@dataclass(frozen=True)
class Amendment:
    """One late correction: when, by whom, and of what."""

    at: datetime
    who: str
    fields: tuple[Message, ...]


def own_visit(actor: Actor, public_id: str) -> Visit:
    """The visit, its row held, for its author; Forbidden for its other readers, else NotFound."""
    require(actor, Right.LOG_VISITS)
    visit = held(Visit, Visit.public_id == public_id, visible_visits(actor))
    if visit.author_id != actor.id:
        raise Forbidden(msg("走访由记的人自己改。有补充请写在线索的评论里。"))
    return visit


def known_of(visit: Visit) -> dict[str, str]:
    """What was said, as it would be typed."""
    return {name: getattr(visit, name) or "" for name in FIELDS}


def edit_visit(
    visit: Visit, typed: Mapping[str, str], now: datetime, *, read: Read | None = None
) -> None:
    """Correct what was said in a visit that its author holds (``own_visit``).

    ``read`` is what they had read of it, perhaps on another screen. Raises Refusal and Stale.
    """
    yours = {name: typed[name].strip() for name in FIELDS}
    known = known_of(visit)
    values = merged(known, yours, read, [visit])
    errors = {name: [wrong] for name, text in values.items() if (wrong := too_long(name, text))}
    if errors:
        raise Refusal(errors)
    if values == known:
        return
    for name, text in values.items():
        setattr(visit, name, text if name == "summary" else text or None)
    if leaves_a_trace(visit.recorded_at, now):
        visit.amended_at = now
    db.session.flush()


def amendments_of(visit: Visit) -> list[Amendment]:
    """The late corrections, the latest first, as the trail has them (one query)."""
    if visit.amended_at is None:
        return []
    rows = db.session.execute(
        sa.select(ChangeSet.id, ChangeSet.known_at, User.name, Change.field)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .outerjoin(User, User.id == ChangeSet.actor_id)
        .where(
            Change.subject == Visit.audit_subject,
            Change.subject_id == visit.id,
            Change.field.in_(FIELDS),
            ChangeSet.known_at > visit.recorded_at + FREE_EDITS,
        )
        .order_by(Change.seq)
    )
    together: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    for made, at, who, name in rows:
        together[made].append((at, who or "", name))
    return [
        Amendment(group[0][0], group[0][1], tuple(LABELS[name] for _at, _who, name in group))
        for group in reversed(together.values())
    ]
