"""``incentives …``: what the policy gives for a file of facts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import IO, Any, NoReturn

import click
from flask_babel import force_locale

from crm.commandline import OneLineGroup, fail, print_json
from crm.formats import exact_money, say
from crm.offers.as_json import as_json
from crm.offers.incentives import Calculation, Result, Verdict, calculate
from crm.offers.policy import policy

commands = OneLineGroup("incentives", help="What the policy gives.")

LARGEST_FILE = 1024 * 1024
_WORDS = {
    Verdict.APPLIES: "可以申请",
    Verdict.NEEDS_FACT: "还缺信息",
    Verdict.NEEDS_RULING: "要请示",
    Verdict.DOES_NOT: "不适用",
}


@commands.command("calculate")
@click.argument("facts", type=click.File("rb"))
@click.option("--switch", "switches", multiple=True, help="Another reading: jump=sum_of_new.")
@click.option("--rule", "rules", multiple=True, help="Only this rule; may be given again.")
@click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
def calculate_file(
    facts: IO[bytes], switches: tuple[str, ...], rules: tuple[str, ...], *, as_object: bool
) -> None:
    """Say what each rule gives for the facts in FACTS, a JSON object; - reads stdin."""
    given = read_object(facts)
    found = calculate(given, policy(), switches=_switches(switches), rules=rules or None)
    with force_locale("zh_Hans_CN"):
        if as_object:
            print_json(as_json(found))
        else:
            _say(found)


def read_object(file: IO[bytes]) -> dict[str, Any]:
    """A JSON object of facts; anything else is wrong use."""
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        fail(f"{file.name}: more than 1 MB; these are no facts of a calculation.")
    try:
        found = json.loads(
            data.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        fail(f"{file.name}: no JSON can be read: {error}")
    if not isinstance(found, dict):
        fail(f'{file.name}: write one JSON object, such as {{"is_attracted": true}}.')
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is written twice")
        found[name] = value
    return found


def _switches(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip() or not value.strip():
            fail(f"--switch {one}: write NAME=VALUE, such as --switch jump=sum_of_new.")
        found[name.strip()] = value.strip()
    return found


def _say(found: Calculation) -> None:
    rules = found.policy
    _line(0, f"{say(rules.title)}（{say(rules.status_name)}，规则 {rules.rules_version}）")
    for kind, cny in found.totals.items():
        _line(0, f"{say(rules.kinds[kind])}合计 {exact_money(cny)}")
    _line(0, "；".join(say(text) for text in found.caveats))
    for verdict, word in _WORDS.items():
        results = found.having(verdict)
        if results:
            _line(0, "")
            _line(0, f"{word}（{len(results)}）")
        for result in results:
            _result(result)


def _result(result: Result) -> None:
    amount = "" if result.amount_cny is None else f"：{exact_money(result.amount_cny)}"
    _line(1, f"{say(result.rule.name)}［{result.rule.code}，{result.rule.clause}］{amount}")
    for step in result.working:
        _line(2, say(step))
    if result.missing:
        _line(
            2,
            "还要问："
            + "；".join(
                f"{say(m.fact.label)}（{say(m.who)}，{m.fact.name}）" for m in result.missing
            ),
        )
    for question in result.ruling:
        _line(2, f"要请示：{say(question.text)}")
    if result.verdict is not Verdict.DOES_NOT:
        _line(2, f"读法：{say(result.rule.interpretation)}")
    for reading in result.readings:
        if not reading.is_default:
            _line(2, f"口径改为：{say(reading.switch.label)}，{say(reading.name)}")


def _line(depth: int, text: str) -> None:
    click.echo(f"{'  ' * depth}{text}")


COMMANDS = (commands,)
