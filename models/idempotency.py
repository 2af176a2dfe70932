"""What was answered to a request that may be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref

KEY_LENGTH = 200


class IdempotentRequest(Model):
    """A request by its sender's own key: the digest of what was sent, and what came back.

    Written in the transaction of the effect, so that there is one exactly when there is the other.
    """

    __tablename__ = "idempotent_request"
    __table_args__ = (sa.UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = ref("user_account.id")
    key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    digest: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    body: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
