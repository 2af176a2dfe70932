"""What was found as the palette, the page and a machine show it: groups of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from crm import clock
from crm.companies.suggest import Hit
from crm.formats import name, say, short_day
from crm.leads.stages import stage_name
from crm.leads.words import MODE_WORDS, STATUS_WORDS
from crm.search import Found
from models.contact import ContactRole
from models.enums import Status
from models.lead import Lead
from models.visit import Visit
from views.commands import Command
from views.company_words import suggestions
from views.lead_cards import title_of

# Of what was said so much stands in a row.
SUMMARY_CHARACTERS = 40


@dataclass(frozen=True)
class Option:
    """One thing to go to. ``parts`` say which one it is; ``key`` is the single key that does it."""

    url: str
    title: str
    parts: Sequence[str] = ()
    badges: Sequence[dict[str, Any]] = ()
    key: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    kind: str
    label: str
    options: Sequence[Option]

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        items = [
            {"title": o.title, "text": " · ".join(o.parts), "phone": o.phone or None, "url": o.url}
            for o in self.options
        ]
        return {"kind": self.kind, "label": self.label, "items": items}


def groups(commands: Sequence[Command], found: Found) -> list[Group]:
    """Pages and actions, then records by kind; kinds of which there is nothing are left out."""
    every = (
        Group("commands", _("页面和操作"), [_command(one) for one in commands]),
        Group("companies", pgettext("menu", "企业"), _companies(found.companies)),
        Group("leads", pgettext("found", "线索"), [_lead(one) for one in found.leads]),
        Group("contacts", pgettext("found", "联系人"), [_contact(one) for one in found.contacts]),
        Group("visits", pgettext("menu", "走访"), [_visit(one) for one in found.visits]),
    )
    return [group for group in every if group.options]


def _command(command: Command) -> Option:
    return Option(command.url, str(command.label), key=command.key)


def _companies(hits: Sequence[Hit]) -> list[Option]:
    return [
        Option(
            url_for("companies.show", public_id=company["id"]),
            company["short_name"],
            _parts(
                company["name"] if company["name"] != company["short_name"] else "",
                company["holder"]["text"] if company["holder"] else "",
            ),
            company["badges"],
        )
        for company in suggestions(hits)
    ]


def _lead(lead: Lead) -> Option:
    active = lead.status is Status.ACTIVE
    stands = say(stage_name(lead.stage)) if active else say(STATUS_WORDS[lead.status])
    return Option(
        url_for("leads.show", public_id=lead.public_id),
        title_of(lead),
        _parts(stands, name(lead.team, short=True), lead.owner.name),
    )


def _contact(role: ContactRole) -> Option:
    return Option(
        url_for("companies.show", public_id=role.company.public_id),
        role.contact.name,
        _parts(role.company.short_name, role.title),
        phone=role.contact.phone or "",
    )


def _visit(visit: Visit) -> Option:
    said = " ".join(visit.summary.split())
    if len(said) > SUMMARY_CHARACTERS:
        said = said[:SUMMARY_CHARACTERS] + "…"
    day = short_day(clock.local_date(visit.occurred_at))
    return Option(
        url_for("visits.show", public_id=visit.public_id),
        f"{visit.company.short_name} {say(MODE_WORDS[visit.mode])}",
        _parts(day, visit.author.name, said),
    )


def _parts(*texts: str) -> list[str]:
    return [text for text in texts if text]
