"""What may be said of a company's years: pure."""

from __future__ import annotations

from datetime import date

from crm.messages import Message, msg

EARLIEST = 1990


def wrong_figures(
    year: int | None, revenue_cny: int | None, employees: int | None, today: date
) -> dict[str, list[Message]]:
    """What is wrong with the figures of a year, field by field. Whole CNY and people."""
    errors: dict[str, list[Message]] = {}
    if year is None or not EARLIEST <= year <= today.year:
        span = {"first": str(EARLIEST), "last": str(today.year)}
        errors["year"] = [msg("请填 %(first)s 到 %(last)s 之间的年份。", **span)]
    if revenue_cny is None and employees is None:
        errors["revenue_cny"] = [msg("收入和人数，至少填一项。")]
    if revenue_cny is not None and revenue_cny < 0:
        errors["revenue_cny"] = [msg("收入不能小于 0，请核对。")]
    if employees is not None and employees < 0:
        errors["employees"] = [msg("人数不能小于 0，请核对。")]
    return errors
