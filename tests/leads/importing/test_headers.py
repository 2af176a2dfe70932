"""What the headers of ledgers mean."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm.companies.service import create_company
from crm.imports.columns import guess_columns, rivals
from crm.imports.outcomes import Outcome
from crm.leads.importing.columns import LEAD_COLUMNS
from models.company import Company
from models.place import Place
from models.user import User
from tests.leads.importing.bringing import NOW, bring


def test_headers_as_offices_write_them_mean_what_they_say() -> None:
    wanted = {
        "progress": ("跟进记录", "走访记录", "洽谈情况", "项目进度", "最新情况"),
        "next_step_on": ("完成时间", "下一步完成时间", "下次联系时间", "截止日期"),
        "need": ("企业需求", "诉求"),
        "company": ("企业全称", "客户名称", "拟投资方"),
        "owner": ("牵头人", "招商员"),
        "planned_investment_cny": ("投资金额", "拟投资（万元）"),
        "contact": ("联系人职务电话",),
        "channel": ("招商来源",),
    }
    for key, headers in wanted.items():
        for header in headers:
            assert guess_columns((header,), [], LEAD_COLUMNS) == {key: 0}, header


@pytest.mark.parametrize(
    ("headers", "city", "province"),
    [
        (("企业", "省", "市", "地区"), "市", "省"),
        (("企业", "地区", "省份", "城市"), "城市", "省份"),
        (("企业", "总部所在地", "省", "市"), "总部所在地", "省"),
        (("企业", "总部所在省", "总部所在市"), "总部所在市", "总部所在省"),
        (("企业", "所属地区"), "所属地区", None),
        # Where it is to go is no headquarters.
        (("企业", "省", "意向地区", "落地地区"), None, "省"),
    ],
)
def test_of_province_city_and_region_the_city_is_the_headquarters(
    headers: tuple[str, ...], city: str | None, province: str | None
) -> None:
    guessed = guess_columns(headers, [], LEAD_COLUMNS)
    found = {key: headers[column] for key, column in guessed.items()}
    assert (found.get("city"), found.get("province")) == (city, province)
    assert rivals(headers, guessed, LEAD_COLUMNS) == {}


def test_a_company_has_the_place_of_its_city_or_of_a_province_that_is_one(
    session: Any, team: dict[str, User]
) -> None:
    rows = (
        "甲乙软件有限公司,浙江省,杭州市,华东",
        "丙丁软件有限公司,上海市,市辖区,华东",
        "戊己软件有限公司,江苏省,宿迁市,南京",
        "科大\u3000讯飞 股份 有限公司,安徽省,合肥市,华东",
    )
    known = create_company("科大讯飞股份有限公司", now=NOW)
    session.commit()
    head = "企业,省,市,地区,责任人,项目名称,产业链环节"
    more = ",张三,研发中心,数据库"
    brought = bring("\n".join((head, *(row + more for row in rows))).encode())
    assert brought.outcomes == [Outcome.NEW] * 4, [brought.said(row) for row in range(4)]
    query = sa.select(Company.name, Place.city).outerjoin(Place, Company.place_id == Place.id)
    assert dict(session.execute(query.order_by(Company.id)).all()) == {
        known.name: None,
        "甲乙软件有限公司": "杭州市",
        "丙丁软件有限公司": "上海市",
        "戊己软件有限公司": None,
    }
