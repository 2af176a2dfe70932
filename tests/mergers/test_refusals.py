"""What stands against a merger, who may, and what two people do at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.access import Actor
from crm.companies.archiving import archive_company
from crm.companies.contacts import ContactInput, add_contact
from crm.companies.edits import change_company, known_of
from crm.companies.figures import REPORTED, YearFigures, record_year
from crm.companies.other_names import add_name
from crm.companies.relations import add_relation
from crm.companies.service import create_company
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads.archiving import archive_lead
from crm.leads.inputs import NewLead
from crm.leads.service import create_lead
from crm.mergers.queries import likely_the_same
from crm.mergers.rules import Facts, Listed, Side, against, doubts, likelier, moving, sentence
from crm.mergers.service import merge, part
from crm.messages import Name
from crm.referrals.service import ReferralInput, refer_company
from crm.visits.service import log_visit
from models import db
from models.company import Company, NameKind
from models.contact import ContactRole
from models.enums import Role, Status
from models.figure import Figure
from models.lead import EntityPhase, Lead, LeadEntity
from models.merger import Merger
from models.visit import Visit
from tests.at_once import at_once
from tests.leads.making import CHANNEL, NOW, SEGMENT, a_lead, actor_of
from tests.mergers.making import CODE, GONE, STAYS, rows
from tests.people import People
from tests.visits.test_service import visit_of

OTHER_CODE = "91330402MA2CXN7R05"
Prepare = Callable[[Any, Company, Company, Any], Any]


def pair(session: Any) -> tuple[Company, Company]:
    made = create_company(GONE, now=NOW), create_company(STAYS, now=NOW)
    session.commit()
    return made


def _codes(_session: Any, gone: Company, stays: Company, _scout: Any) -> None:
    gone.credit_code, stays.credit_code = CODE, OTHER_CODE


def _projects(_session: Any, gone: Company, stays: Company, scout: Any) -> None:
    for company in (gone, stays):
        a_lead(scout, company=company.public_id, project="总部")


def _parent(_session: Any, gone: Company, stays: Company, _scout: Any) -> None:
    add_relation(gone, stays, now=NOW)


def _grandparent(_session: Any, gone: Company, stays: Company, _scout: Any) -> None:
    between = create_company("中间控股有限公司", now=NOW)
    add_relation(gone, between, now=NOW)
    add_relation(between, stays, now=NOW)


def _local(session: Any, gone: Company, stays: Company, scout: Any) -> None:
    lead = a_lead(scout, company=gone.public_id)
    entity = LeadEntity(lead_id=lead.id, company_id=stays.id, phase=EntityPhase.REGISTERED)
    session.add(entity)


def _both_local(session: Any, gone: Company, stays: Company, scout: Any) -> None:
    lead = a_lead(scout)
    for company, phase in ((gone, EntityPhase.REGISTERED), (stays, EntityPhase.LANDED)):
        session.add(LeadEntity(lead_id=lead.id, company_id=company.id, phase=phase))


def _referred(_session: Any, gone: Company, stays: Company, scout: Any) -> None:
    said = ReferralInput(referrer=gone.public_id)
    refer_company(stays.public_id, said, actor_of(scout), NOW)


def _both_referred(_session: Any, gone: Company, stays: Company, scout: Any) -> None:
    for company in (gone, stays):
        refer_company(company.public_id, ReferralInput(source="协会"), actor_of(scout), NOW)


AGAINST: dict[str, tuple[Prepare, str]] = {
    "two codes": (_codes, "信用代码不同"),
    "one project": (_projects, "同一个项目"),
    "parent": (_parent, "上级和下属"),
    "grandparent": (_grandparent, "上级和下属"),
    "local company": (_local, "另一家在本地的公司"),
    "both local": (_both_local, "同一条线索的本地公司"),
    "referred": (_referred, "引荐了另一家"),
    "both referred": (_both_referred, "各记了经谁引荐"),
}


@pytest.mark.parametrize("why", AGAINST)
@pytest.mark.parametrize("turned", [False, True])
def test_what_stands_against_it_is_said_and_nothing_moves(
    session: Any, people: People, why: str, turned: bool
) -> None:
    prepare, word = AGAINST[why]
    gone, stays = pair(session)
    scout, boss = people.scout(), actor_of(people.manager())
    prepare(session, gone, stays, scout)
    session.commit()
    before = rows(session)
    ids = [gone.public_id, stays.public_id]
    with pytest.raises(Refusal) as refused:
        merge(*(reversed(ids) if turned else ids), boss, NOW)
    session.rollback()
    assert refused.value.code == "not_mergeable"
    texts = [text for found in refused.value.errors.values() for text in found]
    assert [word in str(text) for text in texts] == [True]
    assert rows(session) == before


def test_a_lost_or_archived_lead_of_the_same_project_is_no_matter(
    session: Any, people: People
) -> None:
    gone, stays = pair(session)
    scout, boss = people.scout(), actor_of(people.manager())
    lost, kept, away = (
        a_lead(scout, company=company.public_id, project=project)
        for company, project in ((gone, "总部"), (stays, "总部"), (gone, "基地"))
    )
    a_lead(scout, company=stays.public_id, project="基地")
    lost.status = Status.LOST
    archive_lead(away.public_id, "", actor_of(scout), NOW)
    session.commit()
    merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    assert {lead.company_id for lead in session.scalars(sa.select(Lead))} == {stays.id}
    assert kept.company_id == stays.id


def test_one_that_is_merged_archived_or_the_same_is_refused(session: Any, people: People) -> None:
    gone, stays = pair(session)
    third = create_company("第三软件有限公司", now=NOW)
    session.commit()
    boss = actor_of(people.manager())
    merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    for ids in ((gone, third), (third, gone), (third, third)):
        with pytest.raises(Refusal):
            merge(*(company.public_id for company in ids), boss, NOW)
        session.rollback()
    archive_company(third.public_id, "", boss, NOW)
    session.commit()
    with pytest.raises(Refusal, match="回收站"):
        merge(third.public_id, stays.public_id, boss, NOW)
    session.rollback()
    with pytest.raises(NotFound):
        merge("zzzzzzzzzzzz", stays.public_id, boss, NOW)


def test_who_went_on_into_a_third_is_parted_from_there_first(session: Any, people: People) -> None:
    gone, stays = pair(session)
    third = create_company("第三软件有限公司", now=NOW)
    a_lead(people.scout(), company=gone.public_id)
    session.commit()
    boss, before = actor_of(people.manager()), rows(session)
    first = merge(gone.public_id, stays.public_id, boss, NOW)
    second = merge(stays.public_id, third.public_id, boss, NOW)
    session.commit()
    with pytest.raises(Refusal, match="后来也并入"):
        part(stays.public_id, first.public_id, boss)
    session.rollback()
    part(third.public_id, second.public_id, boss)
    part(stays.public_id, first.public_id, boss)
    session.commit()
    assert rows(session) == before
    with pytest.raises(NotFound):
        part(stays.public_id, first.public_id, boss)


def test_what_came_later_stays_and_what_was_changed_since(session: Any, people: People) -> None:
    gone, stays = pair(session)
    scout, boss = people.scout(), actor_of(people.manager())
    old = a_lead(scout, company=gone.public_id, project="研发")
    gone.credit_code = CODE
    session.commit()
    merger = merge(gone.public_id, stays.public_id, boss, NOW)
    session.commit()
    # By its old address, too.
    new = a_lead(scout, company=gone.public_id, project="销售")
    log_visit(visit_of(new), actor_of(scout), NOW)
    change_company(stays, replace(known_of(stays), credit_code=OTHER_CODE), now=NOW)
    session.commit()
    part(stays.public_id, merger.public_id, boss)
    session.commit()
    assert (old.company_id, new.company_id) == (gone.id, stays.id)
    assert session.scalars(sa.select(Visit.company_id)).all() == [stays.id]
    # A code that is no more the merger's is whose it is; the other one knows none.
    assert (stays.credit_code, gone.credit_code) == (OTHER_CODE, CODE)
    assert stays.last_touch_at is not None
    assert gone.last_touch_at is None


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER, Role.ADMINISTRATOR}))
@pytest.mark.only_sqlite
def test_only_managers_and_administrators_may(session: Any, people: People, role: Role) -> None:
    gone, stays = pair(session)
    merger = merge(gone.public_id, stays.public_id, actor_of(people.administrator()), NOW)
    session.commit()
    who = actor_of(people.make(role))
    with pytest.raises(Forbidden, match="只有局领导和系统管理员"):
        merge(stays.public_id, gone.public_id, who, NOW)
    with pytest.raises(Forbidden):
        part(stays.public_id, merger.public_id, who)


def test_of_two_who_merge_at_once_one_is_told(app: Flask, session: Any, people: People) -> None:
    gone, stays = pair(session)
    first, second = actor_of(people.manager()), actor_of(people.administrator())
    ids = gone.public_id, stays.public_id
    session.rollback()
    got = at_once(
        app,
        {
            "there": (first, lambda: merge(*ids, first, NOW)),
            "back": (second, lambda: merge(*reversed(ids), second, NOW)),
        },
    )
    assert sorted(value == "done" for value in got.values()) == [False, True], got
    assert session.scalar(sa.select(sa.func.count()).select_from(Merger)) == 1
    merged = session.scalars(sa.select(Company).where(Company.merged_into_id.is_not(None)))
    assert len(merged.all()) == 1


def test_what_is_written_down_meanwhile_is_not_left_behind(
    app: Flask, session: Any, people: People
) -> None:
    scout, boss = actor_of(people.scout()), actor_of(people.manager())
    figures = YearFigures(2025, 90_000_000, None, REPORTED)
    for number in range(4):
        gone = create_company(f"并发{number}号软件有限公司", now=NOW)
        stays = create_company(f"留下{number}号科技有限公司", now=NOW)
        session.commit()
        ids, keys = (gone.public_id, stays.public_id), (gone.id, stays.id)
        new = NewLead(ids[0], SEGMENT, CHANNEL)
        visit = replace(visit_of(), client_key=f"meanwhile-{number}", company=ids[0])
        session.rollback()
        got = at_once(
            app,
            {
                "merges": (boss, lambda ids=ids: merge(*ids, boss, NOW)),
                "registers": (scout, lambda new=new: create_lead(new, scout, NOW)),
                "visits": (scout, lambda visit=visit: log_visit(visit, scout, NOW)),
                "meets": (scout, lambda key=keys[0]: _meet(key, scout)),
                "names": (scout, lambda key=keys[0]: _call(key)),
                "counts": (scout, lambda key=keys[0]: record_year(key, figures, NOW)),
            },
        )
        assert got["merges"] == "done", got
        for model in (Lead, Visit, ContactRole, Figure):
            at = set(db.session.scalars(sa.select(model.company_id)))
            assert keys[0] not in at, (model, got)
        db.session.rollback()


def _meet(key: int, who: Actor) -> None:
    company = db.session.get_one(Company, key)
    add_contact(company, ContactInput("周启明", "总经理"), who, NOW)


def _call(key: int) -> None:
    add_name(db.session.get_one(Company, key), "Stardust", NameKind.BRAND)


@pytest.mark.parametrize(
    "write",
    [
        _meet,
        lambda key, _who: _call(key),
        lambda key, _who: record_year(key, YearFigures(2025, 90_000_000, None, REPORTED), NOW),
    ],
)
def test_nothing_is_written_of_a_company_that_is_one_with_another(
    session: Any, people: People, write: Callable[[int, Actor], None]
) -> None:
    gone, stays = pair(session)
    merge(gone.public_id, stays.public_id, actor_of(people.manager()), NOW)
    with pytest.raises(Refusal) as told:
        write(gone.id, actor_of(people.scout()))
    assert told.value.code == "merged"


def side(name: str, **more: Any) -> Side:
    values = {"short_name": name, "credit_code": None, "city": None, "created_at": NOW, **more}
    return Side(public_id=name, name=name, **values)


LIST = Listed(Name("软件百强", "Top 100"), 2018, 3)


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"credit_code": CODE}, "信用代码"),
        ({"leads": 2}, "2 条线索"),
        ({"listed": (LIST,)}, "1 条上榜"),
        ({"visits": 3}, "3 次走访"),
        ({"created_at": NOW.replace(year=2020)}, "登记得早"),
    ],
)
def test_the_likelier_one_has_more_behind_it(more: dict[str, Any], word: str) -> None:
    small, big = side("甲"), side("乙", **more)
    for first, second in ((small, big), (big, small)):
        found = likelier(first, second)
        assert (found.public_id, word in str(found.reason)) == ("乙", True)


@pytest.mark.only_sqlite
def test_the_sentence_says_what_moves() -> None:
    rich = side("甲", leads=2, visits=3, contacts=1, listed=(LIST,))
    assert len(moving(rich)) == 4
    said = str(sentence(rich, side("乙")))
    assert all(words in said for words in ("2 条线索", "3 次走访和联系", "1 位联系人", "“乙”"))
    assert "没有线索" in str(sentence(side("乙"), rich))
    assert against(Facts()) == []
    assert [str(text) for text in doubts(rich, rich)] != []
    assert doubts(rich, side("乙")) == []


def test_a_likely_pair_is_seen_unless_something_says_otherwise(session: Any) -> None:
    one = create_company("杭州星尘数据科技有限公司", now=NOW)
    other = create_company("杭州星尘数据科技股份有限公司", now=NOW)
    create_company("毫不相干软件有限公司", now=NOW)
    session.commit()
    assert likely_the_same(one) is not None
    assert likely_the_same(one).public_id == other.public_id
    one.credit_code, other.credit_code = CODE, OTHER_CODE
    session.commit()
    assert likely_the_same(one) is None
    one.credit_code = None
    add_relation(one, other, now=NOW)
    session.commit()
    assert likely_the_same(one) is None
