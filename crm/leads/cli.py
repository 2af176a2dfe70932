"""``leads …``: import a ledger and take an import back; upkeep of what follows from the leads."""

from __future__ import annotations

from pathlib import Path

import click

from crm import clock
from crm.commandline import OneLineGroup, json_option
from crm.errors import Refusal
from crm.imports.columns import parse_mapping
from crm.imports.command import conclude, read_bytes, settled, take_back
from crm.imports.workbook import Limits
from crm.leads import kept, lookups
from crm.leads.importing import batches, service, undoing
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.matching import Mode
from crm.leads.importing.preview import open_table, preview
from crm.leads.importing.staging import StageChoice
from crm.leads.inputs import Errors
from models import db

commands = OneLineGroup("leads", help="Leads.")


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "columns", default="", help="Columns: company=投资方,owner=责任人.")
@click.option("--team", "team", default="", help="Code of the team, for rows that name none.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.ADD.value,
    help="With leads that are there: fill in what they lack, replace, or skip them.",
)
@click.option(
    "--stages",
    type=click.Choice([choice.value for choice in StageChoice]),
    default=StageChoice.GATES.value,
    help="Stop at the furthest stage whose gates hold, or keep the stage as written.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@json_option
def import_ledger(
    file: Path, columns: str, team: str, mode: str, stages: str, *, dry_run: bool, as_json: bool
) -> None:
    """Import leads from a csv or xlsx file."""
    now = clock.now()
    errors: Errors = {}
    team_id = lookups.team_id(team, errors)
    if errors:
        raise Refusal(errors)
    data = read_bytes(file, Limits())
    table = open_table(file.name, data)
    mapping = parse_mapping(columns, table.headers, LEAD_COLUMNS) if columns else None
    ledger = batches.new_ledger(
        table,
        team=team_id,
        allowed=None,
        mode=Mode(mode),
        stages=StageChoice(stages),
        mapping=mapping,
    )
    if not (columns or ledger.remembered):
        settled(ledger.mapping, ledger.headers, LEAD_COLUMNS)
    if dry_run:
        found, batch = preview(table.rows, ledger, clock.local_date(now)), None
    else:
        found, batch = service.import_now(table, data, file.name, ledger, now=now)
    conclude(found.results, found.counts, batch, LEAD_COLUMNS, dry_run=dry_run, as_json=as_json)


@commands.command("undo")
@click.argument("batch")
def undo(batch: str) -> None:
    """Take the whole import BATCH back; import prints the batch's name."""
    undone = take_back(batch, lambda: undoing.undo(batches.locked(batch), clock.now()))
    if undone is None:
        return
    click.echo(f"已撤销 {undone.leads} 条线索、{undone.companies} 家企业。")
    for name in (*undone.kept, *undone.kept_people):
        click.echo(f"留下（之后有人改过）：{name}")


@commands.command("rebuild-totals")
def rebuild_totals() -> None:
    """Write anew what is kept beside leads and companies, so that no page counts them all."""
    kept.rebuild(db.session())
    db.session.commit()
    click.echo("ok", err=True)


COMMANDS = (commands,)
