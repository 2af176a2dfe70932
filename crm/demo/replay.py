"""Plays the story: each event becomes the records that the product would have written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from crm.clock import local_date
from crm.demo import words
from crm.demo.cast import Cast, Person
from crm.demo.companies import MadeUp
from crm.demo.later import Later
from crm.demo.meetings import Meetings
from crm.demo.offers import Offers
from crm.demo.places import City
from crm.demo.records import Company, LeadFile, Records, Values
from crm.demo.story import STAGES, Days, Event, What
from crm.leads.rules import MoveRequest
from models.base import public_id_from
from models.enums import SIGNED, Every, Role, Side, Stage, Status, TaskKind, TaskState

WAN = 10_000
SEGMENT_SOURCE = "lead"


class Replay:
    """All that the story knows while it is told."""

    def __init__(
        self,
        records: Records,
        later: Later,
        offers: Offers,
        meetings: Meetings,
        *,
        made_up: MadeUp,
        city: City,
        cast: Cast,
        days: Days,
        owners: list[Person],
        slots: list[list[Company]],
        random: Random,
    ) -> None:
        self.records = records
        self.later = later
        self.offers = offers
        self.meetings = meetings
        self.made_up = made_up
        self.city = city
        self.cast = cast
        self.days = days
        self.owners = owners
        self.slots = slots
        self.random = random
        self.files: dict[int, LeadFile] = {}
        self._told: dict[What, Callable[[Event, LeadFile, date], None]] = {
            What.VISIT: self._visit,
            What.MOVE: self._move,
            What.STEP: self._step,
            What.STEP_DONE: self._step_done,
            What.PROMISE: self._promise,
            What.OFFER: self._offer,
        }

    def run(self, events: list[Event]) -> None:
        """Tell all events, the last of the list first; the list is used up, for it is long."""
        trail, bulk = self.records.trail, self.records.bulk
        while events:
            event = events.pop()
            owner = self.owners[event.lead]
            trail.open(event.at, self._actor(event, owner))
            today = local_date(event.at)
            if event.what is What.REGISTER:
                self._register(event, owner, today)
            else:
                self._told[event.what](event, self.files[event.lead], today)
            self.made_up.room()
            bulk.room()

    def _actor(self, event: Event, owner: Person) -> int:
        """Who does it: an offer is decided by a manager, all else is the owner's work."""
        decides = event.what is What.OFFER and event.detail in {"approve", "refuse"}
        return self.cast.others[Role.MANAGER].id if decides else owner.id

    def companies(self) -> list[Company]:
        """Every company that a lead is about, and the local ones they led to."""
        known = {slot[0].id: slot[0] for slot in self.slots if slot}
        for company in list(known.values()):
            known |= {relative.id: relative for relative in company.relatives}
        return list(known.values())

    def _register(self, event: Event, owner: Person, today: date) -> None:
        slot = self.slots[event.lead]
        if not slot:
            slot.append(self.made_up.make())
        company = slot[0]
        segment = self.city.segment_for(company.name, self.random)
        file = LeadFile(self._columns(event, owner, company, segment, today), company)
        self.records.new_lead(file, today)
        if segment not in company.segments:
            company.segments.add(segment)
            self.records.bulk.add_row("company_segment", (company.id, segment, SEGMENT_SOURCE))
        if self.random.random() < 0.85:
            due = self._soon(today, 1, 12)
            self.records.new_step(file, words.NEXT_STEPS[self.random.randint(0, 2)], due)
            file.values["next_step_on"] = due
        self.records.insert_lead(file)
        self.files[event.lead] = file

    def _columns(
        self, event: Event, owner: Person, company: Company, segment: int, today: date
    ) -> Values:
        random = self.random
        site = self.city.site_for(segment, random) if random.random() < 0.6 else (None, None)
        project = random.choice(words.PROJECTS)
        if any(lead.values["project"] == project for lead in company.leads):
            project = f"{today.year} 年第 {len(company.leads) + 1} 个项目"
        return {
            "id": self.records.bulk.next_id("lead"),
            "public_id": public_id_from(random),
            "company_id": company.id,
            "project": project,
            "segment_id": segment,
            "channel_id": random.choice(self.city.channels),
            "owner_id": owner.id,
            "team_id": owner.team_id,
            "liaison_id": None,
            "district_id": site[0],
            "park_id": site[1],
            "stage": Stage.IDENTIFIED,
            "status": Status.ACTIVE,
            "hold_until": None,
            "need": None,
            "space_m2": None,
            "planned_investment_cny": self._investment() if random.random() < 0.45 else None,
            "planned_revenue_cny": None,
            "planned_headcount": None,
            "signed_investment_cny": None,
            "expected_signing_on": None,
            "expected_landing_on": None,
            "signed_on": None,
            "registered_on": None,
            "landed_on": None,
            "created_at": event.at,
            "created_by_id": owner.id,
            "updated_at": event.at,
            "version": 1,
            "stage_since": today,
            "held_since": None,
            "held_days": 0,
            "stalls_on": None,
            "next_step_on": None,
            "last_touch_at": company.last_touch_at if company.leads else None,
        }

    def _investment(self) -> int:
        return (
            int(min(self.random.lognormvariate(7.6, 0.9), 200_000)) // 100 * 100 * WAN + 500 * WAN
        )

    def _soon(self, today: date, low: int, high: int) -> date:
        """A weekday some days ahead."""
        day = today + timedelta(days=self.random.randint(low, high))
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)

    def _visit(self, event: Event, file: LeadFile, today: date) -> None:
        changes = self.meetings.visit(event, file, self.owners[event.lead])
        if self.random.random() < 0.45:
            due = self._soon(today, 2, 28)
            self.records.new_step(file, self._step_text(file), due)
            changes["next_step_on"] = due
        self.records.change_lead(file, changes, now=event.at)

    def _step_text(self, file: LeadFile) -> str:
        stage = file.values["stage"]
        if stage is Stage.LANDED:
            return self.random.choice(words.AFTER_STEPS)
        if stage in SIGNED:
            return self.random.choice(words.LATER_STEPS)
        return self.random.choice(words.NEXT_STEPS)

    def _move(self, event: Event, file: LeadFile, today: date) -> None:
        word, _, stage = event.detail.partition(" ")
        if word in STAGES:
            wanted = Stage(word)
            filled = self._fill(file, wanted, today)
            if filled:
                self.records.change_lead(file, filled, now=event.at)
            request = MoveRequest(to_stage=wanted)
        else:
            request = self._turn(word, stage, today)
        if file.values["status"] is Status.LOST and word != "reopen":
            return
        self.records.change_lead(file, self.records.move(file, request, today), now=event.at)
        if request.to_stage in SIGNED:
            self.offers.answer(file)

    def _turn(self, word: str, stage: str, today: date) -> MoveRequest:
        """A move that is no step forward: back, held, woken, lost, opened again."""
        pick = self.random.choice
        if word == "back":
            return MoveRequest(to_stage=Stage(stage), reason=pick(words.RETURN_REASONS))
        if word in {"hold", "held"}:
            until = today + timedelta(days=self.random.randint(30, 150))
            if word == "held":
                until = max(self.days.near(self.random, -10, 120), today + timedelta(days=7))
            return MoveRequest(
                to_status=Status.ON_HOLD, hold_until=until, reason=pick(words.HOLD_REASONS)
            )
        if word == "wake":
            return MoveRequest(to_status=Status.ACTIVE, reason=pick(words.WAKE_REASONS))
        if word == "reopen":
            return MoveRequest(to_status=Status.ACTIVE, reason=pick(words.REOPEN_REASONS))
        return MoveRequest(to_status=Status.LOST, reason=pick(words.LOSS_REASONS))

    def _fill(self, file: LeadFile, stage: Stage, today: date) -> Values:
        """What a person fills in so that the lead may enter the stage."""
        lead = file.values
        if stage is Stage.ENGAGED:
            return {} if lead["need"] else {"need": self.random.choice(words.NEEDS)}
        if stage is Stage.NEGOTIATING:
            return self._terms(file, today)
        if stage is Stage.COMMITTED:
            return self.later.commit(file, today)
        if stage is Stage.REGISTERED:
            return self.later.register(file, today)
        return self.later.land(file, today)

    def _terms(self, file: LeadFile, today: date) -> Values:
        lead, random = file.values, self.random
        investment = lead["planned_investment_cny"] or self._investment()
        terms: Values = {
            "planned_investment_cny": investment,
            "planned_revenue_cny": lead["planned_revenue_cny"]
            or int(investment * random.choice((1, 1.5, 2, 3))),
            "planned_headcount": lead["planned_headcount"] or random.randint(3, 40) * 5,
            "space_m2": lead["space_m2"] or random.randint(2, 50) * 100,
            "expected_signing_on": self._soon(today, 60, 240),
        }
        if lead["district_id"] is None:
            site = self.city.site_for(lead["segment_id"], random)
            terms |= {"district_id": site[0], "park_id": site[1]}
        if file.step is None:
            due = self._soon(today, 3, 21)
            self.records.new_step(file, self._step_text(file), due)
            terms["next_step_on"] = due
        if lead["liaison_id"] is None and random.random() < 0.15:
            terms["liaison_id"] = self.cast.others[Role.LIAISON_LEADER].id
        if random.random() < 0.3:
            self.later.paper(file, random.choice(words.PAPERS))
        if random.random() < 0.06:
            self.meetings.share_credit(file, sorted(self.city.teams.values()))
        return terms

    def _step(self, event: Event, file: LeadFile, today: date) -> None:
        """What stands open now: late (by a day at least), due today, or ahead."""
        if event.detail == "late":
            due = self.days.before(today, self.random)
        elif event.detail == "today":
            due = local_date(self.days.at)
        else:
            due = self._soon(local_date(self.days.at), 1, 30)
        self.records.new_step(file, self._step_text(file), due)
        changes: Values = {"next_step_on": due}
        lead = file.values
        if lead["stage"] is Stage.NEGOTIATING:
            changes["expected_signing_on"] = self.days.near(self.random, -4, 150)
        elif lead["stage"] in {Stage.COMMITTED, Stage.REGISTERED}:
            changes["expected_landing_on"] = self.days.near(self.random, -4, 240)
        self.records.change_lead(file, changes, now=event.at)

    def _step_done(self, event: Event, file: LeadFile, today: date) -> None:
        if file.step is not None:
            self.records.close_step(file, TaskState.DONE)
            self.records.change_lead(file, {"next_step_on": None}, now=event.at)

    def _promise(self, event: Event, file: LeadFile, today: date) -> None:
        due = max(today, self.days.near(self.random, -2, 20))
        if self.random.random() < 0.5:
            self._promised(file, self.random.randrange(len(words.PROMISES)), due)
        else:
            text, boss = self.random.choice(words.DIRECTIVES), self.cast.others[Role.MANAGER].id
            self.records.task(file, TaskKind.DIRECTIVE, text, due, by=boss)

    def _promised(self, file: LeadFile, number: int, due: date) -> None:
        """Of every second lead it is theirs, and then a colleague is to report every month."""
        key = self.records.bulk.sheets["task"].last_id + 1
        side = Side.OURS if file.values["id"] % 2 else Side.THEIRS
        text = (words.PROMISES if side is Side.OURS else words.THEIRS)[number]
        task = self.records.task(file, TaskKind.PROMISE, text, due)
        self.records.beside("promise", task["id"], {"side": side})
        if side is Side.THEIRS:
            # By a chance of its own: the story is the same as without it.
            work = self.records.task(
                file,
                TaskKind.TASK,
                words.TO_DO[number],
                due,
                chance=Random(key),  # noqa: S311 (a story)
            )
            rhythm = {"every": 1, "unit": Every.MONTH, "starts_on": due, "number": 0}
            self.records.beside("recurrence", work["id"], rhythm)

    def _offer(self, event: Event, file: LeadFile, today: date) -> None:
        if event.detail == "nothing":
            self.offers.state_nothing(file)
        elif event.detail == "propose":
            self.offers.propose(file)
        else:
            self.offers.decide(file, self.cast.others[Role.MANAGER].id, event.detail)
