"""Comments on a lead: written with mentions, put right for a day, removed and put back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, readable_lead, require, visible_leads
from crm.access.policy import RIGHTS
from crm.access.readers import readers_of
from crm.archive import put_away, take_out
from crm.clock import local_date
from crm.errors import Forbidden, NotFound, Refusal
from crm.messages import Message, msg
from crm.texts import too_long
from crm.together import Read, merged
from models import db
from models.comment import Comment, Mention
from models.lead import Lead
from models.user import User

LONGEST = 2000
EDITABLE = timedelta(hours=24)
SHOWN = 200


@dataclass(frozen=True)
class Said:
    """A comment as a lead's page shows it; ``text`` is None where it was removed.

    ``names`` are mentioned beside those whom the text names itself. ``edited_at`` tells that it was
    put right; ``editable`` and ``removable``: by this reader, now.
    """

    public_id: str
    at: datetime
    by: str
    text: str | None
    names: tuple[str, ...]
    edited_at: datetime | None
    editable: bool
    removable: bool


def colleagues(lead: Lead, actor: Actor, now: datetime) -> list[User]:
    """Whom the actor may mention on the lead: who reads it and may answer, themselves left out."""
    readers = readers_of(lead, local_date(now))
    return [u for u in readers if u.id != actor.id and Right.COMMENT in RIGHTS[u.role]]


def write(
    lead_id: str, text: str, mentioned: Collection[str], actor: Actor, *, now: datetime
) -> Comment:
    """Say something on a lead; ``mentioned`` are public ids of colleagues who are told of it,
    beside those whom the text names behind an @.

    Raises NotFound, Forbidden, and Refusal for an empty or long text and for somebody who may not
    see the lead.
    """
    require(actor, Right.COMMENT)
    lead = readable_lead(actor, lead_id)
    errors = _wrong(text)
    people = colleagues(lead, actor, now)
    offered = {user.public_id: user.id for user in people}
    if set(mentioned) - offered.keys():
        errors["mentions"] = [msg("提到的同事里有人看不到这条线索，请从列出的人里选。")]
    if errors:
        raise Refusal(errors)
    comment = Comment(
        lead_id=lead.id,
        author_id=actor.id,
        text=text.strip(),
        created_at=now,
        mentions=[
            Mention(user_id=offered[one])
            for one in dict.fromkeys([*mentioned, *spoken_to(text, people)])
        ],
    )
    db.session.add(comment)
    db.session.flush()
    return comment


def spoken_to(text: str, people: Sequence[User]) -> list[str]:
    """The public ids of those whom the text names behind an @; of two with one name neither."""
    counted = Counter(user.name for user in people)
    by_name = {user.name: user.public_id for user in people if counted[user.name] == 1}
    return [by_name[name] for name in _behind_an_at(text, counted) if name in by_name]


def _behind_an_at(text: str, names: Collection[str]) -> list[str]:
    """Which of these names stand behind an @, as often as they do."""
    # The longer name first, so that 王芳 is not found in 王芳华.
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.findall(f"[@＠]({either})", text) if either else []


def edit(
    public_id: str, text: str, actor: Actor, *, now: datetime, read: Read | None = None
) -> Comment:
    """Put one's own comment right within a day; the trail keeps what stood there.

    Whom it mentions stays. ``read`` is what stood there when the form was opened, perhaps on
    another device. Raises NotFound, Forbidden (somebody else's, or too late), Refusal and Stale.
    """
    comment = own(public_id, actor, now)
    text = merged({"text": comment.text}, {"text": text.strip()}, read, [comment])["text"]
    if errors := _wrong(text):
        raise Refusal(errors)
    if text.strip() != comment.text:
        comment.text, comment.edited_at = text.strip(), now
        db.session.flush()
    return comment


def own(public_id: str, actor: Actor, now: datetime) -> Comment:
    """One's own comment while it can be edited. Raises NotFound and Forbidden."""
    comment = _theirs(public_id, actor)
    if comment.removed_at is not None:
        raise NotFound
    if now - comment.created_at > EDITABLE:
        raise Forbidden(msg("评论写下 24 小时后不能再改，请再写一条。"))
    return comment


def remove(public_id: str, actor: Actor, *, now: datetime) -> Comment:
    """Take one's own comment away; who it mentions need not look any more. Once is enough."""
    comment = _theirs(public_id, actor)
    if comment.removed_at is None:
        comment.removed_at = now
        put_away(comment, actor, now)
    return comment


def restore(public_id: str, actor: Actor) -> Comment:
    """Put one's own removed comment back, its unseen mentions with it."""
    comment = _theirs(public_id, actor)
    if comment.removed_at is not None:
        comment.removed_at = None
        take_out(comment)
    return comment


def see(lead_id: str, actor: Actor, *, now: datetime) -> Lead:
    """The actor has seen what mentions them on this lead. Raises NotFound."""
    lead = readable_lead(actor, lead_id)
    for mention in db.session.scalars(_unseen(lead, actor)):
        mention.seen_at = now
    db.session.flush()
    return lead


def comments_of(lead: Lead, actor: Actor, now: datetime) -> tuple[list[Said], bool]:
    """The newest comments of a lead the actor was let read, and whether one waits to be seen.

    One statement with the people whom they name.
    """
    found = db.session.scalars(
        sa.select(Comment)
        .where(Comment.lead_id == lead.id)
        .options(joinedload(Comment.author), joinedload(Comment.mentions).joinedload(Mention.user))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(SHOWN)
    )
    comments = found.unique().all()
    waits = any(
        mention.user_id == actor.id and mention.seen_at is None
        for comment in comments
        for mention in comment.mentions
    )
    return [_said(comment, actor, now) for comment in comments], waits


def _said(comment: Comment, actor: Actor, now: datetime) -> Said:
    removed, mine = comment.removed_at is not None, comment.author_id == actor.id
    names = () if removed else tuple(one.user.name for one in comment.mentions)
    named = _behind_an_at(comment.text, names)
    return Said(
        public_id=comment.public_id,
        at=comment.created_at,
        by=comment.author.name,
        text=None if removed else comment.text,
        names=tuple(name for name in names if name not in named),
        edited_at=None if removed else comment.edited_at,
        editable=mine and not removed and now - comment.created_at <= EDITABLE,
        removable=mine and not removed,
    )


def _unseen(lead: Lead, actor: Actor) -> sa.Select[Mention]:
    of_lead = sa.select(Comment.id).where(Comment.lead_id == lead.id)
    return sa.select(Mention).where(
        Mention.user_id == actor.id, Mention.seen_at.is_(None), Mention.comment_id.in_(of_lead)
    )


def _theirs(public_id: str, actor: Actor) -> Comment:
    require(actor, Right.COMMENT)
    comment = db.session.scalar(
        sa.select(Comment)
        .join(Lead, Lead.id == Comment.lead_id)
        .where(Comment.public_id == public_id, visible_leads(actor))
        .options(joinedload(Comment.lead))
        .with_for_update(of=Comment)
        .execution_options(populate_existing=True)
    )
    if comment is None:
        raise NotFound
    if comment.author_id != actor.id:
        raise Forbidden(msg("只有写评论的人能改它、删它。"))
    found: Comment = comment
    return found


def _wrong(text: str) -> dict[str, list[Message]]:
    if not text.strip():
        return {"text": [msg("请写下想说的话。")]}
    wrong = too_long(text.strip(), LONGEST)
    return {"text": [wrong]} if wrong else {}
