"""``targets …``: import a list, and take an import back."""

from __future__ import annotations

from pathlib import Path

import click

from crm import clock
from crm.commandline import OneLineGroup
from crm.imports.columns import parse_mapping
from crm.imports.command import conclude, read_bytes, settled, take_back
from crm.imports.workbook import Limits
from crm.targets import undoing
from crm.targets.applying import import_now
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.preview import (
    check_year,
    guess_mapping,
    open_table,
    preview,
    target_list,
)

commands = OneLineGroup("targets", help="Target lists.")


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "list_code", required=True, help="Code of the list.")
@click.option("--year", required=True, type=int, help="Year of the edition.")
@click.option("--map", "columns", default="", help="Columns: rank=排名,name=企业名称.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_list(
    file: Path, list_code: str, year: int, columns: str, *, dry_run: bool, as_json: bool
) -> None:
    """Import a list from a csv or xlsx file."""
    now = clock.now()
    check_year(year, clock.local_date(now))
    target = target_list(list_code)
    data = read_bytes(file, Limits())
    table = open_table(file.name, data)
    if columns:
        mapping = parse_mapping(columns, table.headers, TARGET_COLUMNS)
    else:
        mapping = dict(settled(guess_mapping(table), table.headers, TARGET_COLUMNS))
    if dry_run:
        found, batch = preview(table, target, year, mapping), None
    else:
        found, batch = import_now(table, data, file.name, list_code, year, mapping, now=now)
    conclude(found.results, found.counts, batch, TARGET_COLUMNS, dry_run=dry_run, as_json=as_json)


@commands.command("undo")
@click.argument("batch")
def undo(batch: str) -> None:
    """Take the whole import BATCH back; import prints the batch's name."""
    undone = take_back(batch, lambda: undoing.undo(batch, now=clock.now()))
    if undone is None:
        return
    click.echo(
        f"已撤销 {undone.entries} 条上榜记录、{undone.companies} 家企业；"
        f"留下 {undone.kept_entries} 条、{undone.kept_companies} 家（之后有人用过）。"
    )


COMMANDS = (commands,)
