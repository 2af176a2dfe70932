"""Attracting, training, growing: each clause's edges, caps and readings."""

from __future__ import annotations

import pytest

from crm.errors import Refusal
from crm.offers.incentives import Verdict
from tests.offers.cases import CASES, WAN, YI, amount, facts_of, result, without


class TestProject:
    """四(一)2: the amount is proposed and held to the cap."""

    @pytest.mark.parametrize(
        ("proposed", "given", "cut"),
        [
            (0, 0, 0),
            (2999_9999, 2999_9999, 0),
            (3000 * WAN, 3000 * WAN, 0),
            (3000_0001, 3000 * WAN, 1),
        ],
    )
    def test_the_cap(self, proposed: int, given: int, cut: int) -> None:
        found = result("project-subsidy", facts_of("project-subsidy", proposed_amount_cny=proposed))
        assert (found.amount_cny, found.cut_cny, found.cap_cny) == (given, cut, 3000 * WAN)

    def test_either_way_in_is_enough(self) -> None:
        code = "project-subsidy"
        assert amount(code, is_leading_company=False, is_major_project=True) == 1200 * WAN
        assert amount(code, is_leading_company=False, is_major_project=False) is None
        left = without(facts_of(code, is_leading_company=False), "is_major_project")
        assert [m.fact.name for m in result(code, left).missing] == ["is_major_project"]

    @pytest.mark.parametrize(
        ("reading", "actual", "due"),
        [
            ("pro_rata", 2 * YI, 1200 * WAN),
            ("pro_rata", 1 * YI, 600 * WAN),
            ("pro_rata", 3 * YI, 1200 * WAN),
            ("pro_rata", 2 * YI - 1, 1200 * WAN - 1),
            ("pro_rata", 0, None),
            ("as_offered", 1, 1200 * WAN),
            ("all_or_nothing", 2 * YI, 1200 * WAN),
            ("all_or_nothing", 2 * YI - 1, None),
        ],
    )
    def test_settlement(self, reading: str, actual: int, due: int | None) -> None:
        switches = {"settlement": reading}
        assert amount("project-subsidy", switches, actual_investment_cny=actual) == due

    def test_all_projects_of_a_company_may_share_the_cap(self) -> None:
        before = [{"rule": "project-subsidy", "project": "一期", "amount_cny": 2500 * WAN}]
        facts = {"project": "二期", "already_paid": before}
        assert amount("project-subsidy", **facts) == 1200 * WAN
        assert amount("project-subsidy", {"cap_per": "company"}, **facts) == 500 * WAN

    def test_a_project_is_paid_once(self) -> None:
        before = [{"rule": "project-subsidy", "project": "一期", "amount_cny": 1}]
        assert amount("project-subsidy", project="一期", already_paid=before) is None
        unnamed = result("project-subsidy", facts_of("project-subsidy", already_paid=before))
        assert [m.fact.name for m in unnamed.missing] == ["project"]


class TestFund:
    """四(一)1: held against what is left; where it mainly goes is no condition."""

    @pytest.mark.parametrize(
        ("left", "given"), [(2000 * WAN, 2000 * WAN), (2000 * WAN - 1, 2000 * WAN - 1), (0, None)]
    )
    def test_what_is_left(self, left: int, given: int | None) -> None:
        assert amount("fund", fund_left_cny=left) == given

    def test_the_preference_is_shown_and_decides_nothing(self) -> None:
        for answer in (True, False):
            assert (
                amount("fund", segment_in_chain=answer, serves_open_scenario=answer) == 2000 * WAN
            )

    def test_more_left_than_the_whole_is_refused(self) -> None:
        with pytest.raises(Refusal) as refused:
            amount("fund", fund_left_cny=50 * YI + 1)
        assert set(refused.value.errors) == {"fund_left_cny"}


class TestTraining:
    """四(二): a rate, rounded down to whole CNY."""

    @pytest.mark.parametrize(
        ("fee", "given"), [(0, 0), (1, 0), (3, 0), (4, 1), (10, 3), (9_999, 2_999)]
    )
    def test_the_rate(self, fee: int, given: int) -> None:
        assert amount("training", training_fee_cny=fee) == given

    def test_another_course_is_paid_again(self) -> None:
        before = [{"rule": "training", "course": "测试", "amount_cny": 900}]
        assert amount("training", course="开发", already_paid=before) == 3_600
        assert amount("training", course=" 测试 ", already_paid=before) is None


class TestRevenue:
    """四(三)1: newly reached tiers, with growth of at least a tenth."""

    @pytest.mark.parametrize(
        ("revenue", "given"),
        [
            (2000 * WAN - 1, None),
            (2000 * WAN, 20 * WAN),
            (3000 * WAN - 1, 20 * WAN),
            (3000 * WAN, 50 * WAN),
            (5000 * WAN - 1, 50 * WAN),
            (5000 * WAN, 100 * WAN),
        ],
    )
    def test_the_tiers(self, revenue: int, given: int | None) -> None:
        facts = {
            "prior_year_software_revenue_cny": 1000 * WAN,
            "best_prior_software_revenue_cny": 1000 * WAN,
        }
        assert amount("revenue-tier", software_revenue_cny=revenue, **facts) == given

    @pytest.mark.parametrize(("revenue", "given"), [(2000_0002, 20 * WAN), (2000_0001, None)])
    def test_growth_is_at_least_a_tenth(self, revenue: int, given: int | None) -> None:
        """Exactly a tenth counts, one CNY less does not."""
        facts = {
            "prior_year_software_revenue_cny": 1818_1820,
            "best_prior_software_revenue_cny": 1818_1820,
        }
        assert amount("revenue-tier", software_revenue_cny=revenue, **facts) == given

    def test_a_tier_once_reached_is_not_new(self) -> None:
        facts = {"software_revenue_cny": 2900 * WAN, "prior_year_software_revenue_cny": 1500 * WAN}
        assert amount("revenue-tier", **facts, best_prior_software_revenue_cny=2000 * WAN) is None
        assert (
            amount("revenue-tier", **facts, best_prior_software_revenue_cny=2000 * WAN - 1)
            == 20 * WAN
        )

    def test_several_tiers_at_once(self) -> None:
        facts = {"software_revenue_cny": 6000 * WAN}
        assert amount("revenue-tier", **facts) == 100 * WAN
        assert amount("revenue-tier", {"jump": "sum_of_new"}, **facts) == 170 * WAN

    def test_an_earlier_tier_may_be_deducted(self) -> None:
        facts = {
            "software_revenue_cny": 5000 * WAN,
            "prior_year_software_revenue_cny": 2500 * WAN,
            "best_prior_software_revenue_cny": 2500 * WAN,
            "already_paid": [{"rule": "revenue-tier", "tier": 2000 * WAN, "amount_cny": 20 * WAN}],
        }
        assert amount("revenue-tier", **facts) == 100 * WAN
        assert amount("revenue-tier", {"deduct_lower": "yes"}, **facts) == 80 * WAN

    def test_a_tier_is_paid_once(self) -> None:
        before = [{"rule": "revenue-tier", "tier": 2000 * WAN}]
        assert amount("revenue-tier", already_paid=before) is None

    @pytest.mark.parametrize(
        ("reading", "verdict"),
        [
            ("needs_fact", Verdict.NEEDS_FACT),
            ("growth_met", Verdict.APPLIES),
            ("growth_unmet", Verdict.DOES_NOT),
        ],
    )
    def test_a_company_without_a_year_before(self, reading: str, verdict: Verdict) -> None:
        nothing = {"prior_year_software_revenue_cny": None, "best_prior_software_revenue_cny": None}
        found = result("revenue-tier", facts_of("revenue-tier", **nothing), no_prior_year=reading)
        assert found.verdict is verdict
        assert found.amount_cny == (20 * WAN if verdict is Verdict.APPLIES else None)

    def test_a_year_before_that_nobody_told_is_never_taken_for_none(self) -> None:
        facts = without(facts_of("revenue-tier"), "prior_year_software_revenue_cny")
        for reading in ("needs_fact", "growth_met", "growth_unmet"):
            assert (
                result("revenue-tier", facts, no_prior_year=reading).verdict is Verdict.NEEDS_FACT
            )

    def test_a_year_before_of_zero_needs_a_ruling(self) -> None:
        found = result("revenue-tier", facts_of("revenue-tier", prior_year_software_revenue_cny=0))
        assert found.verdict is Verdict.NEEDS_RULING
        assert [q.id for q in found.ruling] == ["q-tier"]

    def test_the_best_year_is_no_less_than_the_last(self) -> None:
        with pytest.raises(Refusal) as refused:
            amount("revenue-tier", best_prior_software_revenue_cny=1800 * WAN - 1)
        assert set(refused.value.errors) == {"best_prior_software_revenue_cny"}

    def test_a_stated_growth_must_be_the_true_one(self) -> None:
        assert amount("revenue-tier", revenue_growth=0.22) == 20 * WAN
        with pytest.raises(Refusal) as refused:
            amount("revenue-tier", revenue_growth=0.5)
        assert set(refused.value.errors) == {"revenue_growth"}


class TestFirstEntry:
    """四(三)2: one reward for a company, for its own entry."""

    def test_which_titles(self) -> None:
        assert amount("top100-first", first_entry="national-key-software") == 150 * WAN
        assert amount("top100-first", first_entry="zhejiang-key-software") is None
        assert amount("province-key-first", first_entry="china-software-100") is None

    @pytest.mark.parametrize("code", ["top100-first", "province-key-first"])
    def test_an_entry_of_the_group(self, code: str) -> None:
        assert amount(code, entry_holder="group") is None
        assert amount(code, {"entry_holder": "group"}, entry_holder="group") == CASES[code][1]
        assert amount(code, {"entry_holder": "group"}) == CASES[code][1]

    def test_one_reward_or_one_for_each_title(self) -> None:
        before = [{"rule": "top100-first", "first_entry": "national-key-software", "amount_cny": 1}]
        assert amount("top100-first", already_paid=before) is None
        assert amount("top100-first", {"per_title": "per_title"}, already_paid=before) == 150 * WAN
        same = [before[0] | {"first_entry": "china-software-100"}]
        assert amount("top100-first", {"per_title": "per_title"}, already_paid=same) is None


class TestOutsourcing:
    """四(三)3: a rate with a cap for a company and year."""

    @pytest.mark.parametrize(
        ("executed", "given"),
        [(33, 0), (34, 1), (3333_3333, 99_9999), (3333_3334, 100 * WAN), (1 * YI, 100 * WAN)],
    )
    def test_rate_and_cap(self, executed: int, given: int) -> None:
        assert amount("outsourcing", executed_order_cny=executed) == given

    def test_what_the_cap_counts(self) -> None:
        before = [
            {"rule": "outsourcing", "year": 2025, "amount_cny": 70 * WAN},
            {"rule": "outsourcing", "year": 2026, "amount_cny": 20 * WAN},
        ]
        assert amount("outsourcing", already_paid=before) == 40 * WAN
        assert amount("outsourcing", {"cap_per": "order"}, already_paid=before) == 60 * WAN
        assert amount("outsourcing", {"cap_per": "company"}, already_paid=before) == 10 * WAN

    def test_a_used_up_cap_gives_nothing(self) -> None:
        before = [{"rule": "outsourcing", "year": 2026, "amount_cny": 100 * WAN}]
        assert amount("outsourcing", executed_order_cny=9 * YI, already_paid=before) is None
