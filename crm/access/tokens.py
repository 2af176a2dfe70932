"""Tokens with which machines act for a person: made, known again, revoked.

A token is 256 random bits, so its plain SHA-256 is enough to keep: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa

from crm import clock
from crm.access.actor import with_actor
from crm.access.sign_in import WINDOW
from crm.errors import Refusal
from crm.held import held
from crm.messages import Message, msg
from models import db
from models.api_token import NAME_LENGTH, PREFIX_LENGTH, ApiToken
from models.enums import ApiScope
from models.sign_in import SignInAttempt
from models.user import User

MARK = "crm_"
RANDOM_BYTES = 32
LONGEST_DAYS = 3650
# When a token was used last is written at most so often.
USED_EVERY = timedelta(minutes=15)
# Unknown tokens from one network address in the window of sign-in, before it has to wait.
UNKNOWN_PER_ADDRESS = 30


@dataclass(frozen=True)
class Issued:
    """A new token and its secret, which nobody can read again."""

    token: ApiToken
    secret: str


def issue(
    user: User,
    name: str,
    *,
    now: datetime,
    scope: ApiScope = ApiScope.WRITE,
    days: int | None = None,
) -> Issued:
    """Make a token of a person; without days it never expires. Refusal for what can not be."""
    errors: dict[str, list[Message]] = {}
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        errors["name"] = [msg("请写这个令牌给谁用，%(n)s 个字以内。", n=NAME_LENGTH)]
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        errors["days"] = [msg("有效天数应在 1 到 %(n)s 之间。", n=LONGEST_DAYS)]
    if errors:
        raise Refusal(errors)
    secret = MARK + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken(
        user_id=user.id,
        name=name.strip(),
        scope=scope,
        token_hash=hash_of(secret),
        prefix=secret[:PREFIX_LENGTH],
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    db.session.add(token)
    db.session.flush()
    return Issued(token, secret)


def revoke(public_id: str, *, now: datetime, user_id: int | None = None) -> ApiToken:
    """End a token (of that user, where one is given); revoking twice changes nothing."""
    whose = sa.true() if user_id is None else ApiToken.user_id == user_id
    token = held(ApiToken, ApiToken.public_id == public_id, whose)
    if token.revoked_at is None:
        token.revoked_at = now
        db.session.flush()
    return token


def tokens_of(user_id: int) -> list[ApiToken]:
    """A person's tokens that are not revoked, the newest first."""
    query = sa.select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return list(db.session.scalars(query.order_by(ApiToken.id.desc())))


@dataclass(frozen=True)
class Bearer:
    """Who holds a token that was shown, and whether it opens anything now."""

    token: ApiToken
    user: User
    valid: bool


def bearer(secret: str, now: datetime) -> Bearer | None:
    """The token of that secret with its person (one query); None when nobody knows it."""
    asked = _of_secret(clock.local_date(now))
    row = db.session.execute(asked, {"hashed": hash_of(secret)}).unique().one_or_none()
    if row is None:
        return None
    token, user = row
    return Bearer(token, user, valid=user.active and not ended(token, now))


@lru_cache(maxsize=2)
def _of_secret(today: date) -> sa.Select[ApiToken, User]:
    """Every request asks this, and building it takes longer than the answer: once a day will do."""
    return (
        sa.select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == sa.bindparam("hashed"))
        .options(with_actor(today))
    )


def ended(token: ApiToken, now: datetime) -> bool:
    """Whether the token is revoked or its time is over."""
    return token.revoked_at is not None or (
        token.expires_at is not None and token.expires_at <= now
    )


def wants_noting(token: ApiToken, now: datetime) -> bool:
    """Whether it is time to write down again that the token is used."""
    return token.last_used_at is None or token.last_used_at <= now - USED_EVERY


def note_use(token_id: int, now: datetime) -> None:
    """Write down that a token is used. No change somebody made, so the trail is passed by."""
    table = ApiToken.__table__
    db.session.connection().execute(
        sa.update(ApiToken.__table__)  # type: ignore[arg-type]
        .where(table.c.id == token_id)
        .values(last_used_at=now)
    )


def note_unknown(address: str, now: datetime) -> bool:
    """Write down that an unknown token was tried; True when the address has to wait.

    Kept apart from the tries at signing in: a forgotten script must not lock an office out.
    """
    where = f"api {address}"[:64]
    tried = sa.select(sa.func.count()).where(
        SignInAttempt.address == where, SignInAttempt.at > now - WINDOW
    )
    if (db.session.scalar(tried) or 0) >= UNKNOWN_PER_ADDRESS:
        return True
    db.session.add(SignInAttempt(email="", address=where, at=now, succeeded=False))
    db.session.flush()
    return False


def hash_of(secret: str) -> str:
    """What is kept of a random secret: of 256 bits there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
