"""Forms of promises: rows of a visit's form, one on a lead, another day, why it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from crm.companies.contacts import told_apart
from crm.promises.rules import NewPromise
from models.company import Company
from models.contact import ContactRole
from models.enums import Side
from views.forms.base import Form
from views.forms.fields import DayField, LongTextField, TextField
from views.forms.lead import Choose

F = TypeVar("F", bound=type[Form])
Choices = list[tuple[str, str]]


class PromiseRow(NamedTuple):
    """The fields of one promise in a form that has several."""

    text: TextField
    who: Choose
    due_on: DayField

    @property
    def said(self) -> bool:
        """Whether anything was written into it."""
        return bool(self.text.data or any(self.due_on.raw_data or ()))

    @property
    def wrong(self) -> bool:
        """Whether a part of it was refused."""
        return any(part.errors for part in self)


def with_promises(rows: int) -> Callable[[F], F]:
    """A form with so many promises in it: fields ``promise_1``, ``promise_1_who`` and so on."""

    def make(form: F) -> F:
        for number in range(1, rows + 1):
            setattr(form, f"promise_{number}", TextField(_l("答应了什么")))
            setattr(form, f"promise_{number}_who", Choose(_l("谁答应的"), choices=[]))
            setattr(form, f"promise_{number}_on", DayField(_l("哪天前做到")))
        return form

    return make


def promise_rows(form: Form) -> Iterator[PromiseRow]:
    """The promises of such a form, in order."""
    number = 1
    while f"promise_{number}" in form:
        names = (f"promise_{number}", f"promise_{number}_who", f"promise_{number}_on")
        yield PromiseRow(*(form[name] for name in names))
        number += 1


def promises_in(form: Form) -> tuple[NewPromise, ...]:
    """What was written into them; those in between that are empty keep their number."""
    rows = list(promise_rows(form))
    while rows and not rows[-1].said:
        rows.pop()
    return tuple(as_promise(row.text.data, row.who.data, row.due_on.data) for row in rows)


def as_promise(text: str, who: str | None, due_on: Any) -> NewPromise:
    """A promise as the service wants it; ``who`` says a side and perhaps a person of it."""
    side, _colon, person = (who or "").partition(":")
    known = Side(side) if side in set(Side) else Side.OURS
    return NewPromise(known, text or "", due_on, person)


def who_could(
    mates: Iterable[tuple[str, str]], company: Company | None, people: Iterable[ContactRole]
) -> Choices:
    """Who may have promised: oneself, colleagues, the company, its people."""
    name = company.short_name if company else _("企业")
    return [
        ("ours:", _("我们：我")),
        *((f"ours:{key}", _("我们：%(name)s", name=mate)) for key, mate in mates),
        ("theirs:", _("对方：%(name)s", name=name)),
        *(
            (f"theirs:{key}", _("对方：%(name)s", name=person))
            for key, person in told_apart(people).items()
        ),
    ]


class PromiseForm(Form):
    """A promise, on a lead."""

    client_key = HiddenField()
    text = LongTextField(_l("答应了什么"))
    who = Choose(_l("谁答应的"), choices=[])
    due_on = DayField(_l("哪天前做到"))

    def entry(self) -> NewPromise:
        """What was typed, ready for the service."""
        return as_promise(self.text.data, self.who.data, self.due_on.data)


class PromiseDayForm(Form):
    """Another day for a promise, and why."""

    due_on = DayField(_l("改到"))
    reason = LongTextField(_l("为什么改期"))


class WithdrawForm(Form):
    """Why a promise does not hold any more."""

    reason = LongTextField(_l("为什么收回"))
