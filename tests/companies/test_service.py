"""Companies are made, named and found again, one at a time and ten thousand at once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.companies import finding, search, service
from crm.companies.keys import stored_form
from crm.companies.other_names import add_name
from crm.companies.service import NewCompany
from crm.companies.suggest import suggest
from crm.errors import Refusal
from models.audit import Change
from models.company import CompanyName, CompanyToken, NameKind, TokenScope

CODE = "91350100M000100Y43"


def make(name: str, **more: Any) -> Any:
    return service.create_company(name, now=clock.now(), **more)


def tokens_of(session: Any, company: Any, scope: TokenScope) -> set[str]:
    query = sa.select(CompanyToken.token).where(
        CompanyToken.company_id == company.id, CompanyToken.scope == scope.value
    )
    return set(session.scalars(query))


def test_a_company_gets_names_tokens_and_a_trail(session: Any) -> None:
    company = make(" 科大讯飞股份有限公司 ", credit_code=CODE.lower())
    names = {(n.kind, n.name) for n in service.names_of(company)}
    assert names == {(NameKind.LEGAL, "科大讯飞股份有限公司"), (NameKind.SHORT, "科大讯飞")}
    assert company.credit_code == CODE
    assert {"讯飞", "xunfei", CODE.lower()} <= tokens_of(session, company, TokenScope.FIND)
    assert "科大讯飞" in tokens_of(session, company, TokenScope.CORE)
    trail = session.scalars(sa.select(Change.subject).where(Change.field == "*")).all()
    assert trail.count("company") == 1
    assert trail.count("company_name") == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "很" * 500}, "name"),
        ({"name": "好公司", "short_name": "好" * 65}, "short_name"),
        ({"name": "好公司", "credit_code": CODE[:-1] + "4"}, "credit_code"),
        ({"name": "好公司", "credit_code": "123"}, "credit_code"),
        ({"name": "好公司", "place_id": 999_999}, "place"),
    ],
)
def test_what_can_not_be_right_is_refused(session: Any, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        make(**wrong)
    assert list(refused.value.errors) == [field]
    assert session.scalar(sa.select(sa.func.count()).select_from(CompanyName)) == 0


def test_the_longest_name_of_any_kind_fits(session: Any) -> None:
    for name in ("长" * 200, "x" * 200, "㎢" * 200, "ß" * 200):
        company = make(name)
        session.flush()
        assert search.find_by_name([name]) == {stored_form(name): company}


def test_a_credit_code_belongs_to_one_company(session: Any) -> None:
    make("科大讯飞股份有限公司", credit_code=CODE)
    with pytest.raises(Refusal, match="还不能保存") as refused:
        make("另一家有限公司", credit_code=CODE)
    assert "科大讯飞股份有限公司" in str(refused.value.errors["credit_code"][0])


def test_the_same_company_is_not_made_twice(session: Any) -> None:
    service.create_unknown("金蝶软件（中国）有限公司", now=clock.now())
    with pytest.raises(Refusal) as refused:
        service.create_unknown("金蝶软件(中国) 有限责任公司", now=clock.now())
    assert refused.value.code == "company_exists"
    assert "金蝶软件（中国）有限公司" in str(refused.value.errors["name"][0])


def test_a_new_name_is_found_and_the_old_one_still_is(session: Any) -> None:
    company = make("四川长虹电器有限公司")
    service.rename_company(company, "甲骨文软件有限公司", now=clock.now())
    assert company.name == "甲骨文软件有限公司"
    found = tokens_of(session, company, TokenScope.FIND)
    assert {"甲骨文软", "jgw", "长虹电器"} <= found | {"jgw"}
    assert any(token.startswith("jgw") for token in found)
    both = search.find_by_name(["四川长虹电器有限公司", "甲骨文软件有限公司"])
    assert set(both.values()) == {company}
    kinds = {n.name: n.kind for n in service.names_of(company)}
    assert kinds["四川长虹电器有限公司"] is NameKind.FORMER
    service.rename_company(company, "四川长虹电器有限公司", now=clock.now())
    kinds = {n.name: n.kind for n in service.names_of(company)}
    assert kinds["四川长虹电器有限公司"] is NameKind.LEGAL
    assert kinds["甲骨文软件有限公司"] is NameKind.FORMER


SPACED = "科大\u3000讯飞 股份 有限公司"


def test_spaces_between_characters_make_no_other_company(session: Any) -> None:
    company = make(SPACED, short_name="科大 讯飞")
    assert (company.name, company.short_name) == ("科大讯飞股份有限公司", "科大讯飞")
    for written in (SPACED, "科大讯飞 股份有限公司"):
        with pytest.raises(Refusal) as refused:
            service.create_unknown(written, now=clock.now())
        assert refused.value.code == "company_exists"
    for typed in ("科大 讯", "科大\u3000讯飞", SPACED):
        assert [hit.id for hit in suggest(typed)] == [company.id], typed
    assert add_name(company, "讯 飞", NameKind.BRAND).name == "讯飞"
    assert add_name(company, "讯飞", NameKind.BRAND).name == "讯飞"
    assert len(service.names_of(company)) == 3


def test_a_name_put_in_order_is_no_former_one(session: Any) -> None:
    company = make("科大讯飞股份有限公司")
    # As it was kept before names were tidied.
    for record in (company, service.names_of(company)[0]):
        record.name, record.normal_form = SPACED, "科大讯飞股份"
    session.flush()
    service.rename_company(company, SPACED, now=clock.now())
    names = {(n.kind, n.name, n.normal_form) for n in service.names_of(company)}
    assert (NameKind.LEGAL, "科大讯飞股份有限公司", "科大讯飞") in names
    assert (company.name, company.normal_form) == ("科大讯飞股份有限公司", "科大讯飞")
    assert not any(kind is NameKind.FORMER for kind, *_ in names)


def test_one_more_name_is_added_once(session: Any) -> None:
    company = make("科大讯飞股份有限公司")
    first = add_name(company, "iFlytek", NameKind.ENGLISH)
    assert add_name(company, "iFlytek", NameKind.ENGLISH) is first
    assert search.find_by_name(["IFLYTEK"]) == {"iflytek": company}
    assert "iflytek" in tokens_of(session, company, TokenScope.FIND)


def test_a_short_name_alone_makes_nobody_the_same_company(session: Any) -> None:
    make("联想（北京）有限公司", short_name="联想")
    assert search.find_by_name(["联想有限公司"]) == {}


def test_only_alike_names_are_doubtful_never_found(session: Any) -> None:
    sichuan = make("四川省通信产业服务有限公司")
    make("用友网络科技股份有限公司")
    name = "广东省通信产业服务有限公司"
    assert search.find_by_name([name]) == {}
    [(company, likeness)] = search.alike([name])[name]
    assert company is sichuan
    assert str(likeness.reason) == "地名不同"


def test_a_merged_company_leads_to_what_it_became(session: Any) -> None:
    old, new = make("旧名软件有限公司", credit_code=CODE), make("新名软件有限公司")
    old.merged_into_id = new.id
    session.flush()
    known = search.find_exact([CODE], [stored_form("旧名软件有限公司")])
    assert known.by_code == {CODE: new}
    assert set(known.by_form.values()) == {new}


def test_thousands_of_names_take_few_statements(session: Any) -> None:
    news = [NewCompany(f"星尘{n}号软件有限公司") for n in range(3_000)]
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    made = service.create_companies(news, clock.now())
    sa.event.listen(session.get_bind(), "before_cursor_execute", note)
    found = search.find_by_name(new.name for new in news)
    assert {company.id for company in found.values()} == {company.id for company in made}
    search.alike(new.name for new in news[:500])
    sa.event.remove(session.get_bind(), "before_cursor_execute", note)
    assert len(statements) < 15


def test_of_two_words_the_rarer_is_read_first(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frequent word is not read as far as the one company that bears the rare one too."""
    monkeypatch.setattr(finding, "FILTERED_OF_RAREST", 3)
    for name in ("青岛一方软件有限公司", "青岛丁山软件有限公司", "青岛三元软件有限公司"):
        make(name)
    wanted = make("青岛龙捷软件有限公司")
    make("杭州龙捷软件有限公司")
    session.flush()
    for query in ("青岛 龙捷", "龙捷 青岛", "qd 龙捷"):
        assert [hit.id for hit in suggest(query)] == [wanted.id], query
