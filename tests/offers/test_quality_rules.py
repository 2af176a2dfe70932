"""Products, certificates, research, credit for attracting: edges and readings of each clause."""

from __future__ import annotations

import pytest

from crm.errors import Refusal
from crm.offers.incentives import Verdict
from tests.offers.cases import WAN, amount, facts_of, result, without


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
