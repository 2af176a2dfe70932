"""Keys with which machines act for a person."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, public_id, ref, str_enum
from models.enums import ApiScope

NAME_LENGTH = 64
PREFIX_LENGTH = 12


class ApiToken(Model):
    """A token (访问令牌) of a person. Only its hash is kept; ``prefix`` is how people know it."""

    __tablename__ = "api_token"
    audit_subject = "api_token"
    # The trail says that a token was made or revoked; what could open anything stays out of it.
    audit_omit = frozenset({"token_hash", "last_used_at"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    user_id: Mapped[int] = ref("user_account.id", index=True)
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    scope: Mapped[ApiScope] = mapped_column(str_enum(ApiScope))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(PREFIX_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
