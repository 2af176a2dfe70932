"""Visits of the demo: who met whom, what was said, and whose result it will be."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import Any

from crm.demo import words
from crm.demo.cast import Cast, Person
from crm.demo.names import person_name
from crm.demo.records import LeadFile, Records, Values, later
from crm.demo.story import Event
from crm.visits.rules import is_visit
from models.base import public_id_from
from models.enums import VisitMode

_MODES = (VisitMode.OUT, VisitMode.IN, VisitMode.CALL, VisitMode.VIDEO, VisitMode.MESSAGE)
_MODE_WEIGHTS = tuple(accumulate((26, 9, 42, 8, 15)))
_TOGETHER = frozenset({VisitMode.OUT, VisitMode.IN})


class Meetings:
    """Writes visits and the people in them."""

    def __init__(self, records: Records, cast: Cast, random: Random) -> None:
        self.records = records
        self.random = random
        self.colleagues = {scout.id: cast.colleagues(scout) for scout in cast.scouts}

    def visit(self, event: Event, file: LeadFile, owner: Person) -> Values:
        """A visit of the lead, written down at the event's moment; the columns it sets."""
        random, records = self.random, self.records
        met = event.detail == "met"
        mode = VisitMode.OUT if met else random.choices(_MODES, cum_weights=_MODE_WEIGHTS)[0]
        reached = event.detail != "" or random.random() < 0.8
        arranged = mode is not VisitMode.CALL or random.random() < 0.3
        contact = self._contact(file, owner) if reached else None
        occurred_at = event.at - timedelta(minutes=random.randint(5, 55))
        need = random.choice(words.NEEDS) if reached and random.random() < 0.12 else None
        number = records.bulk.next_id("visit")
        public_id = public_id_from(random)
        visit: dict[str, Any] = {
            "id": number,
            "public_id": public_id,
            "author_id": owner.id,
            "client_key": f"demo-{public_id}",
            "company_id": file.company.id,
            "mode": mode,
            "arranged": arranged,
            "reached": reached,
            "summary": self._summary(mode, contact),
            "need": need,
            "outcome": (random.choice(words.OUTCOMES) or None) if reached else None,
            "occurred_at": occurred_at,
            "recorded_at": event.at,
        }
        records.bulk.add("visit", visit)
        records.trail.created("visit", number, visit)
        records.bulk.add_row("visit_lead", (number, file.values["id"]))
        if mode in _TOGETHER and random.random() < 0.25 and self.colleagues.get(owner.id):
            companion = random.choice(self.colleagues[owner.id])
            records.bulk.add_row("visit_user", (number, companion.id))
        changes: Values = {"need": need} if need else {}
        if contact is not None:
            records.bulk.add_row("visit_contact", (number, contact[0]))
            file.touched = True
            file.visited = file.visited or is_visit(mode, arranged=arranged)
            if later(file.values["last_touch_at"], occurred_at):
                changes["last_touch_at"] = occurred_at
            records.touch(file, occurred_at)
        return changes

    def _summary(self, mode: VisitMode, contact: tuple[int, str] | None) -> str:
        if contact is None:
            return self.random.choice(words.NOT_REACHED)
        said = words.SAID_IN_PERSON if mode in _TOGETHER else words.SAID_REMOTELY
        return self.random.choice(said).replace("{name}", contact[1])

    def _contact(self, file: LeadFile, owner: Person) -> tuple[int, str]:
        known = file.company.contacts
        if known and (len(known) >= 4 or self.random.random() > 0.1):
            return self.random.choice(known)
        names = {name for _, name in known}
        while (name := person_name(self.random)) in names:
            pass
        contact = (self._add_contact(file, owner, name), name)
        known.append(contact)
        return contact

    def _add_contact(self, file: LeadFile, owner: Person, name: str) -> int:
        records, random = self.records, self.random
        contact: dict[str, Any] = {
            "id": records.bulk.next_id("contact"),
            "public_id": public_id_from(random),
            "name": name,
            "phone": f"1380000{random.randint(0, 9999):04d}" if random.random() < 0.8 else None,
            "email": None,
            "wechat": None,
            "team_id": owner.team_id,
            "created_by_id": owner.id,
            "created_at": records.trail.at,
        }
        title = random.choice(words.TITLES)
        role: dict[str, Any] = {
            "id": records.bulk.next_id("contact_role"),
            "contact_id": contact["id"],
            "company_id": file.company.id,
            "title": title,
            "decides": title in words.DECIDING,
            "from_on": None,
            "to_on": None,
        }
        records.bulk.add("contact", contact)
        records.trail.created("contact", contact["id"], contact)
        records.bulk.add("contact_role", role)
        records.trail.created("contact_role", role["id"], role)
        return int(contact["id"])

    def share_credit(self, file: LeadFile, teams: list[int]) -> None:
        """Another team has a part in the result: two shares that sum to the whole."""
        own = file.values["team_id"]
        other = self.random.choice([team for team in teams if team != own])
        agreement = public_id_from(self.random)
        share = self.random.choice((2_000, 3_000, 4_000))
        for team_id, basis_points in ((own, 10_000 - share), (other, share)):
            row: dict[str, Any] = {
                "id": self.records.bulk.next_id("credit_share"),
                "agreement": agreement,
                "lead_id": file.values["id"],
                "user_id": None,
                "team_id": team_id,
                "district_id": None,
                "basis_points": basis_points,
            }
            self.records.bulk.add("credit_share", row)
            self.records.trail.created("credit_share", row["id"], row)
