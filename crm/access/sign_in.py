"""How many wrong tries at signing in are let through, counted in the database for all hosts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import db
from models.advisory import Lock, hold
from models.sign_in import SignInAttempt

WINDOW = timedelta(minutes=15)
PER_EMAIL = 5
PER_ADDRESS = 30


@dataclass(frozen=True)
class Allowance:
    """How many wrong tries are left in the window."""

    left: int

    @property
    def blocked(self) -> bool:
        """No try is left: wait."""
        return self.left <= 0


def allowance(email: str, address: str, now: datetime) -> Allowance:
    """What is left for this account and this network address.

    Until the transaction ends nobody else tries either of them: many tries at once are counted one
    after the other.
    """
    hold(db.session.connection(), Lock.SIGN_IN_EMAIL, [email])
    hold(db.session.connection(), Lock.SIGN_IN_ADDRESS, [address])
    failed = sa.and_(SignInAttempt.succeeded.is_(False), SignInAttempt.at > now - WINDOW)
    # Who knows the password has wiped out their own slips, but not those of their network.
    success = aliased(SignInAttempt)
    last_success = (
        sa.select(sa.func.max(success.id))
        .where(success.email == email, success.succeeded, success.at > now - WINDOW)
        .scalar_subquery()
    )
    row = db.session.execute(
        sa.select(
            sa.select(sa.func.count())
            .select_from(SignInAttempt)
            .where(
                SignInAttempt.email == email,
                failed,
                SignInAttempt.id > sa.func.coalesce(last_success, 0),
            )
            .scalar_subquery(),
            sa.select(sa.func.count())
            .select_from(SignInAttempt)
            .where(SignInAttempt.address == address, failed)
            .scalar_subquery(),
        )
    ).one()
    return Allowance(left=min(PER_EMAIL - row[0], PER_ADDRESS - row[1]))


def note_attempt(email: str, address: str, now: datetime, *, succeeded: bool) -> None:
    """Write the try down; the edge commits."""
    db.session.add(
        SignInAttempt(email=email[:254], address=address[:64], at=now, succeeded=succeeded)
    )
    db.session.flush()
