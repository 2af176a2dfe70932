"""Why a word is coloured, for its button, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Iterable

from crm.access import Right, allowed
from crm.formats import say
from crm.leads.time_words import Clear, TimeWord
from crm.messages import Message
from crm.reminders.facts import AgendaItem
from views.guard import actor

_RIGHTS = {
    Clear.VISIT: Right.LOG_VISITS,
    Clear.ANSWER: Right.READ_LEADS,
    Clear.PROMISE: Right.READ_LEADS,
    Clear.TASK: Right.READ_LEADS,
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


def _why(reasons: Iterable[Message], clears: Iterable[Clear], lead_id: str) -> dict[str, str]:
    who = actor()
    may = [clear for clear in clears if allowed(who, _RIGHTS.get(clear, Right.WRITE_LEADS))]
    return {
        "text": "\n".join(say(reason) for reason in reasons),
        "clears": " ".join(may),
        "lead": lead_id,
    }
