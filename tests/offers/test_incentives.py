"""What each rule gives: a worked case, its edges, its switches both ways, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from crm.errors import Refusal
from crm.offers.incentives import Verdict, calculate
from crm.offers.policy import policy
from crm.offers.terms import Kind
from tests.offers.cases import CASES, WAN, YI, amount, facts_of, result, without

POLICY = policy()
NEEDED = [
    (code, name)
    for code in CASES
    for name in facts_of(code)
    # One of the two that make a project worth it is enough.
    if name != "is_major_project"
]


@pytest.mark.parametrize("code", CASES)
def test_the_worked_case(code: str) -> None:
    found = result(code)
    assert (found.verdict, found.amount_cny) == (Verdict.APPLIES, CASES[code][1])
    assert found.working
    assert not found.missing


@pytest.mark.parametrize(("code", "name"), NEEDED)
def test_a_missing_fact_is_named_and_never_gives_an_amount(code: str, name: str) -> None:
    found = result(code, without(facts_of(code), name))
    assert found.verdict is Verdict.NEEDS_FACT
    assert found.amount_cny is None
    assert [one.fact.name for one in found.missing] == [name]
    assert found.missing[0].who == POLICY.known_by[found.missing[0].fact.known_by]


@pytest.mark.parametrize(
    ("code", "name"),
    [(c, n) for c, n in NEEDED if POLICY.by_code[c].by_name[n].none is None],
)
def test_null_is_missing_where_the_policy_has_no_word_for_it(code: str, name: str) -> None:
    found = result(code, facts_of(code, **{name: None}))
    assert found.amount_cny is None
    assert [one.fact.name for one in found.missing] == [name]


@pytest.mark.parametrize(
    ("code", "name"),
    [(c, n) for c, n in NEEDED if isinstance(CASES[c][0].get(n), bool) and CASES[c][0][n]],
)
def test_a_condition_that_fails_decides(code: str, name: str) -> None:
    """Whatever else is missing; for a leading company the other way in is closed too."""
    found = result(
        code,
        {name: False, "is_major_project": False} if code == "project-subsidy" else {name: False},
    )
    assert found.verdict is Verdict.DOES_NOT
    assert found.amount_cny is None
    assert found.working


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

    @pytest.mark.parametrize(
        ("revenue", "given"), [(2000_0001, 20 * WAN), (2000_0000, None), (1999_9999, None)]
    )
    def test_growth_is_at_least_a_tenth(self, revenue: int, given: int | None) -> None:
        """Of 18,181,819 a tenth more is 20,000,000.9."""
        before = 1818_1819
        facts = {
            "prior_year_software_revenue_cny": before,
            "best_prior_software_revenue_cny": before,
        }
        assert amount("revenue-tier", software_revenue_cny=revenue, **facts) == given

    def test_growth_of_exactly_a_tenth(self) -> None:
        facts = {
            "software_revenue_cny": 2200 * WAN,
            "prior_year_software_revenue_cny": 2000 * WAN,
            "best_prior_software_revenue_cny": 2000 * WAN,
        }
        grown = result("revenue-tier", facts_of("revenue-tier", **facts))
        assert any("10%" in str(step) for step in grown.working)
        assert amount("revenue-tier", **facts | {"software_revenue_cny": 3300 * WAN}) == 50 * WAN

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


class TestFirstEdition:
    """四(四)1: once for a product and level."""

    def test_a_product_is_paid_once_at_each_level(self) -> None:
        before = [
            {
                "rule": "first-version-prov",
                "product": "织造仿真软件",
                "first_edition_level": "province",
                "amount_cny": 50 * WAN,
            }
        ]
        assert amount("first-version-prov", already_paid=before) is None
        assert amount("first-version-prov", product_name="另一款", already_paid=before) == 50 * WAN
        assert amount("first-version-nat", already_paid=before) == 150 * WAN
        company = {"per": "company"}
        assert (
            amount("first-version-prov", company, product_name="另一款", already_paid=before)
            is None
        )

    def test_an_upgrade_may_pay_the_difference(self) -> None:
        before = [{"rule": "first-version-prov", "product": "织造仿真软件", "amount_cny": 50 * WAN}]
        difference = {"upgrade": "difference"}
        assert amount("first-version-nat", difference, already_paid=before) == 100 * WAN
        assert amount("first-version-nat", difference) == 150 * WAN
        other = [before[0] | {"product": "另一款"}]
        assert amount("first-version-nat", difference, already_paid=other) == 150 * WAN


class TestCertificates:
    """四(四)2: an amount for each level, in the direction of the scale."""

    @pytest.mark.parametrize(
        ("cert", "level", "steps"),
        [
            ("CMMI", 2, None),
            ("CMMI", 3, 1),
            ("CMMI", 4, 2),
            ("CMMI", 5, 3),
            ("T/SIA009-2020", 4, None),
            ("T/SIA009-2020", 3, 1),
            ("T/SIA009-2020", 1, 3),
        ],
    )
    def test_levels_of_the_first_group(self, cert: str, level: int, steps: int | None) -> None:
        assert amount("cert-cmmi", cert=cert, cert_level=level) == (steps and steps * 20 * WAN)

    @pytest.mark.parametrize(
        ("cert", "level", "steps"),
        [
            ("ITSS", 4, None),
            ("ITSS", 3, 1),
            ("ITSS", 1, 3),
            ("CS", 2, None),
            ("CS", 5, 3),
            ("CCRC", 3, 1),
            ("CCRC", 1, 3),
        ],
    )
    def test_levels_of_the_second_group(self, cert: str, level: int, steps: int | None) -> None:
        assert amount("cert-other", cert=cert, cert_level=level) == (steps and steps * 10 * WAN)

    @pytest.mark.parametrize(
        ("reading", "first", "best", "risen"),
        [
            ("from_threshold", 1, 3, 2),
            ("above_threshold", None, 2, 2),
            ("from_lowest", 3, 5, 2),
            ("single", 1, 1, 1),
        ],
    )
    def test_how_a_first_pass_counts(
        self, reading: str, first: int | None, best: int, risen: int
    ) -> None:
        """At level 3, straight at 5, and from 3 to 5."""
        switches = {"first_pass_steps": reading}
        each = 20 * WAN
        assert amount("cert-cmmi", switches) == (first and first * each)
        assert amount("cert-cmmi", switches, cert_level=5) == best * each
        assert amount("cert-cmmi", switches, cert_level=5, best_prior_level=3) == risen * each

    def test_nothing_for_what_was_passed_or_paid_before(self) -> None:
        assert amount("cert-cmmi", best_prior_level=3) is None
        assert amount("cert-cmmi", first_pass=False) is None
        before = [{"rule": "cert-cmmi", "cert": "CMMI", "cert_level": 4, "amount_cny": 40 * WAN}]
        assert amount("cert-cmmi", cert_level=5, already_paid=before) == 20 * WAN
        assert amount("cert-cmmi", cert_level=4, already_paid=before) is None
        other = [before[0] | {"cert": "T/SIA009-2020"}]
        assert amount("cert-cmmi", cert_level=4, already_paid=other) == 40 * WAN

    def test_lines_count_together_or_apart(self) -> None:
        facts = {
            "cert": "CCRC",
            "cert_line": "应急处理",
            "already_paid": [
                {
                    "rule": "cert-other",
                    "cert": "CCRC",
                    "cert_line": "风险评估",
                    "cert_level": 3,
                    "amount_cny": 1,
                }
            ],
        }
        assert amount("cert-other", **facts) is None
        assert amount("cert-other", {"cert_line": "per_line"}, **facts) == 10 * WAN
        unnamed = result(
            "cert-other",
            without(facts_of("cert-other", **facts), "cert_line"),
            cert_line="per_line",
        )
        assert [m.fact.name for m in unnamed.missing] == ["cert_line"]

    def test_an_unknown_scale_needs_a_ruling(self) -> None:
        found = result("cert-other", facts_of("cert-other", cert="T/SIA010.11"))
        assert (found.verdict, found.amount_cny) == (Verdict.NEEDS_RULING, None)
        assert [q.id for q in found.ruling] == ["q-cert-scale"]

    @pytest.mark.parametrize("name", ["cert_level", "best_prior_level"])
    def test_a_level_that_is_not_there_is_refused(self, name: str) -> None:
        with pytest.raises(Refusal) as refused:
            amount("cert-cmmi", **{name: 6})
        assert set(refused.value.errors) == {name}

    def test_one_standard_under_two_names_is_paid_once(self) -> None:
        before = [{"rule": "cert-iso27001", "cert": "BS7799", "amount_cny": 10 * WAN}]
        assert amount("cert-iso27001", already_paid=before) is None


class TestResearch:
    """四(四)3: a project of the city's programme, and a match of grants from above."""

    @pytest.mark.parametrize(
        ("proposed", "given"), [(100 * WAN, 100 * WAN), (100 * WAN + 1, 100 * WAN)]
    )
    def test_the_city_programme(self, proposed: int, given: int) -> None:
        assert amount("key-rd-city", proposed_amount_cny=proposed) == given

    @pytest.mark.parametrize(
        ("proposed", "given"), [(300 * WAN, 300 * WAN), (300 * WAN + 1, 300 * WAN), (1, 1)]
    )
    def test_the_match_is_up_to_the_grant(self, proposed: int, given: int) -> None:
        found = result("key-rd-match", facts_of("key-rd-match", proposed_amount_cny=proposed))
        assert (found.amount_cny, found.cap_cny) == (given, 300 * WAN)

    def test_each_programme_has_its_rule(self) -> None:
        assert amount("key-rd-city", rd_programme="national") is None
        assert amount("key-rd-match", rd_programme="national") == 300 * WAN
        assert amount("key-rd-match", rd_programme="city") is None

    def test_a_second_project_is_another(self) -> None:
        before = [{"rule": "key-rd-city", "project": "数值风洞", "amount_cny": 80 * WAN}]
        assert amount("key-rd-city", already_paid=before) is None
        assert amount("key-rd-city", rd_project="健康大数据", already_paid=before) == 80 * WAN


class TestRecognition:
    """五(二): counted and evidenced, without an amount."""

    def test_which_lists_count(self) -> None:
        for lists, verdict in (
            (["industry-leader"], Verdict.APPLIES),
            (["china-internet-100", "world-software-500"], Verdict.APPLIES),
            (["china-internet-100"], Verdict.DOES_NOT),
            ([], Verdict.DOES_NOT),
        ):
            assert (
                result("scout-reward", facts_of("scout-reward", target_list=lists)).verdict
                is verdict
            )

    @pytest.mark.parametrize("point", ["landed", "registered", "committed"])
    def test_when_a_company_counts_as_attracted(self, point: str) -> None:
        facts = without(facts_of("scout-reward"), "landed") | {point: True}
        assert result("scout-reward", facts, counts_at=point).verdict is Verdict.APPLIES
        missing = result("scout-reward", without(facts, point), counts_at=point).missing
        assert [one.fact.name for one in missing] == [point]

    def test_one_landing_for_a_group(self) -> None:
        before = [{"rule": "scout-reward", "group": "中软集团"}]
        for group, verdict in (("中软集团", Verdict.DOES_NOT), ("另一家", Verdict.APPLIES)):
            facts = facts_of("scout-reward", group=group, already_paid=before)
            assert result("scout-reward", facts).verdict is verdict


def test_kinds_are_summed_apart() -> None:
    facts: dict[str, Any] = {"already_paid": []}
    for code, (one, _amount) in CASES.items():
        facts |= {f"{code}.{name}": value for name, value in one.items()}
    found = calculate(facts, POLICY)
    sums: dict[Kind, int] = {}
    for code, (_facts, cny) in CASES.items():
        if cny is not None:
            kind = POLICY.by_code[code].kind
            sums[kind] = sums.get(kind, 0) + cny
    assert found.totals == sums
    assert Kind.RECOGNITION not in found.totals
    assert len(found.having(Verdict.APPLIES)) == len(CASES)


def test_every_result_is_marked_as_a_draft() -> None:
    texts = [str(text) for text in calculate({}, POLICY).caveats]
    assert texts == [
        "征求意见稿，没有约束力",
        "能否叠加未定，合计按全部可以叠加算",
        "由哪一级财政承担未定",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("is_atracted", True),
        ("training.is_attracted", True),
        ("is_attracted", 1),
        ("is_attracted", "true"),
        ("training_fee_cny", -1),
        ("training_fee_cny", 1.5),
        ("training_fee_cny", True),
        ("training_fee_cny", "12000"),
        ("training_fee_cny", 10**12 + 1),
        ("order_year", 26),
        ("cert", "ISO9001"),
        ("cert_level", 2.0),
        ("product_name", " "),
        ("product_name", "名" * 201),
        ("revenue_growth", float("nan")),
        ("target_list", "china-software-100"),
        ("target_list", ["fortune-500"]),
        ("main_people", [{"name": "陈思远", "share": 90}]),
        ("main_people", [{"who": "陈思远"}]),
        ("already_paid", {"rule": "training"}),
        ("already_paid", ["training"]),
        ("already_paid", [{"rule": "nothing"}]),
        ("already_paid", [{"rule": "training", "moon": 1}]),
        ("already_paid", [{"rule": "training", "amount_cny": -1}]),
        ("already_paid", [{"rule": "outsourcing", "year": 2026}]),
        ("already_paid", [{"rule": "revenue-tier", "tier": 1}]),
    ],
)
def test_what_is_wrong_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(Refusal) as refused:
        calculate({name: value}, POLICY)
    assert list(refused.value.errors) == [name]
    assert name in " ".join(map(str, refused.value.errors[name]))


@pytest.mark.parametrize(
    ("switches", "rules", "name"),
    [
        ({"mood": "good"}, None, "mood"),
        ({"jump": "far"}, None, "jump"),
        ({"outsourcing.jump": "sum_of_new"}, None, "outsourcing.jump"),
        ({"jump": "sum_of_new"}, ["training"], "jump"),
        ({}, ["nothing"], "rule"),
    ],
)
def test_wrong_switches_and_rules_are_refused(
    switches: dict[str, str], rules: list[str] | None, name: str
) -> None:
    with pytest.raises(Refusal) as refused:
        calculate({}, POLICY, switches=switches, rules=rules)
    assert list(refused.value.errors) == [name]


def test_a_switch_of_one_rule_goes_before_one_of_all() -> None:
    switches = {"cap_per": "company", "outsourcing.cap_per": "order"}
    found = calculate({}, POLICY, switches=switches)
    assert [r.value for r in found.of("outsourcing").readings] == ["order"]
    assert found.of("project-subsidy").readings[0].value == "company"


def test_a_fact_of_one_rule_goes_before_one_of_all() -> None:
    facts = facts_of("project-subsidy") | facts_of("fund") | {"fund.proposed_amount_cny": 7}
    found = calculate(facts, POLICY)
    assert found.of("fund").amount_cny == 7
    assert found.of("project-subsidy").amount_cny == 2000 * WAN
