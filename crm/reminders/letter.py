"""The words of a digest, in the recipient's language; templates/emails/digest/ lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext, ngettext

from crm.clock import local_date
from crm.config import Config
from crm.formats import clock_time, day, language, say, short_day
from crm.mail.letter import inlined
from crm.mail.links import link
from crm.messages import Message
from crm.reminders.by_mail import Offered, Purpose, words_for
from crm.reminders.facts import ABOUT_OFFERS, DECISIONS, AgendaItem, Due, LeadClock
from crm.reminders.sections import Section, Voice, greetings, lying_ahead, subject_parts, to_contact
from crm.reminders.since import News
from crm.reminders.uncovered import Target
from crm.reminders.wording import say_on
from crm.visits.appointments.words import Arranged, said
from models.enums import RuleKind, VisitMode
from models.user import User

# A mail names this many companies, the first of them with buttons; the others wait for the next.
IN_FULL = 10
TARGETS_NAMED = 10
MOST = 100
# So many characters of what a link says is done: a line of a phone.
_DONE_ROOM = 18
_LATE = "red"
_SUBJECT_ROOM = 255


@dataclass(frozen=True)
class DigestFacts:
    """What a digest is made of: new leads in sections, how many were said before, and what is
    arranged for the day. ``n``: of how many leads these are the first. ``targets`` are those that
    nobody follows. ``time``: when its reader gets it.
    """

    person: User
    sections: Sequence[Section]
    n: int
    said_before: int
    today: date
    time: time
    unsent_since: date | None = None
    """The day from which mails did not go, when this one says what they should have said."""
    arranged: Sequence[Arranged] = ()
    targets: Sequence[Target] = ()
    news: Sequence[News] = ()
    """What others did to the reader's leads, and since when."""
    news_since: date | None = None

    @property
    def items(self) -> list[AgendaItem]:
        """The leads one after another."""
        return [item for section in self.sections for item in section.items]


@dataclass(frozen=True)
class Written:
    """A mail ready for the outbox, and how many leads it found room for."""

    subject: str
    text: str
    html: str
    named: int = 0


@dataclass(frozen=True)
class Entry:
    """One company of the mail, in words."""

    tone: str
    headline: str
    company: str
    badge: str
    rewarded: bool
    reason: str
    also: list[str]
    contact: str
    lead_url: str
    open_url: str
    open_label: str
    """The page on which it is done, and what is done there."""
    call_url: str
    done_url: str
    done_label: str
    done_apart: bool
    """Whether that link stands in a line of its own: it is not about what stands first."""
    later_url: str
    heading: str = ""
    """What stands over it, where it is the first of a section that has something over it."""


@dataclass(frozen=True)
class TargetEntry:
    """A target that nobody follows, in words."""

    company: str
    standing: str
    url: str


@dataclass(frozen=True)
class NewsEntry:
    """What somebody else did to a lead, in words."""

    company: str
    said: str
    url: str


def write_digest(facts: DigestFacts) -> Written:
    """Say what is due, in the recipient's language (Chinese unless they chose another)."""
    config: Config = current_app.extensions["crm.config"]
    with force_locale(facts.person.locale or "zh_Hans_CN"):
        subject = subject_of(facts)
        entries = [entry for one in facts.sections for entry in _entries(one, facts)]
        context: dict[str, Any] = {
            "subject": subject,
            "lang": "en" if language() == "en" else "zh-CN",
            "site_name": config.site_name_en if language() == "en" else config.site_name_zh,
            "person": facts.person.name,
            "date": _date(facts.today),
            "n": to_contact(facts.sections),
            "arranged": [*map(say, greetings(facts.sections)), *arranged_words(facts)],
            "full": entries[:IN_FULL],
            "brief": entries[IN_FULL:],
            "unnamed": facts.n - len(entries),
            "said_before": facts.said_before,
            "unsent_since": facts.unsent_since and _date(facts.unsent_since),
            "targets": [_target(one) for one in facts.targets[:TARGETS_NAMED]],
            "uncovered": len(facts.targets),
            "news": [_news(one, facts.today) for one in facts.news],
            "news_since": _since(facts),
            "targets_url": link("today.targets"),
            "today_url": link("today.show"),
            "hour": f"{facts.time:%H:%M}",
            "settings_url": link("reminder_settings.show"),
            "pause_url": f"{link('reminder_settings.show')}#pause",
            "demo": config.demo,
        }
        html = _render("digest.html", context)
        text = _render("digest.txt", context)
    return Written(subject[:_SUBJECT_ROOM], text, inlined(html), len(entries))


def _date(of: date) -> str:
    """The date itself: a mail is read on other days too."""
    return day(of, of - timedelta(days=2))


def _time(one: Arranged, today: date) -> str:
    on = local_date(one.starts_at)
    time = clock_time(one.starts_at)
    return time if on == today else f"{short_day(on, today)} {time}"


def _render(name: str, context: dict[str, Any]) -> str:
    # Not render_template: that fills in what pages know, and a mail has no request and no reader
    # who is signed in.
    return current_app.jinja_env.get_template(f"emails/digest/{name}").render(context)


def arranged_words(facts: DigestFacts) -> list[str]:
    """What is arranged for the day, in a sentence each."""
    return [
        say_on(said(one, _time(one, facts.today), facts.today), facts.today)
        for one in facts.arranged
    ]


def subject_of(facts: DigestFacts) -> str:
    """What matters of it, in one line."""
    if not facts.items:
        n = sum(local_date(one.starts_at) == facts.today for one in facts.arranged)
        if n:
            return str(ngettext("今天约了 %(num)s 次见面", "今天约了 %(num)s 次见面", n))
        n = len(facts.targets)
        return str(ngettext("%(num)s 家目标企业没有人跟", "%(num)s 家目标企业没有人跟", n))
    late = sum(item.first.tone == _LATE for one in facts.sections for item in one.every)
    subject = gettext("，").join(map(say, subject_parts(facts.sections)))
    if late:
        subject += ngettext("，%(num)s 家已逾期", "，%(num)s 家已逾期", late)
    if n := lying_ahead(facts.sections):
        ahead = ngettext("%(num)s 家日子快到", "%(num)s 家日子快到", n)
        subject = gettext("，").join([subject, ahead]) if subject else ahead
    return str(subject)


def _entries(section: Section, facts: DigestFacts) -> list[Entry]:
    heading = say(section.heading) if section.heading else ""
    entries = [_entry(item, facts, section) for item in section.items]
    return [replace(entries[0], heading=heading), *entries[1:]] if entries else []


def _entry(item: AgendaItem, facts: DigestFacts, section: Section) -> Entry:
    lead = item.lead
    # Who stands in for somebody acts on the pages, where they see what the other knew.
    standing_in = section.voice is Voice.DEPUTY
    may = Offered() if standing_in else words_for(item, facts.person, facts.today)
    # Whose it is stands over a scout's leads; an offer calls nobody.
    call = {"lead": lead.public_id, "mode": VisitMode.CALL.value}
    team, calls = section.voice is Voice.TEAM, item.first.kind not in ABOUT_OFFERS
    contact = _contact(lead.contact, lead.contact_title) if calls else ""
    lead_url = link("leads.show", public_id=lead.public_id)
    # Whoever looks after a colleague's lead reads of it first; its owner, or the deputy, calls.
    calls_first = contact and (standing_in or lead.owner_id == facts.person.id)
    way = lead_url, str(gettext("打电话") if calls_first else gettext("查看线索"))
    open_url, open_label = offer_way(item.first.kind, lead) or way
    return Entry(
        tone=item.first.tone,
        headline=say_on(item.first.headline, facts.today),
        company=lead.company,
        badge=say(lead.badges[0]) if lead.badges else "",
        rewarded=lead.rewarded,
        reason=say_on(_why(item.first, team=team), facts.today),
        also=[say_on(_why(due, team=team), facts.today) for due in item.also],
        contact=contact,
        lead_url=lead_url,
        open_url=open_url,
        open_label=open_label,
        call_url=link("visits.new", **call) if calls else "",
        done_url=_act(Purpose.DONE, may.done),
        done_label=_done(may.what),
        done_apart=bool(may.what),
        later_url=_act(Purpose.LATER, may.later),
    )


def _why(due: Due, *, team: bool) -> Message:
    return due.plainly if team and due.plainly else due.reason


def offer_way(kind: RuleKind, lead: LeadClock) -> tuple[str, str] | None:
    """Where something is done about the lead's offer, and what the way there is called.

    None where a reason of that kind is about no offer.
    """
    if kind is RuleKind.OFFER and lead.offer:
        return link("offers.show", public_id=lead.offer.public_id), str(gettext("看测算"))
    if kind in DECISIONS and lead.decided:
        words = gettext("看测算") if lead.decided.approved else gettext("看原因")
        return link("offers.show", public_id=lead.decided.public_id), str(words)
    return None


def _done(what: str) -> str:
    """What a link says is done: in so many words, where the mail speaks of something else first."""
    if not what:
        return str(gettext("已办"))
    return str(gettext("已办：%(what)s", what=_short(what)))


def _short(words: str) -> str:
    return words if len(words) <= _DONE_ROOM else f"{words[: _DONE_ROOM - 1]}…"


def _act(purpose: Purpose, word: str) -> str:
    """The address of a page that asks and then acts, in the mail's own language."""
    if not word:
        return ""
    more = {"lang": "en"} if language() == "en" else {}
    return link("mail_links.show", purpose=purpose.value, word=word, **more)


def _news(one: News, today: date) -> NewsEntry:
    url = link("leads.show", public_id=one.lead)
    return NewsEntry(one.company, say_on(one.said, today), url)


def _since(facts: DigestFacts) -> str:
    if facts.news_since is None or facts.news_since == facts.today - timedelta(days=1):
        return str(gettext("昨天以来"))
    return str(gettext("%(day)s以来", day=_date(facts.news_since)))


def _target(one: Target) -> TargetEntry:
    return TargetEntry(
        one.company, say(one.standing), link("companies.show", public_id=one.company_id)
    )


def _contact(name: str, title: str) -> str:
    if not name:
        return ""
    if not title:
        return str(gettext("找%(name)s。", name=name))
    return str(gettext("找%(name)s，%(title)s。", name=name, title=title))
