"""Who took what along: written in a transaction of its own, once the file is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm.exports.writing import Made
from models import db, engine
from models.export import Export


def record(made: Made, *, by: int, what: str, asked: Mapping[str, str], now: datetime) -> Export:
    """Write down who took which list along, by what filter, and how many rows; commits.

    Reading ends here: on SQLite a transaction that has read can not be trusted to write.
    """
    db.session.commit()
    with engine.writing():
        export = Export(
            user_id=by,
            what=what,
            format=made.format.value,
            filter=dict(asked),
            rows=made.rows,
            at=now,
        )
        db.session.add(export)
        db.session.commit()
    return export
