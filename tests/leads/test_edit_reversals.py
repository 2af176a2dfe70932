"""An edit is taken back: by who made it, field by field, never over what somebody else changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm import audit, clock
from crm.access import Actor
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.formats import say
from crm.leads.edit_reversals import number_of_edit, reverse_edit
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from models.audit import Change, ChangeSet
from models.enums import Via
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import a_lead, actor_of
from tests.people import People


def edited(session: Any, lead: Lead, who: Actor, **edit: Any) -> int:
    """Edit, commit, and say under which number."""
    with audit.acting(who.id, Via.WEB):
        done = edit_lead(lead.public_id, LeadEdit(**edit), who, clock.now())  # type: ignore[typeddict-item]
        session.flush()
    number = number_of_edit(done)
    session.commit()
    assert number
    return number


def test_the_whole_form_is_put_back_and_both_ways_stay_in_the_trail(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead, who = a_lead(scout), actor_of(scout)
    before = (lead.need, lead.project, lead.park_id, lead.district_id, lead.segment_id)
    edited(session, lead, who, need="要人才公寓", project="研发中心", place="park:nanhu")
    number = edited(session, lead, who, need="要场地", planned_headcount=60, place="")
    reverse_edit(lead.public_id, number, who, clock.now())
    session.commit()
    assert (lead.need, lead.project, lead.planned_headcount) == ("要人才公寓", "研发中心", None)
    assert lead.park_id is not None
    with pytest.raises(Conflict):
        reverse_edit(lead.public_id, number, who, clock.now())
    first = session.scalar(sa.select(sa.func.min(Change.seq)).where(Change.field == "need"))
    reverse_edit(lead.public_id, first, who, clock.now())
    session.commit()
    assert before == (lead.need, lead.project, lead.park_id, lead.district_id, lead.segment_id)
    reasons = session.scalars(
        sa.select(ChangeSet.reason)
        .join(Change, Change.change_set_id == ChangeSet.id)
        .where(Change.subject == "lead", Change.field == "need")
        .order_by(Change.id)
    ).all()
    assert reasons == [None, None, "撤销", "撤销"]


def test_what_somebody_changed_since_is_named_and_left(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="沈立军")
    lead, who = a_lead(scout), actor_of(scout)
    number = edited(session, lead, who, need="要场地", space_m2=900, place="park:nanhu")
    edited(session, lead, actor_of(boss), planned_headcount=80)
    edited(session, lead, actor_of(boss), space_m2=700, place="district:nanhu")
    with pytest.raises(Conflict) as again:
        reverse_edit(lead.public_id, number, who, clock.now())
    said = say(again.value.message)
    assert "沈立军" in said
    assert "“载体需求”" in said
    assert "“意向园区”" in said
    assert "诉求" not in said
    session.rollback()
    assert (lead.need, lead.space_m2) == ("要场地", 700)
    # What they changed beside it is no hindrance.
    edited(session, lead, actor_of(boss), space_m2=900, place="park:nanhu")
    reverse_edit(lead.public_id, number, who, clock.now())
    assert (lead.need, lead.space_m2, lead.planned_headcount) == (None, None, 80)


def test_only_ones_own_only_for_a_while_and_only_an_edit(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead, who = a_lead(scout), actor_of(scout)
    number = edited(session, lead, who, need="要场地")
    with pytest.raises(Forbidden):
        reverse_edit(lead.public_id, number, actor_of(boss), clock.now())
    with pytest.raises(NotFound):
        reverse_edit(lead.public_id, number, actor_of(people.scout("chengdu")), clock.now())
    with pytest.raises(NotFound):
        reverse_edit(lead.public_id, number + 9, who, clock.now())
    with pytest.raises(Refusal):
        reverse_edit(lead.public_id, 1, who, clock.now())
    with pytest.raises(Refusal):
        reverse_edit(lead.public_id, number, who, clock.now() + timedelta(minutes=11))


def test_the_form_and_the_timeline_offer_it(client: Client, session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    page = f"/leads/{lead.public_id}"
    client.sign_in(scout.email)
    read = re.search(r'name="read" type="hidden" value="([^"]+)"', client.get(f"{page}/edit").text)
    assert read
    client.post(f"{page}/edit", {"need": "要场地", "read": read[1]})
    shown = client.get(page).text
    ways = re.findall(rf'action="({page}/edits/\d+/reversal)"', shown)
    assert len(ways) == 2  # the toast's and the timeline's
    assert ways[0] == ways[1]
    client.post(ways[0])
    shown = client.get(page).text
    assert "已撤销。" in shown
    assert "撤销修改" in shown
    assert "/reversal" not in shown
    session.expire_all()
    assert lead.need is None
    client.post(ways[0])
    assert "已经撤销了" in client.get(page).text
    # A save that changes nothing has nothing to take back.
    client.post(f"{page}/edit", {"need": "", "read": read[1]})
    assert "/reversal" not in client.get(page).text.split("timeline-entries")[0]
