"""A request that is sent again has its effect once, and gets the same answer again.

The sender names a request by a key of its own. The key is taken and the answer kept in the same
transaction as the effect; of two at once the unique constraint lets one through, and the other
waits for it and repeats its answer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.errors import Refusal
from crm.messages import msg
from models import db
from models.idempotency import IdempotentRequest

HEADER = "Idempotency-Key"


def take(
    user_id: int, key: str, sent: tuple[str, str, bytes], now: datetime, *, kept: timedelta
) -> tuple[IdempotentRequest, bool]:
    """Take a key for a request (method, address, body); True when it was answered before.

    Raises Refusal when the key stands for another request. A key is forgotten after ``kept``.
    """
    digest = _digest(sent)
    _forget(user_id, key, now - kept)
    fresh = IdempotentRequest(user_id=user_id, key=key, digest=digest, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
    except IntegrityError:
        first = db.session.scalars(
            sa.select(IdempotentRequest).where(
                IdempotentRequest.user_id == user_id, IdempotentRequest.key == key
            )
        ).one()
        if first.digest != digest:
            raise Refusal(
                {HEADER: [msg("这个编号已经用在另一个请求上，请换一个。")]}, code="key_reused"
            ) from None
        return first, True
    return fresh, False


def keep(request: IdempotentRequest, status: int, headers: dict[str, str], body: str) -> None:
    """Keep what is answered, for whoever sends the request again."""
    request.status, request.headers, request.body = status, headers, body
    db.session.flush()


def sweep(now: datetime, kept: timedelta) -> int:
    """Forget the keys that are older than they are kept; how many there were. Commits."""
    done = db.session.execute(
        sa.delete(IdempotentRequest)
        .where(IdempotentRequest.created_at <= now - kept)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return int(done.rowcount)  # type: ignore[attr-defined]


def _forget(user_id: int, key: str, before: datetime) -> None:
    db.session.execute(
        sa.delete(IdempotentRequest)
        .where(
            IdempotentRequest.user_id == user_id,
            IdempotentRequest.key == key,
            IdempotentRequest.created_at <= before,
        )
        .execution_options(synchronize_session=False)
    )


def _digest(sent: tuple[str, str, bytes]) -> str:
    method, address, body = sent
    return hashlib.sha256(b"\n".join((method.encode(), address.encode(), body))).hexdigest()
