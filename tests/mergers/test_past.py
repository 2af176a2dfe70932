"""What was printed of the pipeline before two companies became one is printed for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm import clock
from crm.mergers.service import merge, part
from models.company import Company
from tests.leads.making import a_lead, actor_of
from tests.mergers.making import GONE, STAYS
from tests.people import People
from tests.reports.test_past import START, leads_of, printed


def test_a_merger_and_its_undoing_leave_the_past_as_it_was(session: Any, people: People) -> None:
    scout, boss = people.scout(), actor_of(people.manager())
    hour = timedelta(hours=1)
    before, merged, parted = START + hour, START + 2 * hour, START + 4 * hour
    with clock.standing_at(START):
        first, second = a_lead(scout, GONE, project="研发"), a_lead(scout, STAYS, project="总部")
        gone, stays = (session.get_one(Company, lead.company_id) for lead in (first, second))
        ids, lead_id = (gone.public_id, stays.public_id), first.public_id
    kept = {}

    def look(*moments: Any) -> None:
        for known_at in moments:
            for effective_at in (None, START + hour / 2):
                text = printed(known_at, effective_at)
                assert kept.setdefault((known_at, effective_at), text) == text

    with clock.standing_at(before):
        look(before)
    with clock.standing_at(merged):
        merger = merge(*ids, boss, clock.now()).public_id
        session.commit()
    with clock.standing_at(merged + hour):
        look(before, merged + hour)
    with clock.standing_at(parted):
        part(ids[1], merger, boss)
        session.commit()
    with clock.standing_at(parted + hour):
        look(before, merged + hour, parted + hour)
    at = [
        leads_of(kept[moment, None])[lead_id] for moment in (before, merged + hour, parted + hour)
    ]
    assert [lead["company"] for lead in at] == [ids[0], ids[1], ids[0]]
    assert [lead["company_name"] for lead in at] == [GONE, STAYS, GONE]
    # No lead is printed twice, or not at all.
    assert {len(leads_of(text)) for text in kept.values()} == {2}
