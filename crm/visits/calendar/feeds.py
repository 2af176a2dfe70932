"""Private addresses of calendars: made, known again by their secret, ended.

The secret is 256 random bits, so its plain SHA-256 is enough to keep: there is nothing to guess.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from crm.access.tokens import hash_of
from crm.errors import NotFound
from models import db
from models.calendar_feed import CalendarFeed
from models.user import User

_RANDOM_BYTES = 32


def feed_of(user_id: int) -> CalendarFeed | None:
    """The address of a person that opens their calendar now."""
    feed: CalendarFeed | None = db.session.scalar(
        sa.select(CalendarFeed).where(
            CalendarFeed.user_id == user_id, CalendarFeed.revoked_at.is_(None)
        )
    )
    return feed


def open_feed(user: User, *, now: datetime) -> str:
    """Make an address; the one of before opens nothing any more. Returns its secret, this once."""
    db.session.execute(sa.select(User.id).where(User.id == user.id).with_for_update())
    end_feed(user.id, now=now)
    secret = secrets.token_urlsafe(_RANDOM_BYTES)
    db.session.add(CalendarFeed(user_id=user.id, secret_hash=hash_of(secret), created_at=now))
    db.session.flush()
    return secret


def end_feed(user_id: int, *, now: datetime) -> None:
    """End a person's address; without one nothing changes."""
    if feed := feed_of(user_id):
        feed.revoked_at = now
        db.session.flush()  # before its successor is inserted: one that opens a person


def owner_of(secret: str) -> User:
    """Whose calendar an address opens. NotFound when it opens none any more."""
    user: User | None = db.session.scalar(
        sa.select(User)
        .join(CalendarFeed, CalendarFeed.user_id == User.id)
        .where(
            CalendarFeed.secret_hash == hash_of(secret),
            CalendarFeed.revoked_at.is_(None),
            User.active,
        )
    )
    if user is None:
        raise NotFound
    return user
