"""Reads a pasted text with what the database knows: companies, their people, our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm import clock
from crm.access import Actor, visible_leads
from crm.companies.contacts import contacts_of
from crm.companies.keys import stored_form
from crm.companies.search import find_exact
from crm.errors import Refusal
from crm.messages import msg
from crm.visits.drafting.people import Person
from crm.visits.drafting.rules import MAX_TEXT, Draft, Kind, Mark, draft
from crm.visits.queries import colleagues
from models import db
from models.company import Company
from models.enums import Status
from models.lead import Lead
from models.sets import one_of

_RUN = re.compile(r"[\u4e00-\u9fff（）()A-Za-z0-9·]+(?: [A-Za-z0-9]+)*")
_SHORTEST, _LONGEST = 2, 24


@dataclass(frozen=True)
class Reading:
    """A draft, and whom it is about as far as the text says."""

    text: str
    draft: Draft
    company: Company | None
    lead: Lead | None


def read_text(text: str, actor: Actor, now: datetime) -> Reading:
    """Read a text; nothing of it is kept. Refusal for an empty or an endless one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Refusal({"text": [msg("把聊天里的话粘贴在这里。")]})
    if len(text) > MAX_TEXT:
        raise Refusal({"text": [msg("最多 %(n)s 字，请只留和这次联系有关的几句。", n=MAX_TEXT)]})
    named = _company_in(text, actor)
    company, mark = named if named else (None, None)
    return Reading(
        text=text,
        draft=draft(
            text,
            now,
            company=mark,
            known=_people(company),
            ours=[user.name for user in colleagues(actor, clock.local_date(now))],
        ),
        company=company,
        lead=_lead(company, actor) if company else None,
    )


def _company_in(text: str, actor: Actor) -> tuple[Company, Mark] | None:
    """The company whose name stands in the text: one the actor works on first, then the longest."""
    places = _candidates(text)
    known = find_exact((), places)
    found = [(company, places[form]) for form, company in known.by_form.items() if form in places]
    if not found:
        return None
    ours = _worked_on([company.id for company, _place in found], actor)
    # Two characters are a word of the language as often as a name, unless we work on that company.
    sure = [
        (company, place)
        for company, place in found
        if company.id in ours or company.rewarded or place[1] - place[0] > _SHORTEST
    ]
    if not sure:
        return None
    company, (start, end) = min(
        sure, key=lambda one: (one[0].id not in ours, one[1][0] - one[1][1], one[1][0])
    )
    return company, Mark(start, end, Kind.COMPANY, msg("企业：%(name)s", name=company.name))


def _candidates(text: str) -> dict[str, tuple[int, int]]:
    """Every piece of the text that may be a name, by its normal form, where it first stands."""
    found: dict[str, tuple[int, int]] = {}
    for run in _RUN.finditer(text):
        words = run.group()
        for start in range(len(words)):
            for end in range(start + _SHORTEST, min(len(words), start + _LONGEST) + 1):
                if _inside_a_word(words, start, end):
                    continue
                form = stored_form(words[start:end])
                if len(form) >= _SHORTEST:
                    place = (run.start() + start, run.start() + end)
                    found.setdefault(form, place)
    return found


def _inside_a_word(words: str, start: int, end: int) -> bool:
    """Latin letters and digits are cut at their edges only."""
    cut_before = start > 0 and _latin(words[start - 1]) and _latin(words[start])
    cut_after = end < len(words) and _latin(words[end - 1]) and _latin(words[end])
    return cut_before or cut_after or words[start] == " " or words[end - 1] == " "


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _worked_on(companies: Sequence[int], actor: Actor) -> set[int]:
    return set(
        db.session.scalars(
            sa.select(Lead.company_id).where(
                one_of(Lead.company_id, companies), visible_leads(actor)
            )
        )
    )


def _people(company: Company | None) -> list[Person]:
    if company is None:
        return []
    return [
        Person(role.contact.public_id, role.contact.name, role.title)
        for role in contacts_of(company.id)
    ]


def _lead(company: Company, actor: Actor) -> Lead | None:
    """The open lead of the company that the actor would log a visit on."""
    mine = sa.case((Lead.owner_id == actor.id, 0), else_=1)
    found: Lead | None = db.session.scalar(
        sa.select(Lead)
        .where(Lead.company_id == company.id, Lead.status != Status.LOST, visible_leads(actor))
        .order_by(mine, Lead.updated_at.desc(), Lead.id)
        .limit(1)
        .options(joinedload(Lead.company))
    )
    return found
