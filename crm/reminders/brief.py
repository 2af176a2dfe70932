"""A digest as a message of a messenger: plain lines, short, and nothing that acts by itself.

A robot writes into a group, and whoever is in it reads along: there are no links that do something
without signing in, and no number or amount, as in a mail.
"""

from __future__ import annotations

from flask_babel import force_locale, gettext, ngettext

from crm.formats import say
from crm.mail.links import link
from crm.reminders.facts import AgendaItem
from crm.reminders.letter import DigestFacts, Written, arranged_words, subject_of
from crm.reminders.sections import greetings
from crm.reminders.wording import say_on

# The robot of WeCom takes 2,048 bytes; the part below the leads has its place kept.
ROOM = 2000
_FOOT = 420
# The first leads with the whole reason and their link, the others in a line.
IN_FULL = 5


def write_brief(facts: DigestFacts) -> Written:
    """Say what is due, in the recipient's language, as far as there is room."""
    with force_locale(facts.person.locale or "zh_Hans_CN"):
        subject = subject_of(facts)
        lines = [titled(subject), *map(say, greetings(facts.sections)), *arranged_words(facts)]
        named = 0
        for section in facts.sections:
            heading = [f"【{say(section.heading)}】"] if section.heading else []
            for item in section.items:
                more = [*heading, _line(item, facts, named)]
                if _size([*lines, *more]) > ROOM - _FOOT:
                    return _written(subject, lines, facts, named)
                lines += more
                heading, named = [], named + 1
        return _written(subject, lines, facts, named)


def titled(subject: str) -> str:
    """The first line; robots that ask for a keyword find 提醒 in it in either language."""
    return str(gettext("【跟进提醒】%(subject)s", subject=subject))


def _line(item: AgendaItem, facts: DigestFacts, number: int) -> str:
    lead = item.lead
    headline = say_on(item.first.headline, facts.today)
    if number >= IN_FULL:
        return f"{number + 1}. {lead.company} {headline}"
    reason = say_on(item.first.reason, facts.today)
    url = link("leads.show", public_id=lead.public_id)
    return f"{number + 1}. {lead.company} {headline}\n{reason}\n{url}"


def _written(subject: str, lines: list[str], facts: DigestFacts, named: int) -> Written:
    foot = []
    if facts.targets:
        n = len(facts.targets)
        said = ngettext("还有 %(num)s 家目标企业没有人跟", "还有 %(num)s 家目标企业没有人跟", n)
        foot.append(f"{said} {link('today.targets')}")
    if unnamed := facts.n - named:
        foot.append(
            ngettext(
                "另有 %(num)s 家这里写不下，下一封接着说。",
                "另有 %(num)s 家这里写不下，下一封接着说。",
                unnamed,
            )
        )
    foot.append(f"{gettext('在网页上看今日')} {link('today.show')}")
    foot.append(f"{gettext('改发送时间')} {link('reminder_settings.show')}")
    return Written(subject[:255], "\n".join([*lines, *foot]), "", named)


def _size(lines: list[str]) -> int:
    return len("\n".join(lines).encode())
