"""What happens to a lead over the years: pure, from chance alone, on working days only.

A story is a list of events. Whether each may happen is not decided here: the replay asks the
product's own rules, and a story they refuse stops the load.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import NamedTuple

from crm.clock import ZONE, local_date
from crm.leads.stages import position, stage_info
from crm.working_days import WorkingCalendar
from models.enums import Stage, Status

YEARS = 5
STAGES = tuple(Stage)


class What(enum.IntEnum):
    """The kinds of events, in the order of a day."""

    REGISTER = 0
    VISIT = 1
    MOVE = 2
    STEP = 3
    STEP_DONE = 4
    PROMISE = 5
    OFFER = 6


class Event(NamedTuple):
    """Something that was written down at a moment; tuples sort by it."""

    at: datetime
    lead: int
    what: What
    detail: str = ""


class Pace(enum.Enum):
    """How a lead is worked on: left some time ago, late with its next step, or kept up."""

    LEFT = enum.auto()
    LATE = enum.auto()
    KEPT = enum.auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lead comes to: where it ends, how, and how many visits it takes."""

    number: int
    stage: Stage
    status: Status
    visits: int


# How 1,000 leads of five years end: most come to nothing early, and few land.
_ENDS: tuple[tuple[Stage, Status, int], ...] = (
    (Stage.IDENTIFIED, Status.ACTIVE, 120),
    (Stage.ENGAGED, Status.ACTIVE, 125),
    (Stage.NEGOTIATING, Status.ACTIVE, 90),
    (Stage.COMMITTED, Status.ACTIVE, 40),
    (Stage.REGISTERED, Status.ACTIVE, 25),
    (Stage.LANDED, Status.ACTIVE, 80),
    (Stage.IDENTIFIED, Status.ON_HOLD, 15),
    (Stage.ENGAGED, Status.ON_HOLD, 20),
    (Stage.NEGOTIATING, Status.ON_HOLD, 15),
    (Stage.IDENTIFIED, Status.LOST, 240),
    (Stage.ENGAGED, Status.LOST, 155),
    (Stage.NEGOTIATING, Status.LOST, 75),
)
_WEIGHT = {
    Stage.IDENTIFIED: 0.6,
    Stage.ENGAGED: 2.0,
    Stage.NEGOTIATING: 4.0,
    Stage.COMMITTED: 6.0,
    Stage.REGISTERED: 7.0,
    Stage.LANDED: 8.0,
}
_MIN_AGE = {Stage.COMMITTED: 90, Stage.REGISTERED: 120, Stage.LANDED: 180}
# Working days: the oldest that are still worked on in a stage; of the others, all five years.
_MAX_AGE = {Stage.IDENTIFIED: 250, Stage.ENGAGED: 375, Stage.NEGOTIATING: 500}
# Of the active leads, so many have not been in their stage for too long: those that nobody has
# spoken to yet are left soonest.
_IN_TIME_UNTOUCHED = 0.6
_IN_TIME = 0.92
# The office grew: the younger, the more. 1 would be the same number every month.
_GROWTH = 1.3
# Working days: how long ago a late lead was last worked on, or one that was left; and when one
# that is kept up was last visited.
_LATE_SINCE = (1, 14)
_LEFT_SINCE = (25, 140)
_FRESH = 12
# Working days from the first visit to the landing, for those that land.
_TO_LAND = (120, 420)


class Days:
    """The working days of the story, and moments on them."""

    def __init__(self, at: datetime, calendar: WorkingCalendar) -> None:
        self.at = at
        self.calendar = calendar
        today = local_date(at)
        first = today.replace(year=today.year - YEARS, day=min(today.day, 28))
        span = (first + timedelta(days=n) for n in range((today - first).days))
        self.days = [day for day in span if calendar.is_working_day(day)]
        self.last = len(self.days) - 1

    def moment(self, index: int, minute: int, second: int = 0) -> datetime:
        """A minute of a working day, counted from midnight where the teams work."""
        start = datetime.combine(self.days[index], datetime.min.time(), ZONE)
        return (start + timedelta(minutes=minute, seconds=second)).astimezone(timezone.utc)

    def after(self, moment: datetime) -> int:
        """The first working day after a moment, as a place in the story; its last one at most."""
        return min(bisect_right(self.days, local_date(moment)), self.last)

    def before(self, since: date, random: Random) -> date:
        """A day from this one to the last of the story, which is not today."""
        return since + timedelta(days=random.randint(0, max(0, (self.days[-1] - since).days)))

    def near(self, random: Random, low: int, high: int) -> date:
        """A working day between so many days before and after the last one."""
        wanted = self.days[-1] + timedelta(days=random.randint(low, high))
        while wanted.weekday() >= 5:
            wanted += timedelta(days=1)
        return wanted


def plans(random: Random, leads: int, visits: int, firsts: list[Stage]) -> list[Plan]:
    """How each lead ends; the first ones are active in the given stages, for the scouts.

    The visits of all plans sum to ``visits``; stages that the visits can not carry are not reached.
    """
    ends = random.choices(_ENDS, weights=[end[2] for end in _ENDS], k=leads)
    wanted = [
        (firsts[n], Status.ACTIVE) if n < len(firsts) else (end[0], end[1])
        for n, end in enumerate(ends)
    ]
    left = visits
    needs = []
    for n, (stage, status) in enumerate(wanted):
        need = min(2, position(stage))
        if need > left:
            wanted[n], need = (Stage.IDENTIFIED, status), 0
        needs.append(need)
        left -= need
    counts = _shares(random, [stage for stage, _ in wanted], left)
    return [
        Plan(n, stage, status, needs[n] + counts[n]) for n, (stage, status) in enumerate(wanted)
    ]


def _shares(random: Random, stages: list[Stage], visits: int) -> list[int]:
    """Few leads take many visits; a quarter of the young ones nobody has called yet."""
    weights = []
    for stage in stages:
        idle = stage is Stage.IDENTIFIED and random.random() < 0.25
        weights.append(0.0 if idle else _WEIGHT[stage] * min(random.paretovariate(1.3), 12.0))
    if not any(weights):
        weights = [1.0] * len(weights)
    counts = [0] * len(stages)
    for n in random.choices(range(len(stages)), weights=weights, k=visits):
        counts[n] += 1
    return counts


def story(plan: Plan, days: Days, random: Random, earliest: int = 0) -> list[Event]:
    """The events of one lead, in order; none before the day ``earliest``, counted from 0."""
    begin = max(_beginning(plan, days, random), earliest)
    pace = _pace(plan, random)
    end = _ending(plan, pace, begin, days, random)
    events = [Event(days.moment(begin, 510 + random.randint(0, 29)), plan.number, What.REGISTER)]
    visit_days = sorted(random.randint(begin, end) for _ in range(plan.visits))
    if visit_days and pace is not Pace.LEFT:
        visit_days[-1] = max(visit_days[-1], random.randint(max(begin, end - _FRESH), end))
    events += _visits(plan, visit_days, days, random)
    first = visit_days[0] if visit_days else begin
    events += _moves(plan, first, end, days, random)
    if plan.status is Status.ACTIVE:
        events += _present(plan, pace, end, days, random)
    return sorted(events)


def _beginning(plan: Plan, days: Days, random: Random) -> int:
    oldest = days.last
    if plan.status is Status.ACTIVE:
        if plan.stage is Stage.IDENTIFIED and random.random() < _IN_TIME_UNTOUCHED:
            return days.last - random.randint(0, _window(plan.stage))
        oldest = min(oldest, _MAX_AGE.get(plan.stage, oldest))
    age = int((oldest - 3) * random.random() ** _GROWTH) + 2
    return days.last - min(days.last, max(age, _MIN_AGE.get(plan.stage, 2)))


def _at_most(stage: Stage, random: Random) -> int:
    """So many working days an active lead has been in its stage: most are not yet stalled."""
    return _window(stage) if random.random() < _IN_TIME else _LEFT_SINCE[1]


def _window(stage: Stage) -> int:
    """Within so many working days a move into the stage leaves it not yet stalled."""
    return (stage_info(stage).stalled_after or 365) * 5 // 7 - 2


def _pace(plan: Plan, random: Random) -> Pace:
    chance = random.random()
    if plan.status is not Status.ACTIVE:
        return Pace.LEFT if chance < 0.85 else Pace.KEPT
    if chance < 0.06:
        return Pace.LEFT
    return Pace.LATE if chance < 0.1 else Pace.KEPT


def _ending(plan: Plan, pace: Pace, begin: int, days: Days, random: Random) -> int:
    """The last day on which something was written."""
    rest = days.last - begin
    if pace is Pace.LATE:
        return max(begin, days.last - random.randint(*_LATE_SINCE))
    if pace is Pace.KEPT or rest <= 40 or plan.stage in _MIN_AGE:
        return days.last
    if plan.status is Status.ACTIVE:
        return max(begin, days.last - random.randint(*_LEFT_SINCE))
    return begin + int(rest * (0.3 + 0.6 * random.random()))


def _visits(plan: Plan, on: list[int], days: Days, random: Random) -> list[Event]:
    events = []
    for place, index in enumerate(on):
        # The first visit of a lead that went on was a real one: somebody was met.
        went_on = place == 0 and plan.stage is not Stage.IDENTIFIED
        how = "met" if went_on else "reached" if place == len(on) - 1 else ""
        moment = days.moment(index, 570 + random.randint(0, 480), random.randint(0, 59))
        events.append(Event(moment, plan.number, What.VISIT, how))
    return events


def _moves(plan: Plan, first: int, end: int, days: Days, random: Random) -> list[Event]:
    acts = _acts(plan, random)
    settled = [act for act in acts if act in {"lost", "held"}]
    by = min(end, first + random.randint(*_TO_LAND)) if plan.stage is Stage.LANDED else end
    free = sorted(random.randint(first, by) for _ in range(len(acts) - len(settled)))
    if free and plan.status is Status.ACTIVE and plan.stage is not Stage.LANDED:
        since = days.last - _at_most(plan.stage, random)
        recent = random.randint(max(first, since), days.last)
        free[-1] = max(free[-1], recent)
    on = free + [end] * len(settled)
    events: list[Event] = []
    for place, (index, act) in enumerate(zip(on, acts, strict=True)):
        if act == Stage.COMMITTED:
            events += _offers(plan, first, index, days, random)
        events.append(Event(days.moment(index, 1085 + 2 * place), plan.number, What.MOVE, act))
    return events


def _offers(plan: Plan, first: int, signed: int, days: Days, random: Random) -> list[Event]:
    """What is offered before the signing: approved, some at the second try, or nothing is asked."""
    begin = max(first, signed - random.randint(2, 12))
    chance = random.random()
    steps = ["nothing"] if chance < 0.3 else ["propose", "approve"]
    if chance > 0.85:
        steps = ["propose", "refuse", *steps]
    on = sorted(random.randint(begin, signed) for _ in steps)
    return [
        Event(
            days.moment(index, 600 + 100 * place + random.randint(0, 59)),
            plan.number,
            What.OFFER,
            step,
        )
        for place, (index, step) in enumerate(zip(on, steps, strict=True))
    ]


def _acts(plan: Plan, random: Random) -> list[str]:
    """The moves in order: stages, and words for holds, losses and what ends them."""
    path = [str(stage) for stage in STAGES[1 : position(plan.stage) + 1]]
    if len(path) >= 2 and random.random() < 0.08:
        # Came back a stage once and went on again.
        path[1:2] = [path[1], f"back {path[0]}", path[1]]
    if random.random() < 0.06:
        place = random.randint(0, len(path))
        path[place:place] = ["hold", "wake"]
    if path and random.random() < 0.02:
        path[len(path) :] = ["lose", "reopen"]
    endings = {Status.ON_HOLD: ["held"], Status.LOST: ["lost"], Status.ACTIVE: []}
    return path + endings[plan.status]


def _present(plan: Plan, pace: Pace, end: int, days: Days, random: Random) -> list[Event]:
    """What stands open now: most leads have a next step ahead, few are late, some have none."""
    recent = end if pace is Pace.LATE else max(end, days.last - random.randint(0, 15))
    chance = random.random()
    events = []
    if pace is Pace.LATE or chance < 0.78:
        detail = "late" if pace is Pace.LATE else "today" if chance < 0.04 else "ahead"
        events.append(Event(days.moment(recent, 1130), plan.number, What.STEP, detail))
    else:
        events.append(Event(days.moment(recent, 1130), plan.number, What.STEP_DONE))
    if position(plan.stage) >= position(Stage.NEGOTIATING) and random.random() < 0.12:
        events.append(Event(days.moment(recent, 1140), plan.number, What.PROMISE))
    if plan.stage is Stage.NEGOTIATING and (chance := random.random()) < 0.14:
        events.append(Event(days.moment(recent, 1145), plan.number, What.OFFER, "propose"))
        if chance < 0.04:
            events.append(Event(days.moment(recent, 1150), plan.number, What.OFFER, "refuse"))
    return events
