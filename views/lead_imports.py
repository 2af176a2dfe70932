"""Bring a ledger of leads in: upload, look at what it would do, put right, import, take back."""

from __future__ import annotations

import re
from io import BytesIO

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.companies.identity import Answer
from crm.companies.names import difference
from crm.errors import Refusal
from crm.formats import say
from crm.imports import batches as import_batches
from crm.imports import jobs
from crm.imports.recent import written
from crm.jobs.importing import run
from crm.leads import lookups
from crm.leads.importing import batches, queries, service
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.matching import Mode
from crm.leads.importing.preview import open_table
from crm.leads.importing.staging import StageChoice
from crm.leads.inputs import Errors
from crm.packing import sentence
from models import db
from models.columns import UNKEEPABLE
from models.enums import Role
from models.import_batch import BatchState, ImportBatch, ImportJob, JobKind
from views.addresses import kept, whole
from views.errors import wants_json
from views.forms.base import answer
from views.forms.lead_import import LeadImportForm, LedgerForm
from views.guard import actor, needs
from views.import_pages import chosen_columns, progress_of, unreadable, worker_here
from views.lead_import_pages import LeadImportPage, unknown_words
from views.toasts import toast

blueprint = Blueprint("lead_imports", __name__, url_prefix="/leads/import")


@blueprint.get("")
@needs(Right.IMPORT_LEADS)
def new() -> ResponseReturnValue:
    """Choose whose ledger and the file; below, what was imported before."""
    form = LeadImportForm().offer(actor())
    return render_template("lead_imports/new.html", form=form, **_recent())


@blueprint.post("")
@needs(Right.IMPORT_LEADS)
def create() -> ResponseReturnValue:
    """Keep the file and show what it would do."""
    form = LeadImportForm().offer(actor())
    if form.validate_on_submit():
        with form.refusals(), unreadable():
            batch = _stored(form)
            return _work(batch, JobKind.CHECK)
    return answer(form, "lead_imports/new.html", **_recent())


@blueprint.get("/<public_id>")
@needs(Right.IMPORT_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """How far the work is; then what the import would do, row by row; after it, what it did."""
    batch = batches.load(public_id, actor())
    job = jobs.of(batch)
    if job is not None and job.error is None:
        return render_template("import_pages/progress.html", **_progress(batch, job))
    failed = say(sentence(job.error)) if job is not None and job.error else None
    return _page(batch, failed=failed)


@blueprint.get("/<public_id>/progress")
@needs(Right.IMPORT_LEADS)
def progress(public_id: str) -> ResponseReturnValue:
    """How far it is, for the page that waits; when it is done the page is loaded anew."""
    batch = batches.load(public_id, actor())
    job = jobs.of(batch)
    if job is None or job.error is not None:
        return "", 200, {"HX-Redirect": _address(batch)}
    return render_template("import_pages/_progress.html", **_progress(batch, job))


@blueprint.post("/<public_id>/work")
@needs(Right.IMPORT_LEADS)
def work(public_id: str) -> ResponseReturnValue:
    """Do here what no worker has begun."""
    batch = batches.load(public_id, actor())
    run(batch.id, worker_here())
    return redirect(_address(batch))


@blueprint.get("/<public_id>/columns")
@needs(Right.IMPORT_LEADS)
def columns_left(public_id: str) -> ResponseReturnValue:
    """The address that a refused choice of columns leaves in the browser."""
    return redirect(_address(batches.load(public_id, actor())))


@blueprint.post("/<public_id>/columns")
@needs(Right.IMPORT_LEADS)
def columns(public_id: str) -> ResponseReturnValue:
    """Say which column is what."""
    choices = chosen_columns()
    batch = batches.waiting(public_id, actor())
    try:
        batches.map_columns(batch, choices)
    except Refusal as refusal:
        if wants_json():
            raise
        db.session.rollback()
        return _page(batches.load(public_id, actor()), refusal=refusal, choices=choices)
    return _work(batch, JobKind.CHECK)


@blueprint.post("/<public_id>/choices")
@needs(Right.IMPORT_LEADS)
def choose(public_id: str) -> ResponseReturnValue:
    """Say what holds for every row."""
    batch = batches.waiting(public_id, actor())
    form = LedgerForm().offer(any_team=batches.of_any_team(batch))
    if not form.validate():
        abort(400)
    batches.choose(
        batch,
        mode=Mode(form.mode.data),
        stages=StageChoice(form.stages.data),
        segment=form.segment.data or "",
        team=form.team.data if "team" in form else None,
    )
    return _work(batch, JobKind.CHECK)


@blueprint.post("/<public_id>/words")
@needs(Right.IMPORT_LEADS)
def words(public_id: str) -> ResponseReturnValue:
    """Say once for the whole file what its words stand for."""
    batch = batches.waiting(public_id, actor())
    said = zip(
        request.form.getlist("meaning"),
        request.form.getlist("word"),
        request.form.getlist("stands_for"),
        strict=False,
    )
    for key, text, stands_for in said:
        if stands_for and not UNKEEPABLE.search(text + stands_for):
            batches.set_word(batch, key, text, stands_for)
    return _work(batch, JobKind.CHECK)


@blueprint.post("/<public_id>/decisions")
@needs(Right.IMPORT_LEADS)
def decide(public_id: str) -> ResponseReturnValue:
    """Say what a doubtful row is to the company beside it; once written it is written at once."""
    said, row = request.form.get("answer", ""), request.form.get("row", 0, type=whole)
    if said not in {"", *Answer}:
        abort(400)
    batch = batches.load(public_id, actor(), for_update=True)
    company = request.form.get("company", "", type=kept)
    if batch.state is BatchState.APPLIED:
        if not said:
            abort(400)
        service.settle(batch, row, Answer(said), company, clock.now())
    else:
        import_batches.set_answer(import_batches.require_waiting(batch), row, said or None, company)
        service.recheck(batch, row, clock.now())
    db.session.commit()
    return redirect(_address(batch, tab=request.form.get("tab"), row=request.form.get("next")))


@blueprint.post("/<public_id>/repairs")
@needs(Right.IMPORT_LEADS)
def repair(public_id: str) -> ResponseReturnValue:
    """Put other values in place of a row's wrong cells."""
    row = request.form.get("row", 0, type=whole)
    texts = {
        meaning.key: text
        for meaning in LEAD_COLUMNS.meanings
        if (text := request.form.get(meaning.key, type=kept)) is not None
    }
    batch = batches.waiting(public_id, actor())
    import_batches.set_texts(batch, row, texts, LEAD_COLUMNS)
    service.recheck(batch, row, clock.now())
    db.session.commit()
    return redirect(_address(batch, tab=request.form.get("tab")))


@blueprint.post("/<public_id>/application")
@needs(Right.IMPORT_LEADS)
def apply(public_id: str) -> ResponseReturnValue:
    """Write it; pressed twice it is written once."""
    batch = batches.load(public_id, actor(), for_update=True)
    if batch.state is BatchState.APPLIED:
        return redirect(_address(batch))
    return _work(batch, JobKind.APPLY)


@blueprint.post("/<public_id>/reversal")
@needs(Right.IMPORT_LEADS)
def undo(public_id: str) -> ResponseReturnValue:
    """Take the whole import back."""
    batch = batches.load(public_id, actor(), for_update=True)
    if batch.state is BatchState.UNDONE:
        return redirect(_address(batch))
    return _work(batch, JobKind.UNDO)


@blueprint.post("/<public_id>/dismissal")
@needs(Right.IMPORT_LEADS)
def drop(public_id: str) -> ResponseReturnValue:
    """Give a waiting import up."""
    batches.drop(batches.waiting(public_id, actor()))
    db.session.commit()
    toast(_("已放弃，没有写入任何数据"))
    return redirect(url_for("lead_imports.new"))


@blueprint.get("/<public_id>/rejected.xlsx")
@needs(Right.IMPORT_LEADS)
def rejected(public_id: str) -> ResponseReturnValue:
    """The rows in error as the table they came in, with the reason beside each."""
    batch = batches.load(public_id, actor())
    stem = re.sub(r"\.\w{1,5}$", "", batch.file_name)
    data = BytesIO(queries.rejected_workbook(batch))
    return send_file(
        data, as_attachment=True, download_name=_("%(file)s-未导入", file=stem) + ".xlsx"
    )


def _recent() -> dict[str, object]:
    return {"recent": batches.recent(actor(), request.args.get("cursor", "")), "written": written}


def _stored(form: LeadImportForm) -> ImportBatch:
    """Keep the uploaded file; Refusal or UnreadableFile when it can not be one."""
    who = actor()
    errors: Errors = {}
    file, data = form.file.data.filename or "", form.file.data.read()
    citywide = who.role is Role.MANAGER
    team = lookups.team_id(form.team.data or "", errors) if citywide else who.team
    if errors:
        raise Refusal(errors)
    table = open_table(file, data)
    ledger = batches.new_ledger(
        table,
        team=team,
        allowed=None if citywide else frozenset(who.teams),
        mode=Mode(form.mode.data),
    )
    return batches.store(file, data, table, ledger, actor_id=who.id, now=clock.now())


def _work(batch: ImportBatch, kind: JobKind) -> ResponseReturnValue:
    """Ask for the work; of a short file it is done at once, of a long one beside the page."""
    rows: int = batch.mapping["rows"]
    jobs.ask(batch, kind, rows, actor().id, clock.now())
    batch_id, address = batch.id, _address(batch)
    db.session.commit()
    if rows <= jobs.AT_ONCE:
        run(batch_id, worker_here())
    return redirect(address)


def _progress(batch: ImportBatch, job: ImportJob) -> dict[str, object]:
    return progress_of(batch, job, "lead_imports")


def _page(
    batch: ImportBatch,
    *,
    failed: str | None = None,
    refusal: Refusal | None = None,
    choices: dict[int, str] | None = None,
) -> ResponseReturnValue:
    page = LeadImportPage(batch, request.args, actor(), choices)
    context = {"batch": batch, "page": page, "difference": difference, "failed": failed}
    if page.written:
        return render_template("lead_imports/result.html", **context)
    said = batch.decisions
    known = {name: said[name] for name in ("mode", "stages", "segment")}
    form = LedgerForm(**known, team=batches.team_of(batch)).offer(
        any_team=batches.of_any_team(batch)
    )
    html = render_template(
        "lead_imports/show.html",
        **context,
        form=form,
        unknown=unknown_words(batch, actor()),
        mapping_errors=[say(text) for text in refusal.errors["mapping"]] if refusal else [],
    )
    return html, refusal.status if refusal else 200


def _address(batch: ImportBatch, tab: str | None = None, row: str | None = None) -> str:
    return url_for("lead_imports.show", public_id=batch.public_id, tab=tab or None, row=row or None)
