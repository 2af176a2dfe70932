"""What a reminder is about, and what makes it one and the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from crm.reminders.facts import Due


class Key(NamedTuple):
    """What makes a reminder one and the same; ``subject`` is ``lead 5`` or ``entry 812``."""

    rule: str
    subject: str
    person_id: int
    occurrence: str


@dataclass(frozen=True)
class Subject:
    """A lead or an entry of a target list: exactly one of the two keys is set."""

    lead_id: int | None = None
    entry_id: int | None = None
    company: str = ""

    @property
    def name(self) -> str:
        """As a reminder's key names it."""
        return f"lead {self.lead_id}" if self.lead_id is not None else f"entry {self.entry_id}"


@dataclass(frozen=True)
class Found:
    """A reminder that is due: about what, and why for whom."""

    subject: Subject
    due: Due

    @property
    def key(self) -> Key:
        """Under which it is written down once."""
        return Key(self.due.rule, self.subject.name, self.due.person_id, self.due.occurrence)
