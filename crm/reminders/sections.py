"""How a mail is parted: what is one's own, what a team lead or manager looks at, for whom one
stands in. Pure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm.messages import Message, Name, Value, msg, nmsg
from crm.reminders.facts import ABOUT_OFFERS, AgendaItem
from crm.reminders.reasons import Rank
from crm.reminders.rulebook import OWN
from crm.reminders.weekly import is_weekly
from models.enums import Role, RuleKind


class Voice(enum.Enum):
    """Why a section's leads are said to whom reads it."""

    OWN = "own"
    TEAM = "team"
    """A team lead hears of their scouts' leads."""
    WEEK = "week"
    """A manager hears of the city's leads."""
    DEPUTY = "deputy"
    """They are a colleague's, who is on leave."""


@dataclass(frozen=True)
class Section:
    """Leads that stand under one heading, in Today's order; ``who`` is away, of a deputy's.

    ``whole``: all of them, where there is room for the first of them alone.
    """

    voice: Voice
    items: Sequence[AgendaItem]
    heading: Message | None = None
    who: str = ""
    whole: Sequence[AgendaItem] | None = None

    @property
    def every(self) -> Sequence[AgendaItem]:
        """The leads it is about, also those that found no room."""
        return self.items if self.whole is None else self.whole

    @property
    def n(self) -> int:
        """How many leads it is about."""
        return len(self.every)


def parted(
    items: Iterable[AgendaItem], role: Role, teams: Mapping[str, Name] | None = None
) -> list[Section]:
    """A person's own leads first; a team lead's others by scout, a manager's by team.

    A group stands where its most urgent lead would. ``teams``: their names by code.
    """
    own: list[AgendaItem] = []
    groups: dict[object, list[AgendaItem]] = {}
    for item in items:
        if _looked_on(item, role):
            lead = item.lead
            groups.setdefault(lead.team if role is Role.MANAGER else lead.owner_id, []).append(item)
        else:
            own.append(item)
    voice = Voice.WEEK if role is Role.MANAGER else Voice.TEAM
    found = [Section(Voice.OWN, own)] if own else []
    for group in groups.values():
        lead = group[0].lead
        name: Value = (teams or {}).get(lead.team, lead.team) if voice is Voice.WEEK else lead.owner
        found.append(Section(voice, group, nmsg("%(name)s：%(n)s 家", len(group), name=name)))
    return found


def stood_in(items: Sequence[AgendaItem], heading: Message, who: str) -> Section:
    """What waits for a colleague on leave."""
    return Section(Voice.DEPUTY, items, heading, who)


def headed(sections: Sequence[Section]) -> list[Section]:
    """With a heading over one's own as well, where others follow."""
    if len(sections) < 2:
        return list(sections)
    return [
        replace(one, heading=nmsg("您自己的：%(n)s 家", one.n)) if one.voice is Voice.OWN else one
        for one in sections
    ]


def cut(sections: Sequence[Section], most: int) -> list[Section]:
    """The first so many leads; how many there are stays."""
    left, found = most, []
    for one in sections:
        found.append(replace(one, items=one.items[: max(left, 0)], whole=one.every))
        left -= one.n
    return found


def _looked_on(item: AgendaItem, role: Role) -> bool:
    match role:
        case Role.TEAM_LEAD:
            return all(due.to not in OWN for due in item.dues)
        case Role.MANAGER:
            return all(is_weekly(due.to, due.kind, role) for due in item.dues)
        case _:
            return False


def approvals(sections: Sequence[Section]) -> int:
    """On how many of one's own leads a decision is what is asked: nobody has to be called."""
    return sum(item.first.kind is RuleKind.OFFER for item in _own(sections))


def sent_back(sections: Sequence[Section]) -> int:
    """On how many of one's own leads an offer came back and is to be proposed anew."""
    return sum(item.first.kind is RuleKind.OFFER_REFUSED for item in _own(sections))


def let_through(sections: Sequence[Section]) -> int:
    """On how many of one's own leads an offer was approved and what it opens can be done."""
    return sum(item.first.kind is RuleKind.OFFER_APPROVED for item in _own(sections))


def to_contact(sections: Sequence[Section]) -> int:
    """How many of one's own leads have something due today."""
    called = [item for item in _own(sections) if item.first.kind not in ABOUT_OFFERS]
    return len(called) - lying_ahead(sections)


def lying_ahead(sections: Sequence[Section]) -> int:
    """Of how many of one's own leads a date is said in good time: today nothing has to be done."""
    return sum(item.first.sort_key[0] == Rank.AHEAD for item in _own(sections))


def _own(sections: Sequence[Section]) -> list[AgendaItem]:
    return [item for one in sections if one.voice is Voice.OWN for item in one.every]


def greetings(sections: Sequence[Section]) -> list[Message]:
    """What else than one's own to contact there is, in a sentence each."""
    said = []
    if n := lying_ahead(sections):
        said.append(nmsg("有 %(n)s 家的日子快到了，今天不用办。", n))
    if n := approvals(sections):
        said.append(nmsg("有 %(n)s 家的政策测算等您批准。", n))
    if n := sent_back(sections):
        said.append(nmsg("有 %(n)s 家的政策测算被退回，请看原因，改好后重新提出。", n))
    if n := let_through(sections):
        said.append(nmsg("有 %(n)s 家的政策测算获批准，可以接着办了。", n))
    if n := _count(sections, Voice.TEAM):
        said.append(nmsg("队员的 %(n)s 家也到了要看的时候，按人排好了。", n))
    if n := _count(sections, Voice.WEEK):
        said.append(nmsg("本周有 %(n)s 家要您过问，按小分队排好了。", n))
    said += [
        nmsg("%(who)s休假，请您代为跟进 %(n)s 家。", one.n, who=one.who)
        for one in sections
        if one.voice is Voice.DEPUTY and one.n
    ]
    return said


def subject_parts(sections: Sequence[Section]) -> list[Message]:
    """The same for a subject, one's own first."""
    parts = []
    if n := to_contact(sections):
        parts.append(nmsg("今天 %(n)s 家要联系", n))
    if n := approvals(sections):
        parts.append(nmsg("%(n)s 家等您批准", n))
    if n := sent_back(sections):
        parts.append(nmsg("%(n)s 家的测算被退回", n))
    if n := let_through(sections):
        parts.append(nmsg("%(n)s 家的测算获批准", n))
    if n := _count(sections, Voice.TEAM):
        parts.append(nmsg("队员 %(n)s 家要看", n))
    if n := _count(sections, Voice.WEEK):
        parts.append(nmsg("本周 %(n)s 家要过问", n))
    away = [one for one in sections if one.voice is Voice.DEPUTY and one.n]
    if n := _count(sections, Voice.DEPUTY):
        who = away[0].who if len(away) == 1 else msg("同事")
        parts.append(nmsg("代%(who)s %(n)s 家", n, who=who))
    return parts


def _count(sections: Sequence[Section], voice: Voice) -> int:
    return sum(one.n for one in sections if one.voice is voice)
