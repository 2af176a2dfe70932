"""``incentives calculate`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm.offers.policy import policy
from tests.offers.cases import WAN, facts_of


@pytest.fixture
def engine_kind() -> str:
    """Nothing is read from the database."""
    return "sqlite"


def run(app: Flask, *args: str, stdin: str | None = None) -> tuple[int, str, str]:
    done = app.test_cli_runner().invoke(args=["incentives", "calculate", *args], input=stdin)
    return done.exit_code, done.stdout, done.stderr


def written(folder: Path, facts: Any) -> str:
    file = folder / "facts.json"
    file.write_text(facts if isinstance(facts, str) else json.dumps(facts), "utf-8")
    return str(file)


def test_one_object_with_every_rule(app: Flask, tmp_path: Path) -> None:
    facts = facts_of("project-subsidy", proposed_amount_cny=4000 * WAN)
    code, out, err = run(app, written(tmp_path, facts), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [rule["code"] for rule in found["rules"]] == list(policy().by_code)
    assert found["rules_version"] == policy().rules_version
    assert found["policy"]["status"] == "draft_for_comments"
    assert found["policy"]["binding"] is False
    assert found["totals"] == {"grant": 3000 * WAN}
    first = found["rules"][0]
    assert first["verdict"] == "applies"
    assert (first["amount_cny"], first["cap_cny"], first["cut_cny"]) == (
        3000 * WAN,
        3000 * WAN,
        1000 * WAN,
    )
    assert "超出上限的 1000万元不给" in first["working"]
    assert first["reading"]["switches"][0]["value"] == "project"
    fund = found["rules"][1]
    assert (fund["verdict"], fund["amount_cny"], fund["missing"]) == (
        "needs_fact",
        None,
        ["fund_left_cny"],
    )
    assert fund["ask"][0]["who"] == "本系统"
    assert set(found["questions"]) >= set(first["questions"])


def test_stdin_rules_and_switches(app: Flask) -> None:
    facts = json.dumps(facts_of("revenue-tier", software_revenue_cny=6000 * WAN))
    args = ("-", "--rule", "revenue-tier", "--switch", "jump=sum_of_new", "--json")
    code, out, _err = run(app, *args, stdin=facts)
    assert code == 0
    (rule,) = json.loads(out)["rules"]
    assert rule["amount_cny"] == 170 * WAN


def test_it_is_said_in_chinese(app: Flask, tmp_path: Path) -> None:
    code, out, _err = run(app, written(tmp_path, facts_of("training")))
    assert code == 0
    assert "征求意见稿" in out
    assert "培训费 1.2万元 × 30% = 3600元" in out
    assert "还要问：" in out


@pytest.mark.parametrize(
    ("facts", "args", "says"),
    [
        ("[]", (), "one JSON object"),
        ("{", (), "no JSON can be read"),
        ('{"cert": "CS", "cert": "ITSS"}', (), "written twice"),
        ('{"training_fee_cny": NaN}', (), "NaN"),
        ({"training_fee_cny": -1}, (), "training_fee_cny"),
        ({"is_atracted": True}, (), "is_attracted"),
        ({}, ("--switch", "jump"), "--switch jump"),
        ({}, ("--switch", "jump=far"), "highest_only"),
        ({}, ("--rule", "nothing"), "nothing"),
        ({}, ("--colour",), "--colour"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    app: Flask, tmp_path: Path, facts: Any, args: tuple[str, ...], says: str
) -> None:
    code, out, err = run(app, written(tmp_path, facts), *args)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_not_there(app: Flask) -> None:
    code, out, err = run(app, "nowhere.json")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
