"""Further leads, receptions and corrections; both engines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.errors import Forbidden, Refusal
from crm.visits.edits import amendments_of, edit_visit, own_visit
from crm.visits.service import log_visit
from models.company import CompanyRelation, RelationKind
from models.enums import VisitMode
from models.task import Task
from models.visit import Reception, VisitLead, VisitUser
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People
from tests.visits.test_service import HOUR_AGO, visit_of


def test_further_leads_of_the_group_are_touched_and_learn_nothing(
    session: Any, people: People
) -> None:
    scout = people.scout()
    lead, sister, stranger = (
        a_lead(scout),
        a_lead(scout, next_step="等", next_step_on=TODAY),
        a_lead(scout),
    )
    session.add(
        CompanyRelation(
            parent_id=lead.company_id,
            child_id=sister.company_id,
            kind=RelationKind.SUBSIDIARY,
        )
    )
    session.commit()
    said = visit_of(
        lead,
        leads=(sister.public_id,),
        need="先租 3000㎡",
        planned_headcount=80,
        next_step="发方案",
        next_step_on=TODAY,
        rival_cities=" 苏州、合肥 ",
    )
    visit = log_visit(said, actor_of(scout), NOW).visit
    session.commit()
    about = sa.select(VisitLead.lead_id).where(VisitLead.visit_id == visit.id)
    assert set(session.scalars(about)) == {lead.id, sister.id}
    assert visit.rival_cities == "苏州、合肥"
    assert (lead.need, lead.planned_headcount) == ("先租 3000㎡", 80)
    assert (sister.need, sister.planned_headcount, sister.last_touch_at) == (None, None, HOUR_AGO)
    steps = session.scalars(sa.select(Task.text).where(Task.lead_id == sister.id)).all()
    assert steps == ["等"]
    wrong = visit_of(lead, client_key="key-00000002", leads=(stranger.public_id,))
    with pytest.raises(Refusal) as refusal:
        log_visit(wrong, actor_of(scout), NOW)
    assert list(refusal.value.errors) == ["leads"]


def test_a_reception_is_kept_of_who_came_to_us_only(session: Any, people: People) -> None:
    scout, elsewhere = people.scout(), people.manager()
    lead = a_lead(scout)
    plan = {"reception_host": "周局长", "reception_place": "智创园 2 号楼"}
    came = visit_of(lead, mode=VisitMode.IN, companions=(elsewhere.public_id,), **plan)
    went = visit_of(lead, client_key="key-00000002", **plan)
    visit = log_visit(came, actor_of(scout), NOW).visit
    log_visit(went, actor_of(scout), NOW)
    session.commit()
    kept = session.scalars(sa.select(Reception)).all()
    assert [(one.visit_id, one.host, one.place, one.materials) for one in kept] == [
        (visit.id, "周局长", "智创园 2 号楼", "")
    ]
    ours = sa.select(VisitUser.user_id).where(VisitUser.visit_id == visit.id)
    assert session.scalars(ours).all() == [elsewhere.id]


def test_a_reception_is_put_right_like_the_rest_of_its_visit(
    app: Flask, session: Any, people: People
) -> None:
    scout = people.scout()
    lead, now = a_lead(scout), clock.now()
    visit = log_visit(visit_of(lead, mode=VisitMode.IN), actor_of(scout), now).visit
    visit.recorded_at = now - timedelta(days=2)
    session.commit()
    client, path = Client(app).sign_in(scout.email), f"/visits/{visit.public_id}"
    page = client.get(f"{path}/edit").text
    read = re.findall(r'name="read"[^>]*value="([^"]*)"', page)[0]
    plan = {"reception_host": "周局长", "reception_place": "智创园", "reception_materials": ""}
    long = client.post(f"{path}/edit", {**plan, "read": read, "reception_host": "长" * 201})
    assert (long.status_code, 'data-field="reception_host"' in long.text) == (422, True)
    assert client.post(f"{path}/edit", {**plan, "read": read}).status_code == 302
    shown = client.get(path).text
    assert "周局长" in shown
    assert re.search("改过：.*谁接待.*接待地点", shown, re.DOTALL)
    # One who went out after all was not received; what was written is there when they did come.
    edit_visit(own_visit(actor_of(scout), visit.public_id), {"mode": "out"}, actor_of(scout), now)
    session.commit()
    assert "周局长" not in client.get(path).text


def test_the_author_puts_right_what_was_said_and_after_a_day_it_shows(
    session: Any, people: People
) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout)
    now = clock.now()
    happened = now - timedelta(days=8)
    visit = log_visit(visit_of(lead, occurred_at=happened), actor_of(scout), now).visit
    session.commit()
    assert visit.back_dated
    words = {"summary": "谈了两处场地", "need": "", "outcome": "再谈", "rival_cities": ""}
    edit_visit(
        own_visit(actor_of(scout), visit.public_id),
        words,
        actor_of(scout),
        now + timedelta(hours=23),
    )
    session.commit()
    assert (visit.summary, visit.amended_at, amendments_of(visit)) == ("谈了两处场地", None, [])
    with pytest.raises(Forbidden):
        own_visit(actor_of(colleague), visit.public_id)
    # The trail tells time by the real clock: let the visit be of the day before yesterday.
    visit.recorded_at = now - timedelta(days=2)
    session.commit()
    late = {**words, "need": "3000㎡"}
    edit_visit(own_visit(actor_of(scout), visit.public_id), late, actor_of(scout), now)
    session.commit()
    assert visit.amended_at == now
    (told,) = [one for one in amendments_of(visit) if len(one.fields) == 1]
    assert [str(one.label) for one in told.fields] == ["企业诉求"]
    with pytest.raises(Refusal) as refusal:
        edit_visit(visit, {**late, "outcome": "长" * 401}, actor_of(scout), now)
    assert list(refusal.value.errors) == ["outcome"]
    session.rollback()
