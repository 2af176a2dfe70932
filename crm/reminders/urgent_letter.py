"""The words of a mail that is sent at once; templates/emails/urgent/ lays them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext

from crm.config import Config
from crm.formats import language, say
from crm.mail.letter import inlined
from crm.mail.links import link
from crm.messages import Name
from crm.reminders.brief import titled
from crm.reminders.facts import Due, LeadClock
from crm.reminders.letter import Written, offer_way
from crm.reminders.wording import say_on
from models.enums import VisitMode
from models.user import User

_SUBJECT_ROOM = 255


@dataclass(frozen=True)
class UrgentFacts:
    """What is said at once of one lead; ``names`` of the rules by their code."""

    person: User
    about: LeadClock
    dues: Sequence[Due]
    names: Mapping[str, Name]
    today: date
    instead_of: str = ""
    """Who is on leave, where the reader is their deputy."""


def write_urgent(facts: UrgentFacts) -> Written:
    """Say what it is, in the recipient's language. The subject names the company and the matter."""
    config: Config = current_app.extensions["crm.config"]
    with force_locale(facts.person.locale or "zh_Hans_CN"):
        subject = _subject(facts)
        lead = facts.about.public_id
        lead_url = link("leads.show", public_id=lead)
        to_offer = offer_way(facts.dues[0].kind, facts.about)
        way = to_offer or (lead_url, str(gettext("查看线索")))
        context: dict[str, Any] = {
            "subject": subject,
            "lang": "en" if language() == "en" else "zh-CN",
            "site_name": config.site_name_en if language() == "en" else config.site_name_zh,
            "person": facts.person.name,
            "company": facts.about.company,
            "reasons": [say_on(due.reason, facts.today) for due in facts.dues],
            "lead_url": lead_url,
            "open_url": way[0],
            "open_label": way[1],
            "call_url": ""
            if to_offer
            else link("visits.new", lead=lead, mode=VisitMode.CALL.value),
            "settings_url": link("reminder_settings.show"),
            "demo": config.demo,
        }
        html, text = (
            current_app.jinja_env.get_template(f"emails/urgent/{name}").render(context)
            for name in ("letter.html", "letter.txt")
        )
    return Written(subject[:_SUBJECT_ROOM], text, inlined(html))


def write_urgent_brief(facts: UrgentFacts) -> Written:
    """The same as a short message of a messenger."""
    with force_locale(facts.person.locale or "zh_Hans_CN"):
        subject = _subject(facts)
        lines = [
            titled(subject),
            *(say_on(due.reason, facts.today) for due in facts.dues),
            link("leads.show", public_id=facts.about.public_id),
        ]
    return Written(subject[:_SUBJECT_ROOM], "\n".join(lines), "")


def _subject(facts: UrgentFacts) -> str:
    what = say(facts.names[facts.dues[0].rule])
    subject = str(gettext("%(company)s：%(what)s", company=facts.about.company, what=what))
    if facts.instead_of:
        subject = str(gettext("代%(who)s：%(subject)s", who=facts.instead_of, subject=subject))
    return subject
