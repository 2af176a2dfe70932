"""The local company: found by code, then by name; asked when in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from crm.companies.home import home_place_id
from crm.companies.relations import add_relation
from crm.companies.search import find_by_name
from crm.companies.service import create_company
from crm.companies.suggest import suggest
from crm.errors import Refusal
from crm.landing.local_company import NEW, known_companies, local_company_of
from crm.landing.registration import register, relation_to
from crm.landing.rules import Registration
from crm.leads.facts import CAPITAL, facts_of
from models.audit import Change
from models.company import Company, CompanyRelation, CompanySegment
from models.enums import CompanyKind
from models.figure import Figure
from models.lead import EntityPhase, Lead, LeadEntity
from tests.landing.making import REGISTERED_ON, a_code, a_registration, a_signed_lead
from tests.leads.making import NOW
from tests.people import People


def refused(lead: Lead, given: Registration) -> dict[str, str]:
    with pytest.raises(Refusal) as refusal:
        register(lead, given, NOW)
    return {name: str(texts[0]) for name, texts in refusal.value.errors.items()}


def test_a_new_company_is_made_here_and_tied_to_investor_and_lead(
    session: Any, people: People
) -> None:
    lead = a_signed_lead(people.scout())
    given = a_registration(share_bp=8_000)
    register(lead, given, NOW)
    session.commit()
    company = local_company_of(lead)
    assert company is not None
    assert (company.kind, company.place_id) == (CompanyKind.LEGAL, home_place_id())
    assert company.credit_code == given.credit_code
    relation = relation_to(lead, company.id)
    assert relation is not None
    assert relation.share_bp == 8_000
    entity = session.scalars(sa.select(LeadEntity)).one()
    assert (entity.company_id, entity.phase) == (company.id, EntityPhase.REGISTERED)
    assert session.get(CompanySegment, (company.id, lead.segment_id))
    facts = facts_of(lead)
    assert facts.local_company_id == company.id
    assert facts.credit_code_holds
    assert facts.registered_capital_cny == 50_000_000
    assert lead.registered_on == REGISTERED_ON
    assert suggest(given.credit_code)[0].id == company.id


def test_a_code_is_kept_as_it_is_printed(session: Any, people: People) -> None:
    lead, code = a_signed_lead(people.scout()), a_code()
    typed = "".join(chr(ord(c) + 0xFEE0) for c in code[:6]) + " " + code[6:].lower()
    register(lead, a_registration(credit_code=typed), NOW)
    company = local_company_of(lead)
    assert company is not None
    assert company.credit_code == code


def test_a_known_company_of_that_name_is_linked_and_gets_its_code(
    session: Any, people: People
) -> None:
    known = create_company("嘉兴已知软件有限公司", now=NOW)
    lead = a_signed_lead(people.scout())
    given = a_registration("嘉兴已知软件(有限公司) ")
    register(lead, given, NOW)
    assert local_company_of(lead) is known
    assert known.credit_code == given.credit_code


def test_anothers_code_says_whose_it_is_and_that_one_may_be_linked(
    session: Any, people: People
) -> None:
    holder = create_company("嘉兴持码软件有限公司", now=NOW, credit_code=a_code())
    lead = a_signed_lead(people.scout())
    given = a_registration("嘉兴另名信息有限公司", credit_code=holder.credit_code)
    assert holder.name in refused(lead, given)["credit_code"]
    assert known_companies(lead, given) == [holder]
    register(lead, replace(given, local_company_is=holder.public_id), NOW)
    assert local_company_of(lead) is holder


def test_a_name_whose_company_has_another_code_is_refused(session: Any, people: People) -> None:
    known = create_company("嘉兴已知软件有限公司", now=NOW, credit_code=a_code())
    errors = refused(a_signed_lead(people.scout()), a_registration(known.name))
    assert known.credit_code is not None
    assert known.credit_code in errors["credit_code"]


def test_what_only_looks_alike_is_asked(session: Any, people: People) -> None:
    alike = create_company("嘉兴云帆数据科技有限公司", now=NOW)
    create_company("上海云帆数据科技有限公司", now=NOW, credit_code=a_code())
    lead = a_signed_lead(people.scout())
    given = a_registration("嘉兴云帆数据技术有限公司")
    assert alike.name in refused(lead, given)["local_company"]
    # The other one's own code says that it is another legal entity.
    assert known_companies(lead, given) == [alike]
    session.rollback()
    register(lead, replace(given, local_company_is=NEW), NOW)
    made = local_company_of(lead)
    assert made is not None
    assert made.name == given.local_company
    other = a_signed_lead(people.scout())
    theirs = replace(a_registration("嘉兴云帆数据工程有限公司"), local_company_is=alike.public_id)
    register(other, theirs, NOW)
    assert local_company_of(other) is alike


def test_an_answer_counts_for_the_name_that_was_asked_about(session: Any, people: People) -> None:
    alike = create_company("嘉兴云帆数据科技有限公司", now=NOW)
    lead = a_signed_lead(people.scout())
    since = replace(a_registration("嘉兴毫不相干软件有限公司"), local_company_is=alike.public_id)
    register(lead, since, NOW)
    made = local_company_of(lead)
    assert made is not None
    assert made.name == since.local_company


def test_the_investors_own_name_is_no_doubt(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout(), name="北京云帆数据科技有限公司")
    register(lead, a_registration("嘉兴云帆数据科技有限公司"), NOW)
    company = local_company_of(lead)
    assert company is not None
    assert company.id != lead.company_id


def test_an_investor_that_moves_itself_is_its_own_local_company(
    session: Any, people: People
) -> None:
    lead = a_signed_lead(people.scout(), name="北京自迁软件有限公司")
    register(lead, a_registration("北京自迁软件有限公司"), NOW)
    company = local_company_of(lead)
    assert company is not None
    assert company.id == lead.company_id
    assert company.place_id == home_place_id()
    assert session.scalars(sa.select(CompanyRelation)).all() == []


def test_the_parts_may_come_one_after_another(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    assert set(refused(lead, Registration(registered_capital_cny=1))) == {"local_company"}
    assert set(refused(lead, Registration(credit_code=a_code()))) == {"local_company"}
    register(lead, Registration(local_company="嘉兴先名后码软件有限公司"), NOW)
    assert not facts_of(lead).credit_code_holds
    register(lead, Registration(credit_code=a_code()), NOW)
    register(lead, Registration(registered_capital_cny=3_000_000), NOW)
    register(lead, Registration(registered_on=REGISTERED_ON), NOW)
    facts = facts_of(lead)
    assert facts.credit_code_holds
    assert (facts.registered_capital_cny, facts.registered_on) == (3_000_000, REGISTERED_ON)


def test_the_same_code_with_another_name_puts_the_name_right(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    given = a_registration("嘉兴错子软件有限公司")
    register(lead, given, NOW)
    register(lead, replace(given, local_company="嘉兴错字软件有限公司"), NOW)
    company = local_company_of(lead)
    assert company is not None
    assert company.name == "嘉兴错字软件有限公司"
    assert find_by_name([given.local_company])
    assert session.scalar(sa.select(sa.func.count()).select_from(LeadEntity)) == 1


def test_a_wrong_code_of_ones_own_company_is_put_right(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    given = a_registration()
    register(lead, given, NOW)
    right = replace(given, credit_code=a_code())
    register(lead, right, NOW)
    company = local_company_of(lead)
    assert company is not None
    assert company.credit_code == right.credit_code
    assert not suggest(given.credit_code)


def test_another_company_takes_the_place_of_one_linked_by_mistake(
    session: Any, people: People
) -> None:
    lead = a_signed_lead(people.scout())
    register(lead, a_registration("嘉兴错连软件有限公司"), NOW)
    session.commit()
    wrong = local_company_of(lead)
    assert wrong is not None
    register(lead, a_registration("嘉兴正连软件有限公司"), NOW)
    session.commit()
    right = local_company_of(lead)
    assert right is not None
    assert right.name == "嘉兴正连软件有限公司"
    assert relation_to(lead, wrong.id) is None
    assert relation_to(lead, right.id) is not None
    told = session.scalars(
        sa.select(Change.field)
        .where(Change.subject == "lead_entity", Change.subject_id == lead.id)
        .order_by(Change.id)
    ).all()
    assert told == ["*", "company_id"]


def test_a_relation_that_was_known_before_stays(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    known = create_company("嘉兴早知软件有限公司", now=NOW)
    investor = session.get_one(Company, lead.company_id)
    add_relation(investor, known, share_bp=6_000, now=NOW)
    session.commit()
    register(lead, a_registration(known.name, share_bp=None), NOW)
    session.commit()
    relation = relation_to(lead, known.id)
    assert relation is not None
    assert relation.share_bp == 6_000
    register(lead, a_registration("嘉兴正连软件有限公司"), NOW)
    assert relation_to(lead, known.id) is not None


def test_a_parent_of_the_investor_is_no_subsidiary(session: Any, people: People) -> None:
    lead = a_signed_lead(people.scout())
    parent = create_company("嘉兴母公司软件有限公司", now=NOW)
    add_relation(parent, session.get_one(Company, lead.company_id), now=NOW)
    assert set(refused(lead, a_registration(parent.name))) == {"local_company"}


def test_a_group_is_no_legal_entity(session: Any, people: People) -> None:
    group = create_company("嘉兴某某软件集团", now=NOW, kind=CompanyKind.GROUP)
    assert (
        "法人"
        in refused(a_signed_lead(people.scout()), a_registration(group.name))["local_company"]
    )


def test_the_same_capital_is_written_once_and_another_stands_beside_it(
    session: Any, people: People
) -> None:
    lead = a_signed_lead(people.scout())
    given = a_registration()
    register(lead, given, NOW)
    register(lead, given, NOW.replace(hour=3))
    more = replace(given, registered_capital_cny=80_000_000)
    register(lead, more, NOW.replace(hour=4))
    query = sa.select(Figure.value).where(Figure.metric == CAPITAL).order_by(Figure.id)
    assert session.scalars(query).all() == [50_000_000, 80_000_000]
    assert facts_of(lead).registered_capital_cny == 80_000_000
