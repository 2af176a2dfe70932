"""What columns hold, for those too who read tables without the models."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import sqlalchemy as sa

# What no column of text keeps on both engines: NUL, and halves of characters.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment in, an aware UTC moment out, on both engines."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a naive moment: nobody could say which one it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """SQLite forgets the offset; what was written was UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)
