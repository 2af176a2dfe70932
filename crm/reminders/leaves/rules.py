"""Who stands in for whom, and what a leave may be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm.messages import Message, msg
from crm.reminders.rulebook import People
from crm.spans import wrong_year

LONGEST = timedelta(days=365)


@dataclass(frozen=True)
class Absence:
    """Somebody's leave on a day: its last day, and the deputy (None: the account is closed)."""

    person: str
    until: date
    deputy_id: int | None


@dataclass(frozen=True)
class Away:
    """Everybody who is away on one day."""

    absences: Mapping[int, Absence] = field(default_factory=dict)

    def __contains__(self, person_id: int) -> bool:
        return person_id in self.absences

    def stand_in(self, person_id: int) -> int | None:
        """Who stands in: the deputy, or who stands in for a deputy that is away as well.

        Nobody where deputies name each other in a circle, or where an account is closed.
        """
        seen, at = {person_id}, person_id
        while (absence := self.absences.get(at)) is not None:
            if absence.deputy_id is None or absence.deputy_id in seen:
                return None
            at = absence.deputy_id
            seen.add(at)
        return at

    def present(self, people: Iterable[int]) -> tuple[int, ...]:
        """Those of them who are not away."""
        return tuple(person for person in people if person not in self)

    def instead(self, person_id: int, team_id: int | None, people: People) -> tuple[int, ...]:
        """Who hears of what no deputy may see: whoever leads the team, else the managers."""
        leading = self.present(one for one in people.leading(team_id) if one != person_id)
        return leading or self.present(one for one in people.managers if one != person_id)


@dataclass(frozen=True)
class Span:
    """A leave, and who it is that is away."""

    person_id: int
    first: date
    absence: Absence


@dataclass(frozen=True)
class Leaves:
    """The leaves of some days, in the order in which they were taken down."""

    spans: tuple[Span, ...] = ()
    _days: dict[date, Away] = field(default_factory=dict, compare=False, repr=False)

    def on(self, day: date) -> Away:
        """Everybody who is away on that day."""
        if day not in self._days:
            held = (one for one in self.spans if one.first <= day <= one.absence.until)
            self._days[day] = Away({one.person_id: one.absence for one in held})
        return self._days[day]

    def __bool__(self) -> bool:
        return bool(self.spans)


def wrong_leave(
    from_on: date | None,
    to_on: date | None,
    others: Collection[tuple[date, date]],
    today: date,
) -> dict[str, Message]:
    """What is wrong with the days of a leave, by field; ``others`` are the same person's."""
    found = {
        "from_on": _wrong_end(from_on, today) if from_on else msg("请选休假的第一天。"),
        "to_on": _wrong_end(to_on, today) if to_on else msg("请选休假的最后一天。"),
    }
    wrong = {name: text for name, text in found.items() if text}
    if wrong or from_on is None or to_on is None:
        return wrong
    if to_on < from_on:
        return {"to_on": msg("最后一天在第一天之前，请改一个。")}
    if to_on - from_on > LONGEST:
        return {"to_on": msg("一次最多登记一年。")}
    for first, last in sorted(others):
        if first <= to_on and from_on <= last:
            return {
                "from_on": msg(
                    "和您 %(first)s 到 %(last)s 的休假重叠，请改日期，或先取消那一段。",
                    first=first,
                    last=last,
                )
            }
    return {}


def _wrong_end(day: date, today: date) -> Message | None:
    return msg("请选今天或以后。") if day < today else wrong_year(day)


def wrong_deputy(
    name: str, from_on: date, to_on: date, theirs: Collection[tuple[date, date]]
) -> Message | None:
    """What is wrong with a deputy who has leaves themselves; None when they are there."""
    for first, last in sorted(theirs):
        if first <= to_on and from_on <= last:
            return msg(
                "%(name)s %(first)s 到 %(last)s 也休假，请选别人。",
                name=name,
                first=first,
                last=last,
            )
    return None
