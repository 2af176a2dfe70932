"""Who a row of a ledger says is at the company, and how they are reached. Pure.

``张三 13800001111``, ``总经理李四（微信同号）139-0000-2222`` and ``王五、赵六`` beside a column of
two numbers are all read; what can not be right is said, and nothing that was left out goes unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm.companies.contacts import ContactInput
from crm.companies.contacts import problems as contact_problems
from crm.imports.outcomes import Problem
from crm.leads.importing.person_words import (
    Kind,
    Piece,
    is_mobile,
    is_name,
    is_nothing_but_a_name,
    number_problem,
    pieces,
    tidy_number,
    too_long_for_a_name,
)
from crm.leads.importing.values import says_nothing
from crm.messages import Message, msg

NAMES, NUMBERS, TITLES = "contact", "contact_phone", "contact_title"
WECHATS, ADDRESSES = "contact_wechat", "contact_email"
# The columns that say who is at a company.
PEOPLE = (NAMES, NUMBERS, TITLES, WECHATS, ADDRESSES)
_COLUMN_OF = {
    "name": NAMES,
    "title": TITLES,
    "phone": NUMBERS,
    "wechat": WECHATS,
    "email": ADDRESSES,
}
_NAME_AND_NUMBER = {NAMES, NUMBERS}
_BETWEEN = re.compile(r"[、；;,，\n\r/|]+")
_AS_ABOVE = frozenset({"同上", "同前"})


@dataclass
class _Person:
    """Somebody while the row is read."""

    name: str = ""
    titles: list[str] = field(default_factory=list)
    phone: str = ""
    email: str = ""
    wechat: str = ""
    reached_alike: bool = False

    @property
    def reached(self) -> bool:
        """Whether a number or an address was read."""
        return bool(self.phone or self.email or self.wechat)

    def typed(self) -> ContactInput:
        """As somebody would type them."""
        wechat = self.wechat or (self.phone if self.reached_alike else "")
        title = " ".join(dict.fromkeys(self.titles))
        return ContactInput(self.name, title, self.phone, self.email, wechat)


@dataclass(frozen=True)
class People:
    """Those a row names, what is not taken up, and what is wrong."""

    people: tuple[ContactInput, ...] = ()
    notices: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_people(texts: Mapping[str, str]) -> People:
    """The people in a row's texts (by meaning)."""
    said = {key: text for key in PEOPLE if (text := texts.get(key, "")) and not says_nothing(text)}
    if not said:
        return People()
    return _plainly_said(said) or _Reader(said).people()


def _plainly_said(texts: Mapping[str, str]) -> People | None:
    """What most rows say, a name and a mobile number each in its cell: nothing is to be read out.

    What ``_Reader`` would make of it, in a tenth of the time; None of anything else.
    """
    if texts.keys() != _NAME_AND_NUMBER:
        return None
    name, number = texts[NAMES], texts[NUMBERS]
    if not (is_nothing_but_a_name(name) and is_mobile(number)):
        return None
    return People((ContactInput(name, "", number, "", ""),))


class _Reader:
    """Reads the cells of one row; what is left over is kept to be said."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.found: list[_Person] = []
        self.notices: list[Message] = []
        self.problems: list[Problem] = []

    def people(self) -> People:
        """All cells, the names first: the others belong to them."""
        self._hand_out("phone", self._names() + self._numbers())
        self._titles()
        self._hand_out("email", list(self._addresses()))
        self._hand_out("wechat", list(self._wechats()))
        typed = tuple(person.typed() for person in _each_once(self.found))
        for person in typed:
            self._check(person)
        return People(typed, tuple(self.notices), tuple(self.problems))

    def _names(self) -> list[str]:
        text = self.texts.get(NAMES, "")
        if text.strip() in _AS_ABOVE:
            self.notices.append(msg("联系人写“%(text)s”，没有登记", text=text.strip()))
            return []
        return self._read(NAMES, text)

    def _numbers(self) -> list[str]:
        """The cell of numbers; where no column names anybody it may name them, too."""
        text = self.texts.get(NUMBERS, "")
        if not self.found:
            return self._read(NUMBERS, text)
        loose: list[str] = []
        whose: _Person | None = None
        for piece in pieces(text):
            if piece.kind is Kind.NAME:
                whose = next((p for p in self.found if p.name == piece.text), None)
                if whose is None:
                    self._left_out(NUMBERS, piece.text)
            elif piece.kind is Kind.NUMBER and whose is None:
                loose += self._right(NUMBERS, piece.text)
            elif piece.kind not in (Kind.PARTS, Kind.TITLE):
                self._take(NUMBERS, whose or self.found[0], piece)
        return loose

    def _read(self, column: str, text: str) -> list[str]:
        """Add who stands in a cell; the numbers before anybody's name are given back."""
        loose: list[str] = []
        waiting: list[Piece] = []
        parted = False
        for piece in pieces(text):
            here = self.found[-1] if self.found else None
            if piece.kind is Kind.PARTS:
                parted = True
            elif piece.kind is Kind.NAME:
                self._name(column, piece, here, parted=parted)
                for one in waiting if self.found else ():
                    self._take(column, self.found[-1], one)
                waiting, parted = ([] if self.found else waiting), False
            elif self._is_of_the_next(piece, here, parted=parted):
                waiting.append(piece)
            else:
                self._take(column, here or _Person(), piece)
        for piece in waiting:
            if piece.kind is Kind.NUMBER:
                loose += self._right(column, piece.text)
            elif piece.kind is not Kind.SAME:
                self._left_out(column, piece.text)
        return loose

    def _is_of_the_next(self, piece: Piece, here: _Person | None, *, parted: bool) -> bool:
        """Whether a piece belongs to who is named after it: 总经理张三."""
        if here is None:
            return piece.kind is not Kind.WRONG
        return piece.kind is Kind.TITLE and parted and bool(here.titles)

    def _name(self, column: str, piece: Piece, here: _Person | None, *, parted: bool) -> None:
        """A word that may be a name: another person's, or the rest of what this one is."""
        text = piece.text
        if here is not None and (piece.inside or not parted):
            if not piece.inside and here.name.isascii() and text.isascii() and not here.reached:
                here.name = f"{here.name} {text}"
                return
            if piece.inside or not (here.reached or is_name(text)):
                here.titles.append(text)
                return
        if too_long_for_a_name(text):
            sentence = msg(
                "看不出“%(text)s”里谁是联系人，请写成“张三 13800001111”，几个人用“、”隔开。",
                text=text[:40],
            )
            self.problems.append(Problem(column, sentence))
            return
        self.found.append(_Person(text))

    def _take(self, column: str, person: _Person, piece: Piece) -> None:
        """Give a person what a piece says; what they have already is said to be left out."""
        if piece.kind is Kind.TITLE:
            person.titles.append(piece.text)
        elif piece.kind is Kind.SAME:
            person.reached_alike = True
        elif piece.kind is Kind.WRONG:
            self._wrong(column, piece.text)
        elif piece.kind is Kind.NUMBER:
            for number in self._right(column, piece.text):
                self._give(person, "phone", number)
        else:
            self._give(person, "email" if piece.kind is Kind.ADDRESS else "wechat", piece.text)

    def _give(self, person: _Person, name: str, text: str) -> None:
        if not getattr(person, name):
            setattr(person, name, text)
        elif getattr(person, name) != text:
            sentence = msg("%(name)s的“%(text)s”没有登记", name=person.name, text=text)
            self.notices.append(sentence)

    def _hand_out(self, name: str, texts: Sequence[str]) -> None:
        """What a column of its own says, one to each person in their order."""
        if texts and not self.found:
            listed = "、".join(texts)
            self.notices.append(msg("没写联系人姓名，“%(text)s”没有登记", text=listed[:200]))
        for number, text in enumerate(texts if self.found else ()):
            at = number if len(texts) <= len(self.found) else min(number, len(self.found) - 1)
            self._give(self.found[at], name, text)

    def _titles(self) -> None:
        text = " ".join(self.texts.get(TITLES, "").split())
        if len(self.found) < 2:
            said = [text] if text else []
        else:
            said = _parts(self.texts.get(TITLES, ""))
        for person, title in zip(self.found, said, strict=False):
            person.titles.append(title)

    def _addresses(self) -> Iterator[str]:
        for piece in pieces(self.texts.get(ADDRESSES, "")):
            if piece.kind is Kind.ADDRESS:
                yield piece.text
            elif piece.kind not in (Kind.PARTS, Kind.TITLE, Kind.SAME):
                self._elsewhere(ADDRESSES, piece)

    def _wechats(self) -> Iterator[str]:
        """A WeChat id may be a number; under the same number as the phone is one, too."""
        for piece in pieces(self.texts.get(WECHATS, "")):
            if piece.kind is Kind.SAME:
                for person in self.found:
                    person.reached_alike = True
            elif piece.kind in (Kind.WECHAT, Kind.NUMBER) or (
                piece.kind is Kind.NAME and piece.text.isascii()
            ):
                yield tidy_number(piece.text) if piece.kind is Kind.NUMBER else piece.text
            elif piece.kind is not Kind.PARTS:
                self._elsewhere(WECHATS, piece)

    def _elsewhere(self, column: str, piece: Piece) -> None:
        """In a column of the one what is rather another: 微信/邮箱 holds both."""
        if self.found and piece.kind in (Kind.ADDRESS, Kind.WECHAT):
            self._take(column, self.found[0], piece)
        else:
            self._left_out(column, piece.text)

    def _right(self, column: str, number: str) -> list[str]:
        if wrong := number_problem(number):
            self.problems.append(Problem(column, wrong))
            return []
        return [tidy_number(number)]

    def _wrong(self, column: str, text: str) -> None:
        sentence = msg("“%(number)s”不像电话号码，请核对。", number=text[:40])
        self.problems.append(Problem(column, sentence))

    def _left_out(self, column: str, text: str) -> None:
        if column in self.texts:
            self.notices.append(msg("“%(text)s”没有登记为联系人", text=text[:40]))

    def _check(self, person: ContactInput) -> None:
        """What the form of a contact would say, under the column that says it here."""
        for name, sentences in contact_problems(person).items():
            column = _COLUMN_OF[name]
            where = column if column in self.texts else next(iter(self.texts))
            self.problems += [Problem(where, sentence) for sentence in sentences]


def _parts(text: str) -> list[str]:
    return [part for one in _BETWEEN.split(text) if (part := " ".join(one.split()))]


def _each_once(people: Sequence[_Person]) -> list[_Person]:
    """One name is one person, unless two numbers say that they are two."""
    kept: list[_Person] = []
    for person in people:
        known = next((one for one in kept if one.name == person.name), None)
        if known is None or (known.phone and person.phone and known.phone != person.phone):
            kept.append(replace(person, titles=list(person.titles)))
            continue
        for name in ("phone", "email", "wechat"):
            setattr(known, name, getattr(known, name) or getattr(person, name))
        known.titles += person.titles
    return kept


def person_text(person: ContactInput) -> str:
    """A person in one line, as the preview shows them."""
    called = f"{person.name}（{person.title}）" if person.title else person.name
    reached = (person.phone, person.wechat if person.wechat != person.phone else "", person.email)
    return " ".join((called, *filter(None, reached)))
