"""For each rule of the policy a case in which it applies, and what it then gives."""

from __future__ import annotations

from typing import Any

from crm.offers.incentives import Result, Verdict, calculate
from crm.offers.policy import policy

WAN = 10_000
YI = 100_000_000

CERTIFICATE = {"cert": "CMMI", "cert_level": 3, "best_prior_level": None, "first_pass": True}
FIRST_ENTRY = {"first_entry": "china-software-100", "entry_holder": "local_entity"}

# Code of a rule: facts under which it applies, and the amount in CNY (None: no amount is named).
CASES: dict[str, tuple[dict[str, Any], int | None]] = {
    "project-subsidy": (
        {
            "is_attracted": True,
            "is_leading_company": True,
            "is_major_project": False,
            "agreed_investment_cny": 2 * YI,
            "proposed_amount_cny": 1200 * WAN,
        },
        1200 * WAN,
    ),
    "fund": ({"proposed_amount_cny": 2000 * WAN, "fund_left_cny": 10 * YI}, 2000 * WAN),
    "training": (
        {
            "employed_in_local_software": True,
            "trained_at_qualified_agency": True,
            "training_passed": True,
            "training_fee_cny": 12_000,
        },
        3_600,
    ),
    "revenue-tier": (
        {
            "is_software_company": True,
            "software_revenue_cny": 2200 * WAN,
            "prior_year_software_revenue_cny": 1800 * WAN,
            "best_prior_software_revenue_cny": 1900 * WAN,
        },
        20 * WAN,
    ),
    "top100-first": (FIRST_ENTRY, 150 * WAN),
    "province-key-first": (FIRST_ENTRY | {"first_entry": "zhejiang-key-software"}, 50 * WAN),
    "outsourcing": (
        {
            "is_outsourcing_provider": True,
            "order_from_outside_city": True,
            "executed_order_cny": 2000 * WAN,
            "order_year": 2026,
        },
        60 * WAN,
    ),
    "first-version-prov": (
        {"first_edition_level": "province", "product_name": "织造仿真软件"},
        50 * WAN,
    ),
    "first-version-nat": (
        {"first_edition_level": "national", "product_name": "织造仿真软件"},
        150 * WAN,
    ),
    "cert-cmmi": (CERTIFICATE, 20 * WAN),
    "cert-other": (CERTIFICATE | {"cert": "ITSS"}, 10 * WAN),
    "cert-iso27001": ({"cert": "ISO27001", "first_pass": True}, 10 * WAN),
    "key-rd-city": (
        {"rd_programme": "city", "rd_project": "数值风洞", "proposed_amount_cny": 80 * WAN},
        80 * WAN,
    ),
    "key-rd-match": (
        {
            "rd_programme": "province",
            "rd_project": "数值风洞",
            "upstream_grant_cny": 300 * WAN,
            "proposed_amount_cny": 300 * WAN,
        },
        300 * WAN,
    ),
    "loan-startup": ({"is_software_company": True, "growth_stage": "startup"}, 1000 * WAN),
    "loan-growth": ({"is_software_company": True, "growth_stage": "growth"}, 5000 * WAN),
    "guarantee": ({"is_software_company": True}, 1000 * WAN),
    "scout-reward": (
        {
            "landed": True,
            "target_list": ["china-software-100"],
            "district": "南湖区",
            "main_people": ["陈思远"],
        },
        None,
    ),
}


def facts_of(code: str, **changes: Any) -> dict[str, Any]:
    """The facts of a rule's case, with nothing paid before where the rule asks it."""
    facts, _amount = CASES[code]
    paid = {"already_paid": []} if "already_paid" in policy().by_code[code].by_name else {}
    return {**paid, **facts, **changes}


def without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """The facts without some of them."""
    return {name: value for name, value in facts.items() if name not in names}


def result(code: str, facts: dict[str, Any] | None = None, **switches: str) -> Result:
    """What one rule gives for these facts, or for those of its case."""
    given = facts_of(code) if facts is None else facts
    return calculate(given, policy(), switches=switches, rules=[code]).of(code)


def amount(code: str, switches: dict[str, str] | None = None, **changes: Any) -> int | None:
    """The amount of a rule's case with some facts changed; None unless it applies."""
    found = result(code, facts_of(code, **changes), **(switches or {}))
    assert (found.amount_cny is None) or found.verdict is Verdict.APPLIES
    return found.amount_cny
