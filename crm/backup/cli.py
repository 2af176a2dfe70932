"""``backup FILE`` and ``restore FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from crm import clock
from crm.backup import restoring, writing
from crm.backup.form import Contents, NoBackup
from crm.commandline import OneLineCommand, fail, json_option, print_json
from models import db

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", cls=OneLineCommand)
@click.argument("file", type=_FILE)
@json_option
@with_appcontext
def back_up(file: Path, as_json: bool) -> None:
    """Write every row and every attachment into FILE, as of this moment."""
    try:
        store = current_app.extensions["crm.files"]
        contents = writing.back_up(db.engine, store, file, clock.now(), _told)
    except NoBackup as refused:
        fail(str(refused))
    except OSError as error:
        fail(f"{file} was not written: {error.strerror or error}")
    for sha256 in contents.lost:
        click.echo(f"attachment {sha256} is not in the store; doctor says which", err=True)
    _say("Backed up", contents, as_json=as_json)


@click.command("restore", cls=OneLineCommand)
@click.argument("file", type=_FILE)
@json_option
@with_appcontext
def restore(file: Path, as_json: bool) -> None:
    """Fill an empty database and file store from FILE; it may come from the other engine."""
    try:
        store = current_app.extensions["crm.files"]
        contents = restoring.restore(db.engine, store, file, _told)
    except NoBackup as refused:
        fail(str(refused))
    except OSError as error:
        fail(f"{file} was not restored: {error.strerror or error}")
    _say("Restored", contents, as_json=as_json)


def _told(part: str) -> None:
    """Long work says where it is, to a person who watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{part}", err=True, nl=False)


def _say(done: str, contents: Contents, *, as_json: bool) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    if as_json:
        print_json(
            {
                "made_at": contents.made_at,
                "rows": contents.rows,
                "files": len(contents.files),
                "lost": list(contents.lost),
            }
        )
        return
    click.echo(
        f"{done}: {contents.rows} rows and {len(contents.files)} files, as of {contents.made_at}"
    )


COMMANDS = (back_up, restore)
