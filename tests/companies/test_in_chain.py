"""Whatever companies do and become, the chain's numbers are a recount."""

from __future__ import annotations

from functools import partial
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from crm.chain.queries import Node, tree
from crm.companies import in_chain, service
from crm.companies.archiving import archive_company, restore_company
from crm.leads import in_chain as leads_in_chain
from crm.leads.service import note_segment
from crm.trash.purging import purge
from models.archive import ArchiveEntry
from models.company import Company
from models.enums import Stage
from models.segment import Segment
from tests.at_once import at_once
from tests.leads.making import NOW, SEGMENT, a_lead, actor_of
from tests.people import People

PAIR = ("FND-DB", "FND-OS-DIST")


def _numbers(session: Any, people: People) -> dict[str, tuple[int, int, int]]:
    """Companies, leads and landed ones of each segment that has any, as the manager sees them."""
    session.commit()
    assert not in_chain.wrong(session())
    assert not leads_in_chain.wrong(session())
    found: dict[str, tuple[int, int, int]] = {}
    nodes: list[Node] = tree(actor_of(people.manager()))
    while nodes:
        node = nodes.pop()
        nodes += node.children
        counts = (node.counts.companies, node.counts.leads, node.counts.landed)
        if any(counts):
            found[node.segment.code] = counts
    return found


def _companies(session: Any, people: People) -> dict[str, int]:
    return {code: counts[0] for code, counts in _numbers(session, people).items() if counts[0]}


def _company(name: str, *segments: str) -> Company:
    company = service.create_company(name, now=NOW)
    service.set_segments(company, segments)
    return company


def test_companies_count_once_wherever_they_stand(app: Flask, session: Any, people: People) -> None:
    admin = people.administrator()
    first, second = _company("云知声有限公司", *PAIR), _company("用友有限公司", "FND-DB")
    both = {"FND": 2, "FND-DB": 2, "FND-OS-DIST": 1}
    assert _companies(session, people) == both
    service.set_segments(first, ["FND-DB"])
    assert _companies(session, people) == {"FND": 2, "FND-DB": 2}
    service.set_segments(first, PAIR)
    archive_company(first.public_id, "重复", actor_of(admin), NOW)
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1}
    # One that is put away and loses a segment: it counted nowhere and counts nowhere.
    service.set_segments(first, ["FND-DB"])
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1}
    restore_company(first.public_id, actor_of(admin))
    assert _companies(session, people) == {"FND": 2, "FND-DB": 2}
    first.merged_into_id = second.id
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1}
    first.merged_into_id = None
    service.set_segments(first, PAIR)
    assert _companies(session, people) == both
    archive_company(first.public_id, "重复", actor_of(admin), NOW)
    session.commit()
    entry = session.scalars(sa.select(ArchiveEntry)).one()
    purge(entry.public_id, "清除", actor_of(admin), app.extensions["crm.files"])
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1}
    in_chain.rebuild(session())
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1}


def test_leads_count_on_their_own_segment(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_lead(people.scout("chengdu"))
    assert _numbers(session, people)[SEGMENT] == (2, 2, 0)
    lead.stage = Stage.LANDED
    assert _numbers(session, people)[SEGMENT] == (2, 1, 1)
    leads_in_chain.rebuild(session())
    assert _numbers(session, people)[SEGMENT] == (2, 1, 1)


def test_two_segments_of_one_company_at_once(app: Flask, session: Any, people: People) -> None:
    """Each makes the company count on what is above both; together it counts there once."""
    company = _company("云知声有限公司").id
    actor = actor_of(people.manager())
    found = sa.select(Segment.id).where(Segment.code.in_(PAIR)).order_by(Segment.code)
    segments = session.scalars(found).all()
    session.commit()
    deeds = {str(key): (actor, partial(note_segment, company, key)) for key in segments}
    assert at_once(app, deeds) == dict.fromkeys(deeds, "done")
    assert _companies(session, people) == {"FND": 1, "FND-DB": 1, "FND-OS-DIST": 1}


def test_the_migration_counts_what_is_there(session: Any, people: People) -> None:
    _company("云知声有限公司", *PAIR)
    gone = _company("用友有限公司", "FND-DB")
    archive_company(gone.public_id, "重复", actor_of(people.administrator()), NOW)
    a_lead(people.scout()).stage = Stage.LANDED
    a_lead(people.scout("chengdu"))
    before = _numbers(session, people)
    session.remove()
    flask_migrate.downgrade(revision="0042")
    flask_migrate.upgrade()
    assert _numbers(session, people) == before
