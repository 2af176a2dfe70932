"""One mail a person and working day: who to contact today, in which order, and why.

It is written at the hour that each person chose, and goes the way they chose for each topic, so
that who chose several ways gets one message by each. A reminder is said once. What was said before
and is still open stands in one line with a link to Today; what is no longer true is called off
instead of sent. Who is on leave gets none: a colleague is told instead. A mail of an earlier day
that never went is merged into the new one, which says what is still true of it. A mail that can not
be written is kept as such with the reason, and keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from crm import clock
from crm.access.queries import teams
from crm.messages import Name, nmsg
from crm.reminders import envelopes
from crm.reminders.brief import write_brief
from crm.reminders.gathering import Gathered, gather
from crm.reminders.leaves.queries import away_on
from crm.reminders.leaves.rules import Away
from crm.reminders.leaves.sharing import share_of, stand_ins
from crm.reminders.letter import MOST, DigestFacts, Written, write_digest
from crm.reminders.matters import Matters, matters_of, narrowed, of_lead
from crm.reminders.personal.queries import written_in
from crm.reminders.personal.rules import Topic, Window
from crm.reminders.personal.service import hold, hold_all
from crm.reminders.rulebook import People
from crm.reminders.sections import Section, cut, headed, parted, stood_in
from crm.reminders.store import people_of
from crm.visits.appointments.queries import people_with_appointments
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import CalendarDay
from models.enums import CalledOff, ReminderState, Role, RuleKind, Way
from models.message import Message
from models.reminder import Reminder
from models.reminder_setting import ReminderSetting
from models.sets import one_of
from models.user import User

# So many people's mails are written in one transaction, for a quarter of a second or so.
TOGETHER = 25
log = structlog.get_logger()


@dataclass(frozen=True)
class DigestResult:
    """Mails that were queued, mails of the day that were there before, mails not written."""

    messages: int
    already_queued: int
    unwritten: int = 0


def queue_digests(at: datetime, window: Window | None = None) -> DigestResult:
    """Queue the day's mail of everybody whom planned reminders or an appointment wait for.

    ``window``: of those alone whose mail comes in it; None: of everybody, whatever they chose.
    On a day off nothing is queued: reminders wait for the next working day. Commits some people at
    a time, their mails together with the reminders these say.
    """
    today = clock.local_date(at)
    already = db.session.scalar(
        sa.select(sa.func.count()).select_from(Message).where(envelopes.todays(today))
    )
    messages = unwritten = 0
    if _is_working_day(today):
        waiting = _people_waiting(at, window)
        db.session.rollback()
        for group in waiting:
            for written in _queue_group(group, at):
                messages += written or 0
                unwritten += written is None
    return DigestResult(messages, already or 0, unwritten)


def _queue_group(people: list[int], at: datetime) -> list[int | None]:
    """Queue the mails of some people at once; one after the other where something goes wrong with
    one of them. As ``queue_digest`` of each.
    """
    if len(people) > 1:
        try:
            return [_queue(people, at)]
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # Whose mail it is, and why, is found by writing each by itself.
            db.session.rollback()
            log.warning("digests not written together", people=len(people), exc_info=True)
    return [queue_digest(person, at) for person in people]


def queue_digest(person_id: int, at: datetime) -> int | None:
    """Queue one person's mail; how many messages: none when there is nothing to say or another
    worker was first, several for who chose several ways.

    None when it can not be written: that is kept in the outbox with the reason, and their reminders
    wait. A database that is gone is nobody's mail and raises. Commits.
    """
    try:
        return _queue([person_id], at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("digest not written", person=person_id)
        envelopes.note_unwritten(person_id, at, error)
        return None


def _is_working_day(day: date) -> bool:
    found = db.session.get(CalendarDay, day)
    return WorkingCalendar({day: found.working} if found else {}).is_working_day(day)


def _people_waiting(at: datetime, window: Window | None) -> list[list[int]]:
    """Whose mail comes now: for themselves, or because somebody on leave has one waiting.

    In groups that are written together; who stands in for somebody is written to alone.
    """
    today = clock.local_date(at)
    overtaken = (
        sa.select(sa.literal(1))
        .where(Message.recipient_id == User.id, envelopes.overtaken(today))
        .exists()
    )
    planned = (
        sa.select(sa.literal(1))
        .where(Reminder.person_id == User.id, Reminder.state == ReminderState.PLANNED)
        .exists()
    )
    due = sa.or_(planned, overtaken, User.id.in_(people_with_appointments(at)))
    found = set(db.session.scalars(sa.select(User.id).where(User.active, due)))
    if not found:
        return []
    away = away_on(today)
    wanted = set(away.present(found))
    instead: set[int] = set()
    if away.absences:
        everybody = stand_ins(away.absences, away, people_of(today))
        # Whoever could hear of somebody on leave holds that person, too.
        instead = set(everybody)
        wanted |= {one for one, absent in everybody.items() if not found.isdisjoint(absent)}
    has_todays = (
        sa.select(sa.literal(1))
        .where(Message.recipient_id == User.id, envelopes.todays(today))
        .exists()
    )
    query = (
        sa.select(User.id)
        .outerjoin(ReminderSetting, ReminderSetting.person_id == User.id)
        .where(one_of(User.id, wanted), User.active, ~has_todays, written_in(window, today))
        .order_by(User.id)
    )
    people = db.session.scalars(query).all()
    alone = [[person] for person in people if person in instead]
    together = [person for person in people if person not in instead]
    return [*(list(part) for part in _parts(together, TOGETHER)), *alone]


def _parts(people: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(people), size):
        yield people[start : start + size]


@dataclass(frozen=True)
class _Share:
    """Matters that a mail speaks of: the reader's own, or those of somebody on leave."""

    matters: Matters
    for_another: bool = False


class _Overtaken(Exception):
    """Another worker wrote to one of them first."""


def _queue(people: list[int], at: datetime) -> int:
    """Queue the mails of these people in one transaction; how many messages.

    All that they are made of is read once the people are held: two workers write to one person one
    after the other, and the second finds what the first wrote.
    """
    today = clock.local_date(at)
    held = hold_all(people, today)
    had = envelopes.have_todays(people, today)
    held = [person for person in held if person.id not in had]
    if not held:
        db.session.rollback()
        return 0
    away = away_on(today)
    taken_back = envelopes.take_back([person.id for person in held], today)
    gathered = gather(held, away, at)
    messages = 0
    try:
        for person in held:
            one, overtaken = gathered[person.id], taken_back[person.id]
            shares = [_Share(one.matters)] if one.matters else []
            shares += _shares_of_absent(person, away, today, overtaken)
            messages += _Writer(person, one, at, overtaken).write_all(shares)
    except _Overtaken:
        db.session.rollback()
        if len(people) > 1:
            raise
        return 0
    db.session.commit()
    return messages


def _shares_of_absent(
    reader: User, away: Away, today: date, taken_back: dict[int, date]
) -> list[_Share]:
    """What this person hears in place of colleagues who are on leave."""
    if not away.absences or reader.id in away:
        return []
    people: People = people_of(today)
    found = []
    for absent in stand_ins(away.absences, away, people).get(reader.id, ()):
        # A worker whose clock says that they are back writes to them at the same time.
        person = hold(absent)
        if not person.active:
            continue
        taken_back |= envelopes.take_back([absent], today)[absent]
        whole = matters_of(person, today)
        found.append(_Share(share_of(whole, reader, away, people, today), for_another=True))
    return found


class _Writer:
    """Writes what there is to say to one person, by one way after the other."""

    def __init__(
        self, person: User, gathered: Gathered, at: datetime, taken_back: dict[int, date]
    ) -> None:
        self.person = person
        self.gathered = gathered
        self.personal = gathered.personal
        self.at = at
        self.today = clock.local_date(at)
        self.taken_back = taken_back
        self.messages = 0

    def write_all(self, shares: Sequence[_Share]) -> int:
        """Say it by every way; how many messages. Raises _Overtaken."""
        for share in shares:
            _call_off(share.matters.untrue)
        for way in Way:
            self._write(way, shares)
        return self.messages

    def _write(self, way: Way, shares: Sequence[_Share]) -> None:
        """Say what goes this way."""
        kinds = self.personal.kinds(way)
        here = [self._of_kinds(share, kinds) for share in shares]
        if way is Way.APP:
            for share in here:
                self._mark(share, [row.id for row in share.matters.rows], ReminderState.SHOWN)
            return
        whole = [section for share in here for section in self._sections(share)]
        targets = [one for share in here for one in share.matters.targets.values()]
        arranged = self.gathered.arranged if self.personal.way_of(Topic.STEPS) is way else ()
        meets = any(clock.local_date(one.starts_at) == self.today for one in arranged)
        if not (whole or targets or meets):
            return
        shown = headed(cut(whole, MOST))
        facts = DigestFacts(
            person=self.person,
            sections=shown,
            n=sum(len(one.items) for one in whole),
            said_before=self._said_before(shares, here, kinds),
            today=self.today,
            time=self.personal.time_on(self.today),
            unsent_since=min((d for d in self.taken_back.values() if d < self.today), default=None),
            arranged=arranged,
            targets=targets,
            news=self.gathered.news if way is Way.MAIL else (),
            news_since=clock.local_date(self.gathered.since),
        )
        written = write_digest(facts) if way is Way.MAIL else write_brief(facts)
        message_id = envelopes.insert(self.person, written, self.at, way)
        if message_id is None:
            raise _Overtaken
        envelopes.merge(self.taken_back.keys() - {message_id}, message_id)
        self.messages += 1
        self._say(here, written, shown, message_id)

    @staticmethod
    def _of_kinds(share: _Share, kinds: frozenset[RuleKind]) -> _Share:
        """The part of a share that goes one way: the leads of which something new is said."""
        rows = [row for row in share.matters.rows if row.kind in kinds]
        about, keys = {row.key.subject for row in rows}, {row.key for row in rows}
        items = [
            left
            for item in share.matters.items
            if of_lead(item) in about and (left := narrowed(item, lambda due: due.kind in kinds))
        ]
        # What stood first may go another way.
        items.sort(key=lambda item: item.first.sort_key)
        targets = {key: one for key, one in share.matters.targets.items() if key in keys}
        return replace(
            share, matters=replace(share.matters, items=items, rows=rows, targets=targets)
        )

    def _sections(self, share: _Share) -> list[Section]:
        matters = share.matters
        if not matters.items:
            return []
        if share.for_another:
            who = matters.person.name
            n = len(matters.items)
            heading = nmsg("代%(who)s（休假中）：%(n)s 家", n, who=who)
            return [stood_in(matters.items, heading, who)]
        names = _team_names() if self.person.role is Role.MANAGER else None
        return parted(matters.items, self.person.role, names)

    @staticmethod
    def _said_before(
        shares: Sequence[_Share], here: Sequence[_Share], kinds: frozenset[RuleKind]
    ) -> int:
        """Leads of one's own of which everything was said before and is still open."""
        before = [
            item
            for share in shares
            if not share.for_another
            for item in share.matters.items
            if any(due.kind in kinds for due in item.dues)
        ]
        return len(before) - sum(len(one.matters.items) for one in here if not one.for_another)

    def _say(
        self,
        here: Sequence[_Share],
        written: Written,
        shown: Sequence[Section],
        message_id: int,
    ) -> None:
        """Mark what is said. What has no room stays planned and stands in the next message."""
        listed = [of_lead(item) for section in shown for item in section.items][: written.named]
        left = list(listed)
        for share in here:
            theirs = {of_lead(item) for item in share.matters.items}
            # A lead may stand there twice, for two people: the places belong to one after another.
            mine = set(left[: len(theirs)]) & theirs
            left = left[len(theirs) :]
            told = [
                row.id
                for row in share.matters.rows
                if row.key.subject in mine or row.key in share.matters.targets
            ]
            self._mark(share, told, ReminderState.QUEUED, message_id)

    def _mark(
        self,
        share: _Share,
        reminder_ids: list[int],
        state: ReminderState,
        message_id: int | None = None,
    ) -> None:
        deputy = self.person.id if share.for_another else None
        _set_state(reminder_ids, state, message_id=message_id, deputy_id=deputy)


def _team_names() -> dict[str, Name]:
    return {team.code: Name(team.short_zh, team.short_en) for team in teams()}


def _call_off(reminder_ids: list[int]) -> None:
    """Say nothing of what is no longer so, and keep that this is why."""
    _set_state(reminder_ids, ReminderState.CANCELLED, called_off=CalledOff.UNTRUE)


def _set_state(reminder_ids: list[int], state: ReminderState, **also: object) -> None:
    for start in range(0, len(reminder_ids), 1000):
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.id.in_(reminder_ids[start : start + 1000]),
                Reminder.state == ReminderState.PLANNED,
            )
            .values(state=state, **also)
            .execution_options(synchronize_session=False)
        )
