"""District and park, which are two fields here and one choice for a person."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.errors import Refusal
from crm.messages import msg
from models import db
from models.place import District, Park


def chosen(sent: dict[str, Any], district_id: int | None = None) -> str | None:
    """What was sent of both as the one choice that the services understand; None: neither.

    ``district_id`` is where the record is now: with a park taken away it stays in its district.
    Raises Refusal for a park that is none or elsewhere.
    """
    district, park = sent.get("district", ...), sent.get("park", ...)
    if (district, park) == (..., ...):
        return None
    if park not in {None, ...}:
        of_park = _district_of(park)
        if of_park is None:
            raise Refusal({"park": [msg("没有代码为“%(code)s”的这一项，请核对。", code=park)]})
        if district not in {of_park, ...}:
            raise Refusal({"park": [msg("这个园区不在这个区县，请核对。")]})
        return f"park:{park}"
    if district is ... and district_id is not None:
        district = db.session.get_one(District, district_id).code
    return f"district:{district}" if district not in {None, ...} else ""


def _district_of(park: str) -> str | None:
    query = sa.select(District.code).join(Park, Park.district_id == District.id)
    code: str | None = db.session.scalar(query.where(Park.code == park))
    return code
