"""Figures of a plan in a text: taken where they can mean one thing only."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.clock import ZONE
from crm.visits.drafting.chat import messages_in
from crm.visits.drafting.figures import figures_in
from crm.visits.drafting.steps import clauses_of

NOW = datetime(2026, 12, 3, 18, 0, tzinfo=ZONE)
INVESTMENT, REVENUE = "planned_investment_cny", "planned_revenue_cny"
HEADCOUNT, SPACE = "planned_headcount", "space_m2"


def found(text: str, company: str = "") -> dict[str, int]:
    clauses = clauses_of(text, messages_in(text, NOW), NOW)
    figures = figures_in(text, clauses, elsewhere=["苏州", "北京"], company=company)
    assert all(0 <= one.start < one.end <= len(text) for one in figures)
    return {one.field: one.value for one in figures}


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("他们想在南湖设研发中心，要3000平，30人", {SPACE: 3000, HEADCOUNT: 30}),
        ("三年用工30人", {HEADCOUNT: 30}),
        ("公司三年用工30人", {HEADCOUNT: 30}),
        ("想设30人的研发中心", {HEADCOUNT: 30}),
        ("计划来嘉兴建团队，招30名工程师", {HEADCOUNT: 30}),
        ("想租2000㎡", {SPACE: 2000}),
        ("要3,000平", {SPACE: 3000}),
        ("现在想要1.5万平米", {SPACE: 15_000}),
        ("今天在北京拜访了和利时周总，想租3000平", {SPACE: 3000}),
        ("投资5000万", {INVESTMENT: 50_000_000}),
        ("总投资约1.2亿元左右", {INVESTMENT: 120_000_000}),
        ("投资5千万人民币", {INVESTMENT: 50_000_000}),
        ("三年营收1.2亿", {REVENUE: 120_000_000}),
        ("预计三年后营收做到1.2亿", {REVENUE: 120_000_000}),
        (
            "计划投资5000万，三年用工30人，营收1.2亿，要2000㎡",
            {INVESTMENT: 50_000_000, HEADCOUNT: 30, REVENUE: 120_000_000, SPACE: 2000},
        ),
        (
            "投资5000万、营收1.2亿、用工30人",
            {INVESTMENT: 50_000_000, REVENUE: 120_000_000, HEADCOUNT: 30},
        ),
        # One of the two is said of what they have.
        ("我们公司有300人，想在嘉兴设研发中心，要3000平", {SPACE: 3000}),
        ("用友营收1.2亿，想投资5000万", {INVESTMENT: 50_000_000}),
        ("投资5000万。就是投资5000万", {INVESTMENT: 50_000_000}),
    ],
)
def test_a_figure_of_the_plan_is_taken(text: str, figures: dict[str, int]) -> None:
    assert found(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "我们公司有300人",
        "注册资本5000万",
        "30人",
        "3000平",
        "营收1.2亿",
        "他们去年营收1.2亿",
        "近三年营收1.2亿",
        "集团三年营收100亿",
        "想投资，他们营收1.2亿",
        "三年累计营收3亿",
        "获得红杉投资5000万",
        "A轮投资5000万",
        "投资了5000万",
        "投资5000万美元",
        "在苏州投资5000万",
        "一期投资5000万",
        "不会投资5000万",
        "投资5000万吗？",
        "投资5000万？",
        "投资5000万以上才有补贴",
        "至少投资5000万",
        "投资3000-5000万",
        "投资3000万到5000万",
        "投资5000万，不对，投资8000万",
        "政策要求三年营收5000万",
        "想要3000到5000平",
        "我们园区有3000平可以给他们",
        "他们现有3000平",
        "想先租3000平，再要5000平",
        "想设研发中心，下周三来30人看场地",
        "需要30人的会议室",
        "计划明年招20人",
        "三年用工30多人",
        "要12345678912平",
        "要0平",
        "人均产值50万",
    ],
)
def test_what_may_mean_something_else_is_left(text: str) -> None:
    assert found(text) == {}


def test_the_name_of_the_company_is_of_no_other_city() -> None:
    assert found("北京和利时想投资5000万", "北京和利时") == {INVESTMENT: 50_000_000}
    assert found("北京和利时想投资5000万") == {}


@given(st.text(alphabet="想要投资三年用工营收有0123456789.,，。万亿千平㎡人年租设", max_size=40))
def test_any_text_is_read_without_a_fall(text: str) -> None:
    assert all(value > 0 for value in found(text).values())
