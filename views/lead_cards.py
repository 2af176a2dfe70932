"""Cards and rows of leads as the templates want them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from crm.access import Right, allowed
from crm.companies.badges import Badge
from crm.formats import say
from crm.leads.cards import LeadCard
from crm.leads.edits import may_hand_over
from crm.leads.lanes import Group, Lane
from crm.leads.stages import stage_name
from models.enums import Status
from models.lead import Lead
from views.guard import actor
from views.why import why_of


def card_view(card: LeadCard, lane: Lane) -> dict[str, Any]:
    """A lead on the board; what is on hold is woken on its page before it moves on."""
    lead, word = card.lead, card.step_word
    held = lead.status is Status.ON_HOLD
    return {
        "id": lead.public_id,
        "stage": lead.stage.value,
        "lane": lane.key,
        "version": lead.version,
        "url": url_for("leads.show", public_id=lead.public_id),
        "company": lead.company.short_name,
        "project": lead.project,
        "held": held,
        "movable": _movable(lead, lane.group),
        "actions": _actions(lead),
        "stage_word": say(stage_name(lead.stage)) if lane.group is not Group.STAGE else "",
        "days_text": say(card.days_text),
        "days_kind": card.days_tone,
        "days_why": why_of(card.stalled, lead.public_id),
        "badges": [
            {"text": say(badge.on_card), "rewarded": badge.rewarded} for badge in card.badges
        ],
        "place": say(card.place),
        "owner": lead.owner.name,
        "step": card.step,
        "step_date": say(word.message) if word else "",
        "step_kind": word.tone if word else "plain",
        "step_why": why_of(word, lead.public_id),
    }


def _movable(lead: Lead, group: Group) -> bool:
    """Whether a drag may say where the lead goes."""
    if group is Group.TEAM:
        return may_hand_over(lead, actor())
    may = allowed(actor(), Right.WRITE_LEADS)
    return may and (group is not Group.STAGE or lead.status is not Status.ON_HOLD)


def _actions(lead: Lead) -> list[str]:
    """What can be done on the card itself; board.js has the dialog of each."""
    found = ["visit"] if allowed(actor(), Right.LOG_VISITS) else []
    if allowed(actor(), Right.WRITE_LEADS):
        found += ["step", "wake" if lead.status is Status.ON_HOLD else "hold"]
    return found


def title_of(lead: Any) -> str:
    """What a lead is called: its company, and its project where it has a name."""
    name: str = lead.company.short_name
    return f"{name} {lead.project}" if lead.project else name


def badge_views(badges: Iterable[Badge]) -> list[dict[str, Any]]:
    """The lists of a company, in the reader's language."""
    return [{"text": say(badge.text), "rewarded": badge.rewarded} for badge in badges]
