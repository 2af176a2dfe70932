"""The words of a mail that is sent at once; templates/emails/urgent/ lays them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import css_inline
from flask import current_app
from flask_babel import force_locale, gettext

from crm.config import Config
from crm.formats import language, say
from crm.mail.links import link
from crm.messages import Name
from crm.reminders.facts import Due
from crm.reminders.letter import Written
from crm.reminders.wording import say_on
from models.enums import VisitMode
from models.user import User

_SUBJECT_ROOM = 255


@dataclass(frozen=True)
class UrgentFacts:
    """What is said at once of one lead (its public id); ``names`` of the rules by their code."""

    person: User
    company: str
    lead: str
    dues: Sequence[Due]
    names: Mapping[str, Name]
    today: date


def write_urgent(facts: UrgentFacts) -> Written:
    """Say what it is, in the recipient's language. The subject names the company and the matter."""
    config: Config = current_app.extensions["crm.config"]
    with force_locale(facts.person.locale or "zh_Hans_CN"):
        what = say(facts.names[facts.dues[0].rule])
        subject = str(gettext("%(company)s：%(what)s", company=facts.company, what=what))
        context: dict[str, Any] = {
            "subject": subject,
            "lang": "en" if language() == "en" else "zh-CN",
            "site_name": config.site_name_en if language() == "en" else config.site_name_zh,
            "person": facts.person.name,
            "company": facts.company,
            "reasons": [say_on(due.reason, facts.today) for due in facts.dues],
            "lead_url": link("leads.show", public_id=facts.lead),
            "call_url": link("visits.new", lead=facts.lead, mode=VisitMode.CALL.value),
            "account_url": link("account.show"),
            "demo": config.demo,
        }
        html, text = (
            current_app.jinja_env.get_template(f"emails/urgent/{name}").render(context)
            for name in ("letter.html", "letter.txt")
        )
    return Written(subject[:_SUBJECT_ROOM], text, css_inline.inline(html))
