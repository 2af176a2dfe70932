"""Companies as suggestions and rows show them: name, lists, and who holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from crm.companies.badges import badges_of
from crm.companies.suggest import Hit
from crm.formats import say
from crm.leads.claims import Holder, holders_of
from crm.leads.stages import position, stage_name
from crm.messages import Message, msg
from views.lead_cards import badge_views


def holders_by_company(company_ids: Collection[int]) -> dict[int, Holder]:
    """Who holds each company; of several leads the one that is furthest (one query)."""
    if not company_ids:
        return {}
    found = sorted(holders_of(list(company_ids)), key=lambda holder: position(holder.stage))
    return {holder.company_id: holder for holder in found}


def holder_sentence(holder: Holder) -> Message:
    """Team, owner, stage and protection: what everybody may know."""
    return msg(
        "%(team)s %(owner)s，%(stage)s，保护期到 %(until)s",
        team=holder.team,
        owner=holder.owner,
        stage=stage_name(holder.stage),
        until=holder.protected_until,
    )


def suggestions(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """What a find-as-you-type field shows of each company (two queries for all of them)."""
    keys = [hit.id for hit in hits]
    badges, holders = badges_of(keys), holders_by_company(keys)
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
        "text": say(holder_sentence(holder)),
    }


def ids(things: Iterable[Any]) -> list[int]:
    """The keys of records."""
    return [thing.id for thing in things]
