"""Cards and rows of leads as the templates want them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from crm.access import Actor, Right, allowed
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


@dataclass(frozen=True, slots=True)
class TimeView:
    """A word of time as ``_macros/time_word.html`` wants it."""

    text: str = ""
    kind: str = "plain"
    why: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CardView:
    """A lead on the board; what is on hold is woken on its page before it moves on."""

    id: str
    url: str
    stage: str
    lane: str
    version: int
    company: str
    project: str
    where: str
    held: bool
    movable: bool
    actions: str
    """What can be done on the card itself; board.js has the dialog of each."""
    badges: Sequence[dict[str, Any]]
    days: TimeView
    step: str
    due: TimeView


_ID = "LEAD"  # stands for a lead in an address until its own is put there


def card_views(found: Sequence[LeadCard], lane: Lane) -> list[CardView]:
    """The cards of a column; what they share is asked once."""
    who, group = actor(), lane.group
    address = url_for("leads.show", public_id=_ID)
    actions = {held: _actions(who, held=held) for held in (False, True)}
    views = []
    for card in found:
        lead = card.lead
        held = lead.status is Status.ON_HOLD
        where = [say(card.place), lead.owner.name]
        if group is not Group.STAGE:
            where.insert(0, say(stage_name(lead.stage)))
        views.append(
            CardView(
                id=lead.public_id,
                url=address.replace(_ID, lead.public_id),
                stage=lead.stage.value,
                lane=lane.key,
                version=lead.version,
                company=lead.company.short_name,
                project=lead.project,
                where=" · ".join(where),
                held=held,
                movable=_movable(who, lead, group),
                actions=actions[held],
                badges=[
                    {"text": say(badge.on_card), "rewarded": badge.rewarded}
                    for badge in card.badges
                ],
                days=TimeView(
                    say(card.days_text), card.days_tone, why_of(card.stalled, lead.public_id)
                ),
                step=card.step,
                due=_due(card),
            )
        )
    return views


def _due(card: LeadCard) -> TimeView:
    word = card.step_word
    if word is None:
        return TimeView()
    return TimeView(say(word.message), word.tone, why_of(word, card.lead.public_id))


def _movable(who: Actor, lead: Lead, group: Group) -> bool:
    """Whether a drag may say where the lead goes."""
    if group is Group.TEAM:
        return may_hand_over(lead, who)
    may = allowed(who, Right.WRITE_LEADS)
    return may and (group is not Group.STAGE or lead.status is not Status.ON_HOLD)


def _actions(who: Actor, *, held: bool) -> str:
    found = ["visit"] if allowed(who, Right.LOG_VISITS) else []
    if allowed(who, Right.WRITE_LEADS):
        found += ["step", "wake" if held else "hold"]
    return " ".join(found)


def title_of(lead: Any) -> str:
    """What a lead is called: its company, and its project where it has a name."""
    name: str = lead.company.short_name
    return f"{name} {lead.project}" if lead.project else name


def badge_views(badges: Iterable[Badge]) -> list[dict[str, Any]]:
    """The lists of a company, in the reader's language."""
    return [{"text": say(badge.text), "rewarded": badge.rewarded} for badge in badges]
