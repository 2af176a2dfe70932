"""People named in Latin letters: contacts who are known, strangers, and what is no person."""

from __future__ import annotations

import pytest

from crm.visits.drafting.people import FoundPerson, Person, may_be_names, people_in

JOHN = Person("j", "John Smith", "VP")
KEVIN = Person("k", "Kevin Liu", "CTO")
ANN = Person("a", "Ann", "Counsel")
WILL = Person("w", "Will", "")


def one(text: str, *known: Person, company: str = "") -> FoundPerson:
    (found,) = people_in(text, known, company=company)
    return found


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("John Smith from ServiceNow said they want 3000 sqm", JOHN),
        ("john  smith from ServiceNow said they want 3000 sqm", JOHN),
        ("Talked to JOHN SMITH about the lease", JOHN),
        ("John said they will decide in May", JOHN),
        ("Mr. Smith said no", JOHN),
        ("见到 Kevin Liu，他说下周来", KEVIN),
        ("和Kevin Liu通了电话", KEVIN),
        ("Kevin总下周来嘉兴", KEVIN),
        ("Ann said yes to the Annual Report", ANN),
        ("Will and we will see", WILL),
    ],
)
def test_a_contact_that_is_known_is_found_by_the_name(text: str, person: Person) -> None:
    found = one(text, JOHN, KEVIN, ANN, WILL)
    assert found.known == person
    assert (
        text[found.start : found.end]
        .casefold()
        .split()[-1]
        .startswith(("smith", "john", "liu", "kevin", "ann", "will"))
    )


def test_one_of_another_family_name_is_not_the_contact() -> None:
    found = one("John Miller from ServiceNow said yes", JOHN)
    assert (found.name, found.known) == ("John Miller", None)
    assert people_in("The Annual Report will come", (ANN, WILL)) == []
    # Two are called so: nobody can say which.
    two = (KEVIN, Person("o", "Kevin Wu"))
    assert [found.known for found in people_in("Kevin说下周来", two)] == [None]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("John Smith from ServiceNow said they want 3000 sqm", "John Smith", ""),
        ("见到 Kevin Liu，他说想看场地", "Kevin Liu", ""),
        ("今天和Kevin Liu聊了聊", "Kevin Liu", ""),
        ("Met Mary O'Neil, VP of Sales, at their office", "Mary O'Neil", "VP of Sales"),
        ("CTO Kevin Liu 希望年底前签约", "Kevin Liu", "CTO"),
        ("Satya Nadella（CEO）来访", "Satya Nadella", "CEO"),
        ("对接人 Rajesh Kumar", "Rajesh Kumar", ""),
        ("Vivian Chen总监来电", "Vivian Chen", "总监"),
        ("Kevin说下周来", "Kevin", ""),
        ("Ms. Okafor called twice", "Ms. Okafor", ""),
    ],
)
def test_a_stranger_is_suggested_where_the_words_tell_of_a_person(
    text: str, name: str, title: str
) -> None:
    found = one(text, company="ServiceNow")
    assert (found.name, found.title, found.known) == (name, title, None)


def test_a_given_name_alone_is_who_is_named_in_full() -> None:
    text = "Met John Smith (CTO) and Mary O'Neil. John said they want space, tel 13800138000"
    found = people_in(text, ())
    assert [(person.name, person.phone) for person in found] == [
        ("John Smith", "13800138000"),
        ("Mary O'Neil", ""),
    ]
    assert people_in("John Smith said yes", (), ours=["john smith"]) == []


@pytest.mark.parametrize(
    "text",
    [
        *("和 Red Hat 谈了合作", "见到 Red Hat 的人", "We met Palo Alto Networks"),
        *("用 Google Cloud 的产品", "Service Cloud 表示", "Visual Studio Code said"),
        *("Morgan Stanley 的团队来访", "Spring Boot said", "GitHub Copilot 说", "Jira 说"),
        *("他们用 Oracle 和 Azure DevOps", "微软 Power BI 和 Teams", "Thomson Reuters said"),
        *("Product Manager 和 Sales Director 都来了", "VP of Engineering 说", "Deep Learning 说"),
        *("Hong Kong 那边说", "Next Monday with Big Data", "Will said in May", "Claude 说"),
        *("kevin.liu@example.com 说", "see github.com/John", "Charles 团队说", "Kevin"),
    ],
)
def test_products_companies_and_places_are_no_people(text: str) -> None:
    assert people_in(text, ()) == []


def test_a_company_that_is_called_like_a_person_is_none() -> None:
    text = "Charles Schwab 表示想来看看"
    assert people_in(text, (), company="Charles Schwab") == []


def test_pieces_that_may_be_a_contact() -> None:
    assert {"John Smith", "John", "Smith"} <= may_be_names("met John Smith at the fair")
    assert "john" not in may_be_names("see john")
