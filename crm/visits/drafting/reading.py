"""Reads a pasted text with what the database knows: companies, their people, our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm import clock
from crm.access import Actor, may_write, visible_leads
from crm.companies.contacts import contacts_of
from crm.companies.keys import stored_form
from crm.companies.search import bearers
from crm.errors import Refusal
from crm.messages import msg
from crm.visits.drafting.people import Person, may_be_names, person_follows
from crm.visits.drafting.rules import MAX_TEXT, Draft, Kind, Mark, draft
from crm.visits.queries import colleagues
from models import db
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import Status
from models.lead import Lead
from models.place import District, Park, Place
from models.sets import one_of
from models.user import User

# AT&T and Booking.com are one word.
_WORD = r"(?:[\u4e00-\u9fff（）()A-Za-z0-9·]|(?<=[A-Za-z0-9])[&.'-](?=[A-Za-z0-9]))"
_RUN = re.compile(rf"{_WORD}+(?: [A-Za-z0-9]{_WORD}*)*")
# International Business Machines Corporation is longer than any Chinese name.
_SHORTEST, _LONGEST, _LONGEST_LATIN = 2, 24, 60
_TOOLS = re.compile("腾讯(?:会议|文档)|百度(?:网盘|地图)|高德地图|钉钉(?:会议|群)|企业微信")
_MINE, _OURS, _NOT_OURS = 0, 1, 2


@dataclass(frozen=True)
class Reading:
    """A draft, and whom it is about as far as the text says."""

    text: str
    draft: Draft
    company: Company | None
    lead: Lead | None

    @property
    def takes_steps(self) -> bool:
        """Whether a next step and promises have a lead to stand in, as far as one can tell."""
        return self.lead is not None or self.company is None


def read_text(text: str, actor: Actor, now: datetime) -> Reading:
    """Read a text; nothing of it is kept. Refusal for an empty or an endless one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Refusal({"text": [msg("把聊天里的话粘贴在这里。")]})
    if len(text) > MAX_TEXT:
        raise Refusal({"text": [msg("最多 %(n)s 字，请只留和这次联系有关的几句。", n=MAX_TEXT)]})
    today = clock.local_date(now)
    named = _company_in(text, actor)
    company, mark = named or (_company_of_people(text, actor), None)
    lead = _lead(company, actor) if company else None
    # What nobody may write down of the lead stays in what was said.
    plans = lead is not None and may_write(lead, actor)
    return Reading(
        text=text,
        draft=draft(
            text,
            now,
            company=mark,
            known=_people(company),
            ours=[one.name for one in colleagues(actor, today)],
            me=_name_of(actor),
            plans=plans,
            elsewhere=_other_cities() if plans else (),
        ),
        company=company,
        lead=lead,
    )


class _Named(NamedTuple):
    """A company that the text names, and how."""

    company: Company
    start: int
    end: int
    own: bool


def _company_in(text: str, actor: Actor) -> tuple[Company, Mark] | None:
    """The company whose legal, former, English or short name stands in the text.

    The actor's own lead first, then one that the actor may work on; among the others the longest
    name. A short name that several companies bear says none of them, unless one is worked on or
    one alone is on a rewarded list.
    """
    # The name of a tool is no company, and the text stays as long as it was.
    places = _candidates(_TOOLS.sub(lambda match: "，" * len(match.group()), text))
    found = [
        _Named(one.company, *places[one.form], own=one.own)
        for one in bearers(places)
        if one.form in places
    ]
    found = [one for one in found if not any(_within(one, other) for other in found)]
    if not found:
        return None
    ours = _worked_on([one.company.id for one in found], actor)
    sure = [one for one in found if one.company.id in ours or _says_one(one, found, text)]
    if not sure:
        return None
    company, start, end, _own = min(
        sure,
        key=lambda one: (ours.get(one.company.id, _NOT_OURS), one.start - one.end, one.start),
    )
    return company, Mark(start, end, Kind.COMPANY, msg("企业：%(name)s", name=company.name))


def _company_of_people(text: str, actor: Actor) -> Company | None:
    """Where no company is named: that of the actor's leads one of whose people is, if it is one."""
    held = sa.and_(Lead.company_id == ContactRole.company_id, Lead.owner_id == actor.id)
    found = db.session.scalars(
        sa.select(Company)
        .join(ContactRole, ContactRole.company_id == Company.id)
        .join(Contact, Contact.id == ContactRole.contact_id)
        .join(Lead, held)
        .where(
            one_of(Contact.name, may_be_names(text)),
            ContactRole.to_on.is_(None),
            Lead.status != Status.LOST,
            visible_leads(actor),
        )
        .distinct()
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _within(one: _Named, other: _Named) -> bool:
    """嘉兴中软国际 does not name 中软国际."""
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _says_one(one: _Named, found: Sequence[_Named], text: str) -> bool:
    """Whether a name of nobody's lead is sure.

    Two characters are a word of the language as often as a name, unless the company is rewarded
    or somebody of it is named: 百度的刘总.
    """
    short = one.end - one.start <= _SHORTEST
    if short and not one.company.rewarded and not person_follows(text, one.end):
        return False
    if one.own:
        return True
    same = {other.company for other in found if other.start == one.start}
    rewarded = {company for company in same if company.rewarded}
    return same == {one.company} or rewarded == {one.company}


def _candidates(text: str) -> dict[str, tuple[int, int]]:
    """Every piece of the text that may be a name, by its normal form, where it first stands."""
    found: dict[str, tuple[int, int]] = {}
    for run in _RUN.finditer(text):
        words = run.group()
        for start in range(len(words)):
            for end in range(start + _SHORTEST, min(len(words), start + _LONGEST_LATIN) + 1):
                if end - start > _LONGEST and not words[start:end].isascii():
                    break
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


def _worked_on(companies: Sequence[int], actor: Actor) -> dict[int, int]:
    """Those of the companies that the actor owns a lead of, and those that the actor may see."""
    leads = db.session.execute(
        sa.select(Lead.company_id, Lead.owner_id, Lead.status).where(
            one_of(Lead.company_id, companies), visible_leads(actor)
        )
    )
    found: dict[int, int] = {}
    for company, owner, status in leads:
        mine = owner == actor.id and status != Status.LOST
        found[company] = min(_MINE if mine else _OURS, found.get(company, _OURS))
    return found


def _name_of(actor: Actor) -> str:
    user = db.session.get(User, actor.id)
    return user.name if user else ""


def _other_cities() -> list[str]:
    """The cities that are not this one, which its districts and parks are named after."""
    ours = db.session.scalars(sa.union_all(sa.select(District.zh), sa.select(Park.zh))).all()
    cities = [city.removesuffix("市") for city in db.session.scalars(sa.select(Place.city))]
    return [city for city in cities if not any(city in name for name in ours)]


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
