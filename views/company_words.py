"""Companies as suggestions and rows show them: name, lists, and who holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import url_for

from crm.companies.badges import badges_of
from crm.companies.suggest import Hit
from crm.formats import say
from crm.leads.claims import Holder, leading_holders
from views.lead_cards import badge_views


def suggestions(hits: Sequence[Hit], me: int | None = None) -> list[dict[str, Any]]:
    """What a find-as-you-type field shows of each company (two queries for all of them).

    ``me`` is who types: of what they hold themselves it says so, and where it stands.
    """
    keys = [hit.id for hit in hits]
    badges, holders = badges_of(keys), leading_holders(keys, me)
    return [
        {
            "id": hit.public_id,
            "name": hit.name,
            "short_name": hit.short_name,
            "badges": badge_views(badges.get(hit.id, ())),
            "holder": _holder(holders.get(hit.id), me),
        }
        for hit in hits
    ]


def _holder(holder: Holder | None, me: int | None) -> dict[str, Any] | None:
    if holder is None:
        return None
    own = holder.owner_key == me
    held = own and holder.local_of is None
    return {
        "team": say(holder.team),
        "owner": holder.owner,
        "stage": holder.stage.value,
        "protected_until": holder.protected_until.isoformat(),
        "text": say(holder.own_sentence if held else holder.standing),
        "url": url_for("leads.show", public_id=holder.lead_public_id) if own else None,
    }


def ids(things: Iterable[Any]) -> list[int]:
    """The keys of records."""
    return [thing.id for thing in things]
