"""Companies as suggestions and rows show them: name, lists, and who holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm.companies.badges import badges_of
from crm.companies.suggest import Hit
from crm.formats import say
from crm.leads.claims import Holder, leading_holders
from views.lead_cards import badge_views


def suggestions(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """What a find-as-you-type field shows of each company (two queries for all of them)."""
    keys = [hit.id for hit in hits]
    badges, holders = badges_of(keys), leading_holders(keys)
    return [
        {
            "id": hit.public_id,
            "name": hit.name,
            "short_name": hit.short_name,
            "badges": badge_views(badges.get(hit.id, ())),
            "holder": _holder(holders.get(hit.id)),
        }
        for hit in hits
    ]


def _holder(holder: Holder | None) -> dict[str, Any] | None:
    if holder is None:
        return None
    return {
        "team": say(holder.team),
        "owner": holder.owner,
        "stage": holder.stage.value,
        "protected_until": holder.protected_until.isoformat(),
        "text": say(holder.standing),
    }


def ids(things: Iterable[Any]) -> list[int]:
    """The keys of records."""
    return [thing.id for thing in things]
