"""``reminders …`` and ``outbox …``: the worker's three jobs by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from crm import clock
from crm.commandline import OneLineGroup, at_option, fail, json_option, print_json
from crm.reminders import runs
from crm.reminders.plan import plan
from crm.reminders.runs import worker_name

reminders = OneLineGroup("reminders", help="Who is due, and their daily mail.")
outbox = OneLineGroup("outbox", help="Mail that waits.")


@reminders.command("plan")
@at_option
@click.option("--dry-run", is_flag=True, help="Count only.")
@json_option
def plan_command(at: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Write a reminder for everything that is due; again writes nothing more."""
    moment = at or clock.now()
    if dry_run:
        result = plan(moment, dry_run=True)
    else:
        result = runs.recorded(runs.PLAN, worker_name(), lambda: plan(moment))
    _report(vars(result), as_json)


@reminders.command("digest")
@at_option
@json_option
def digest_command(at: datetime | None, as_json: bool) -> None:
    """Queue one mail a person and working day."""
    # Planning starts without what writes and sends mails.
    from crm.reminders.digest import queue_digests  # noqa: PLC0415

    moment = at or clock.now()
    result = runs.recorded(runs.DIGEST, worker_name(), lambda: queue_digests(moment))
    _report(vars(result), as_json)


@outbox.command("send")
@at_option
@click.option("--max", "most", type=click.IntRange(min=1), help="No more than this many.")
@json_option
def send_command(at: datetime | None, most: int | None, as_json: bool) -> None:
    """Send what is due; without MAIL_URL all of it stays."""
    from crm.reminders.outbox import send_due  # noqa: PLC0415

    moment = at or clock.now()
    try:
        result = runs.recorded(runs.SEND, worker_name(), lambda: send_due(moment, most))
    except ValueError as error:
        fail(str(error))
    _report(vars(result), as_json)


def _report(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    for name, value in result.items():
        if isinstance(value, dict):
            for inner, number in sorted(value.items()):
                click.echo(f"  {inner}: {number}")
        else:
            click.echo(f"{name}: {value}")


COMMANDS = (reminders, outbox)
