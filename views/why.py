"""Why a word is coloured, for its button, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from crm.access import Right, allowed
from crm.formats import say
from crm.leads.time_words import Clear, TimeWord
from crm.messages import Message
from crm.reminders.facts import AgendaItem, Decided
from crm.reminders.rulebook import OWN
from models.enums import SIGNED, Stage
from views.guard import actor

_RIGHTS = {
    Clear.VISIT: Right.LOG_VISITS,
    Clear.ANSWER: Right.READ_LEADS,
    Clear.PROMISE: Right.READ_LEADS,
    Clear.TASK: Right.READ_LEADS,
    Clear.OFFER: Right.PROPOSE_OFFERS,
}
# What must not wait has its place on the lead's page, where it is answered, done or put off.
_PLACES = {
    Clear.ANSWER: ("directives", _l("去回复"), _l("看批示")),
    Clear.PROMISE: ("promises", _l("看承诺"), _l("看承诺")),
    Clear.TASK: ("tasks", _l("看待办"), _l("看待办")),
}


def why_of(word: TimeWord | None, lead_id: str) -> dict[str, str] | None:
    """Of a lead's clock; None where the word says it all. ``lead_id`` is the public one."""
    if word is None or word.why is None:
        return None
    return _why([word.why], word.clears, lead_id)


def why_due(item: AgendaItem, lead_id: str) -> dict[str, str]:
    """Of everything that is due on a lead, the most urgent first."""
    dues = (item.first, *item.also)
    clears = dict.fromkeys(clear for due in dues for clear in due.clears)
    return _why([due.reason for due in dues], clears, lead_id)


def place_of(item: AgendaItem, lead_id: str) -> dict[str, Any] | None:
    """Where what stands first is settled, and its words for whom it is up to; None elsewhere.

    ``here``: it is settled there by the reader, who need not call anybody first.
    """
    if item.decided and (found := _after(item.decided, item.lead.stage, lead_id)):
        return found
    asked = next((_PLACES[clear] for clear in item.first.clears if clear in _PLACES), None)
    if asked is None or not allowed(actor(), Right.READ_LEADS):
        return None
    anchor, own, others = asked
    url = url_for("leads.show", public_id=lead_id, _anchor=anchor)
    mine = item.first.to in OWN and item.first.person_id == actor().id
    here = mine and Clear.ANSWER in item.first.clears
    return {"url": url, "words": own if mine else others, "here": here}


def _after(offer: Decided, stage: Stage, lead_id: str) -> dict[str, Any] | None:
    """Where one goes on once an offer was decided; None where nothing is left to do there."""
    if offer.approved:
        if stage in SIGNED or not allowed(actor(), Right.WRITE_LEADS):
            return None
        url = url_for("stage_changes.new", public_id=lead_id, to_stage=SIGNED[0].value)
        return {"url": url, "words": _l("去签约"), "here": True}
    if not allowed(actor(), Right.PROPOSE_OFFERS):
        return None
    # The form says why it came back.
    return {"url": url_for("offers.new", public_id=lead_id), "words": _l("重新提出"), "here": True}


def _why(reasons: Iterable[Message], clears: Iterable[Clear], lead_id: str) -> dict[str, str]:
    who = actor()
    may = [clear for clear in clears if allowed(who, _RIGHTS.get(clear, Right.WRITE_LEADS))]
    return {
        "text": "\n".join(say(reason) for reason in reasons),
        "clears": " ".join(may),
        "lead": lead_id,
    }
