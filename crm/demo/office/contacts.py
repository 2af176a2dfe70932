"""People of theirs whom nobody met yet: whom to call at companies where nobody was known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from crm.clock import local_date
from crm.demo import words
from crm.demo.names import person_name
from crm.demo.office.pen import Act, Make
from crm.demo.office.scene import LeadSeen, Scene, new

A_LEAD, LEAST, MOST = 0.12, 2, 1_500
TWO = 0.3


def contacts(scene: Scene) -> Iterator[Act]:
    """One or two at some of the companies where nobody is known; at the others nobody is."""
    random = scene.chance("contacts")
    by_company = {lead.company_id: lead for lead in reversed(scene.leads)}
    known = scene.contacts_of(by_company)
    unknown = [lead for lead in by_company.values() if lead.company_id not in known]
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    for lead in scene.spread(unknown, min(wanted, len(unknown) * 2 // 3), random):
        for _ in range(2 if random.random() < TWO else 1):
            yield _of(random, lead)


def _of(random: Random, lead: LeadSeen) -> Act:
    at = lead.created_at + timedelta(minutes=random.randint(2, 20))
    number = f"{random.randint(0, 9999):04d}"
    title = random.choice(words.TITLES)
    person = new(
        random,
        name=person_name(random),
        phone=f"1390000{number}" if random.random() < 0.7 else None,
        email=f"contact{number}@company.example" if random.random() < 0.5 else None,
        wechat=f"demo_{number}" if random.random() < 0.4 else None,
        team_id=lead.team_id,
        created_by_id=lead.owner_id,
        created_at=at,
    )
    role = {
        "contact_id": person,
        "company_id": lead.company_id,
        "title": title,
        "decides": title in words.DECIDING,
        "from_on": local_date(at),
    }
    return Act(at, lead.owner_id, (Make("contact", person), Make("contact_role", role)))
