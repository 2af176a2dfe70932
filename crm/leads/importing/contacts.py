"""Those a ledger names beside those who are at the company already: met again, or new. Pure.

Who bears the same name and number is the same person; a name alone is met again by its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from crm.companies.contacts import ContactInput
from crm.companies.many_contacts import KnownContact
from crm.leads.importing.person_words import same_number
from crm.messages import Message, msg

_BESIDE_THE_NAME = ("title", "phone", "email", "wechat")
_TWO_PEOPLE = 3


@dataclass
class ContactChange:
    """A person whom a row brings: somebody new, or what changes (``values``) of a known one."""

    typed: ContactInput
    known: KnownContact | None = None
    values: dict[str, str] = field(default_factory=dict)


Somebody = TypeVar("Somebody", KnownContact, ContactChange)


class Acquaintances:
    """The people of every company while a file is read row by row: who came before is known."""

    def __init__(self, known: Mapping[int, Sequence[KnownContact]]) -> None:
        self.known = known
        self.new: dict[int | str, list[ContactChange]] = defaultdict(list)
        # What some row has said of a known person; a later one does not say otherwise.
        self.said: dict[int, set[str]] = defaultdict(set)

    def meet(
        self, company: int | str, people: Iterable[ContactInput], *, replaces: bool
    ) -> tuple[tuple[ContactChange, ...], list[Message]]:
        """What becomes of a row's people, and what is left as it is.

        ``company`` is its key, or its normal form while it has none; ``replaces``: what the row
        says stands in place of what is known, else it only fills gaps.
        """
        changes: list[ContactChange] = []
        notices: list[Message] = []
        here = self.known.get(company, ()) if isinstance(company, int) else ()
        for person in people:
            if found := _same(person, here):
                changes += self._again(found, person, notices, replaces=replaces)
            elif brought := _same(person, self.new[company]):
                brought.typed = _filled(brought.typed, person, notices)
            else:
                changes.append(ContactChange(person))
                self.new[company].append(changes[-1])
        return tuple(changes), notices

    def _again(
        self, known: KnownContact, person: ContactInput, notices: list[Message], *, replaces: bool
    ) -> list[ContactChange]:
        """What a row says more of a known person; of one in the trash, nothing."""
        if known.away:
            notices.append(msg("联系人“%(name)s”在回收站里，没有再登记", name=person.name))
            return []
        told = {name: text for name in _BESIDE_THE_NAME if (text := getattr(person, name))}
        fresh = {name: text for name, text in told.items() if name not in self.said[known.role_id]}
        self.said[known.role_id] |= told.keys()
        values = {
            name: text
            for name, text in fresh.items()
            if not _equal(name, text, was := getattr(known.typed, name)) and (replaces or not was)
        }
        was = known.typed.phone
        if not replaces and was and person.phone and not same_number(was, person.phone):
            notices.append(_another_number(person))
        return [ContactChange(person, known, values)] if values else []


def _same(person: ContactInput, among: Iterable[Somebody]) -> Somebody | None:
    """Who of these the person is, by name and number; two of one name differ by both."""
    bearing = [one for one in among if one.typed.name == person.name]
    best = min(bearing, key=lambda one: _distance(person, one.typed), default=None)
    return best if best and _distance(person, best.typed) < _TWO_PEOPLE else None


def _distance(person: ContactInput, other: ContactInput) -> int:
    """How far two of one name are from being one person."""
    other_title = bool(person.title and other.title and person.title != other.title)
    if not person.phone:
        return int(other_title)
    if other.phone and same_number(other.phone, person.phone):
        return 0
    if not other.phone:
        return 1
    return _TWO_PEOPLE if other_title else 2


def _filled(typed: ContactInput, person: ContactInput, notices: list[Message]) -> ContactInput:
    """What an earlier row brought, with what this one says besides."""
    if typed.phone and person.phone and not same_number(typed.phone, person.phone):
        notices.append(_another_number(person))
    more = {n: getattr(person, n) for n in _BESIDE_THE_NAME if not getattr(typed, n)}
    return replace(typed, **more)


def _equal(name: str, text: str, was: str) -> bool:
    return same_number(text, was) if name == "phone" and was else text == was


def _another_number(person: ContactInput) -> Message:
    return msg("联系人“%(name)s”已记了另一个电话，没有改", name=person.name)
