"""``worker`` and ``doctor``."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.commandline import OneLineCommand
from crm.doctor import examine
from crm.jobs.worker import Worker


@click.command("worker", cls=OneLineCommand)
@with_appcontext
def worker() -> None:
    """Write the day's mails, send and import what waits, until stopped. Any number may run."""
    Worker(current_app._get_current_object()).run()  # type: ignore[attr-defined]


@click.command("doctor", cls=OneLineCommand)
@with_appcontext
def doctor() -> None:
    """Say what is wrong with this installation; exit 1 when something is."""
    findings = examine()
    for finding in findings:
        click.echo(f"{finding.level:4} {finding.subject}: {finding.text}")
    if any(finding.level == "bad" for finding in findings):
        raise SystemExit(1)


COMMANDS = (worker, doctor)
