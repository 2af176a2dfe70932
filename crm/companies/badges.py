"""The lists a company stands on, as the short words beside its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from crm.messages import Name
from models import db
from models.target import ListEdition, ListEntry, TargetList


@dataclass(frozen=True)
class Badge:
    """A list by its short name; ``rewarded`` when the policy rewards its companies.

    ``on_card`` is its name where there is little room.
    """

    text: Name
    on_card: Name
    rewarded: bool


def badges_of(company_ids: Collection[int]) -> dict[int, list[Badge]]:
    """The lists each company stands on, whatever the year, rewarded ones first (one query)."""
    found: dict[int, list[Badge]] = defaultdict(list)
    if not company_ids:
        return found
    rows = db.session.execute(
        sa.select(
            ListEntry.company_id,
            TargetList.short_zh,
            TargetList.short_en,
            TargetList.card_zh,
            TargetList.rewarded,
        )
        .distinct()
        .add_columns(TargetList.sort)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(ListEntry.company_id.in_(company_ids))
        .order_by(TargetList.rewarded.desc(), TargetList.sort)
    )
    for company_id, zh, en, card_zh, rewarded, _sort in rows:
        if company_id is not None:
            badge = Badge(Name(zh, en), Name(card_zh or zh, en), rewarded)
            found[company_id].append(badge)
    return found
