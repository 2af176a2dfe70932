"""What managers judge of a gap, above what its projects say: said, withdrawn, put back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, Right, require
from crm.chain.map import judgements
from crm.chain.queries import (
    all_links,
    all_segments,
    judgement_or_404,
    segment_or_404,
    with_people,
)
from crm.errors import Conflict, Refusal
from crm.messages import Message, msg
from crm.texts import too_long
from models import db
from models.segment import Gap, Segment, SegmentJudgement

LONGEST = 400


def say(
    code: str, gap: str, reason: str, actor: Actor, now: datetime, *, seen: str | None = None
) -> SegmentJudgement:
    """Judge a segment's gap otherwise; what somebody judged before is withdrawn with it.

    ``seen`` is the public id of the judgement that stood there when the actor looked, empty for
    none; None does not ask. Raises NotFound, Forbidden, Refusal with each wrong field, and Conflict
    when somebody was faster.
    """
    require(actor, Right.JUDGE_GAPS)
    segment = segment_or_404(code)
    if errors := _wrong(gap, reason):
        raise Refusal(errors)
    before = _standing_under_lock(segment)
    if seen is not None and seen != (before.public_id if before else ""):
        raise _faster(before)
    if before:
        if before.gap == gap and before.reason == reason.strip():
            return before
        before.withdrawn_by_id, before.withdrawn_at = actor.id, now
        # Out of the way first: of a segment one stands.
        db.session.flush()
    made = SegmentJudgement(
        segment_id=segment.id,
        gap=Gap(gap),
        computed=judgements(all_segments(), all_links(), {})[segment.id].computed,
        reason=reason.strip(),
        said_by_id=actor.id,
        said_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made


def withdraw(code: str, public_id: str, actor: Actor, now: datetime) -> SegmentJudgement:
    """Let the projects speak again. Raises NotFound, Forbidden, and Conflict where it was done."""
    require(actor, Right.JUDGE_GAPS)
    judgement = held_judgement(code, public_id)
    if judgement.withdrawn_at is not None:
        raise Conflict(msg("这个判断已经撤回了。"))
    judgement.withdrawn_by_id, judgement.withdrawn_at = actor.id, now
    db.session.flush()
    return judgement


def put_back(code: str, public_id: str, actor: Actor, now: datetime) -> SegmentJudgement:
    """Let a judgement stand again, instead of what the actor said after it.

    Raises NotFound, Forbidden, and Conflict where somebody else has judged meanwhile.
    """
    require(actor, Right.JUDGE_GAPS)
    judgement = held_judgement(code, public_id)
    standing = _standing(judgement.segment_id)
    if standing is judgement:
        return judgement
    if standing:
        if standing.said_by_id != actor.id:
            raise _faster(standing)
        standing.withdrawn_by_id, standing.withdrawn_at = actor.id, now
        db.session.flush()
    judgement.withdrawn_by_id = judgement.withdrawn_at = None
    db.session.flush()
    return judgement


def _wrong(gap: str, reason: str) -> dict[str, list[Message]]:
    errors: dict[str, list[Message]] = {}
    if gap not in set(Gap):
        errors["gap"] = [msg("请从四种判断里选一种。")]
    if not reason.strip():
        errors["reason"] = [msg("请写一句理由，同事看得到。")]
    elif wrong := too_long(reason.strip(), LONGEST):
        errors["reason"] = [wrong]
    return errors


def held_judgement(code: str, public_id: str) -> SegmentJudgement:
    """A judgement that nobody else makes or withdraws till the commit. Raises NotFound."""
    _lock(segment_or_404(code))
    return judgement_or_404(code, public_id)


def _standing_under_lock(segment: Segment) -> SegmentJudgement | None:
    _lock(segment)
    return _standing(segment.id)


def _standing(segment_id: int) -> SegmentJudgement | None:
    found: SegmentJudgement | None = db.session.scalar(
        with_people()
        .where(SegmentJudgement.segment_id == segment_id, SegmentJudgement.withdrawn_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return found


def _lock(segment: Segment) -> None:
    """Two who judge one segment come one after the other; leads may be put on it meanwhile."""
    key = sa.select(Segment.id).where(Segment.id == segment.id)
    db.session.execute(key.with_for_update(key_share=True))


def _faster(standing: SegmentJudgement | None) -> Conflict:
    if standing is None:
        return Conflict(msg("您打开之后，有人撤回了判断。请看一眼再定。"))
    who = standing.said_by.name
    return Conflict(msg("您打开之后，%(who)s改过判断。请看一眼再定。", who=who))
