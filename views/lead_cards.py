"""Cards and rows of leads as the templates want them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from crm.access import Right, allowed
from crm.companies.badges import Badge
from crm.formats import say
from crm.leads.cards import LeadCard
from models.enums import Status
from views.guard import actor


def card_view(card: LeadCard) -> dict[str, Any]:
    """A lead on the board; what is on hold is woken on its page before it moves."""
    lead, word = card.lead, card.step_word
    held = lead.status is Status.ON_HOLD
    return {
        "id": lead.public_id,
        "stage": lead.stage.value,
        "version": lead.version,
        "url": url_for("leads.show", public_id=lead.public_id),
        "move_url": url_for("stage_changes.new", public_id=lead.public_id),
        "changes_url": url_for("stage_changes.create", public_id=lead.public_id),
        "card_url": url_for("leads.card", public_id=lead.public_id),
        "company": lead.company.short_name,
        "project": lead.project,
        "held": held,
        "movable": not held and allowed(actor(), Right.WRITE_LEADS),
        "days_text": say(card.days_text),
        "days_kind": card.days_tone,
        "badges": badge_views(card.badges),
        "place": say(card.place),
        "owner": lead.owner.name,
        "step": card.step,
        "step_date": say(word.message) if word else "",
        "step_kind": word.tone if word else "plain",
    }


def title_of(lead: Any) -> str:
    """What a lead is called: its company, and its project where it has a name."""
    name: str = lead.company.short_name
    return f"{name} {lead.project}" if lead.project else name


def badge_views(badges: Iterable[Badge]) -> list[dict[str, Any]]:
    """The lists of a company, in the reader's language."""
    return [{"text": say(badge.text), "rewarded": badge.rewarded} for badge in badges]
