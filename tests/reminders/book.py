"""The delivered rules as a value, without a database."""

from __future__ import annotations

from crm.messages import Name
from crm.reference import delivered_rule, read
from crm.reminders.rulebook import Book, Rule
from crm.reminders.shapes import rule_of


def delivered() -> dict[str, Rule]:
    """The rules of the data file by code."""
    found = {}
    for row in read("reminder_rules.json")["rules"]:
        rule = delivered_rule(row)
        found[row["code"]] = rule_of(
            row["code"],
            rule["kind"],
            Name(rule["zh"], rule["en"]),
            rule["conditions"],
            rule["steps"],
            working=rule["working"],
        )
    return found


BOOK = Book(tuple(delivered().values()))
