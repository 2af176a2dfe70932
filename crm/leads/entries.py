"""What a lead's timeline is made of: one thing that happened, and of which kind."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from crm.leads.comments import Said
from crm.leads.papers import Paper
from crm.messages import Message


class EntryKind(enum.StrEnum):
    """What an entry tells of; a reader may ask for one kind."""

    VISITS = "visits"
    STAGES = "stages"
    DIRECTIVES = "directives"
    PROMISES = "promises"
    COMMENTS = "comments"
    STEPS = "steps"
    NOTES = "notes"
    EDITS = "edits"
    FILES = "files"
    OFFERS = "offers"


@dataclass(frozen=True)
class Back:
    """What the reader may still take back of an entry: a move or an edit by its number on the lead,
    a withdrawn directive by its public id.
    """

    of: EntryKind
    key: int | str


@dataclass(frozen=True)
class Entry:
    """One thing that happened; ``visit`` and ``offer`` are public ids of what it opens."""

    at: datetime
    kind: EntryKind
    title: Message
    who: str
    lines: tuple[Message | str, ...]
    visit: str | None = None
    offer: str | None = None
    papers: tuple[Paper, ...] = ()
    said: Said | None = None
    back: Back | None = None
