"""Bring a list in: upload, look at what it would do, put right, import, take back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.companies.identity import Answer
from crm.companies.names import difference
from crm.errors import Refusal
from crm.formats import say
from crm.imports import jobs
from crm.imports.recent import written
from crm.jobs.importing import run
from crm.packing import sentence
from crm.targets import applying, batches, undoing
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.known import edition_of
from crm.targets.queries import side_of
from models import db
from models.import_batch import BatchState, ImportBatch, ImportJob, JobKind
from views.addresses import kept, number_of, whole
from views.errors import wants_json
from views.forms.base import answer
from views.forms.target_import import TargetImportForm
from views.guard import actor, needs
from views.import_pages import (
    ImportPage,
    chosen_columns,
    progress_of,
    unreadable,
    worker_here,
)
from views.toasts import toast

blueprint = Blueprint("target_imports", __name__, url_prefix="/targets/import")


@blueprint.get("")
@needs(Right.IMPORT_LISTS)
def new() -> ResponseReturnValue:
    """Choose list, year and file; below, what was imported before."""
    year = number_of(request.args.get("year")) or None
    form = TargetImportForm(list=request.args.get("list"), year=year).offer(clock.today())
    return render_template("target_imports/new.html", form=form, **_recent())


@blueprint.post("")
@needs(Right.IMPORT_LISTS)
def create() -> ResponseReturnValue:
    """Keep the file and show what it would do."""
    form = TargetImportForm().offer(clock.today())
    if form.validate_on_submit():
        with form.refusals(), unreadable():
            batch = batches.store_batch(
                form.file.data.filename or "",
                form.file.data.read(),
                form.list.data or "",
                form.year.data,
                actor_id=actor().id,
                now=clock.now(),
            )
            db.session.commit()
            return redirect(_page(batch.public_id))
    return answer(form, "target_imports/new.html", **_recent())


@blueprint.get("/<public_id>")
@needs(Right.IMPORT_LISTS)
def show(public_id: str) -> ResponseReturnValue:
    """What the import would do, row by row; after it, what it did."""
    batch = batches.load_batch(public_id)
    job = jobs.of(batch)
    if job is not None and job.error is None:
        return render_template("import_pages/progress.html", **_progress(batch, job))
    if batch.state is not BatchState.PREVIEW:
        edition = edition_of(batch.target_list.id, batch.year or 0)
        return render_template(
            "target_imports/result.html",
            batch=batch,
            has_edition=edition is not None,
            errors=[_said(error) for error in batch.counts.get("errors", ())],
        )
    failed = say(sentence(job.error)) if job is not None and job.error else None
    return _preview(batch, failed=failed)


@blueprint.get("/<public_id>/progress")
@needs(Right.IMPORT_LISTS)
def progress(public_id: str) -> ResponseReturnValue:
    """How far it is, for the page that waits; when it is done the page is loaded anew."""
    batch = batches.load_batch(public_id)
    job = jobs.of(batch)
    if job is None or job.error is not None:
        return "", 200, {"HX-Redirect": _page(public_id)}
    return render_template("import_pages/_progress.html", **_progress(batch, job))


@blueprint.post("/<public_id>/work")
@needs(Right.IMPORT_LISTS)
def work(public_id: str) -> ResponseReturnValue:
    """Do here what no worker has begun."""
    run(batches.load_batch(public_id).id, worker_here())
    return redirect(_page(public_id))


@blueprint.get("/<public_id>/columns")
@needs(Right.IMPORT_LISTS)
def columns_left(public_id: str) -> ResponseReturnValue:
    """The address that a refused choice of columns leaves in the browser."""
    return redirect(_page(batches.load_batch(public_id).public_id))


@blueprint.post("/<public_id>/columns")
@needs(Right.IMPORT_LISTS)
def columns(public_id: str) -> ResponseReturnValue:
    """Say which column is what."""
    choices = chosen_columns()
    try:
        batches.map_columns(public_id, choices)
    except Refusal as refusal:
        if wants_json():
            raise
        db.session.rollback()
        return _preview(batches.load_batch(public_id), refusal, choices)
    db.session.commit()
    return redirect(_page(public_id))


@blueprint.post("/<public_id>/decisions")
@needs(Right.IMPORT_LISTS)
def decide(public_id: str) -> ResponseReturnValue:
    """Say what a doubtful row is to the company beside it."""
    said = request.form.get("answer", "")
    if said not in {"", *Answer}:
        abort(400)
    batches.answer(
        public_id,
        request.form.get("row", 0, type=whole),
        Answer(said) if said else None,
        request.form.get("company", "", type=kept),
    )
    db.session.commit()
    return redirect(_page(public_id, tab=request.form.get("tab"), row=request.form.get("next")))


@blueprint.post("/<public_id>/repairs")
@needs(Right.IMPORT_LISTS)
def repair(public_id: str) -> ResponseReturnValue:
    """Put other values in place of a row's wrong cells."""
    row = request.form.get("row", 0, type=whole)
    texts = {
        meaning.key: text
        for meaning in TARGET_COLUMNS.meanings
        if (text := request.form.get(meaning.key, type=kept)) is not None
    }
    batches.fix(public_id, row, texts)
    db.session.commit()
    return redirect(_page(public_id, tab=request.form.get("tab")))


@blueprint.post("/<public_id>/application")
@needs(Right.IMPORT_LISTS)
def apply(public_id: str) -> ResponseReturnValue:
    """Write it, a long list beside the page; pressed twice it is written once."""
    batch = batches.load_batch(public_id)
    rows: int = batch.mapping.get("rows", 0)
    if batch.state is BatchState.PREVIEW and rows > jobs.AT_ONCE:
        # Held only here: who writes holds the lists before it.
        batch = batches.load_batch(public_id, for_update=True)
        jobs.ask(batch, JobKind.APPLY, rows, actor().id, clock.now())
    else:
        applying.apply(public_id, now=clock.now())
    db.session.commit()
    return redirect(_page(public_id))


@blueprint.post("/<public_id>/reversal")
@needs(Right.IMPORT_LISTS)
def undo(public_id: str) -> ResponseReturnValue:
    """Take the whole import back."""
    undone = undoing.undo(public_id, now=clock.now())
    db.session.commit()
    if undone:
        toast(ngettext("已撤销 %(num)s 条上榜记录", "已撤销 %(num)s 条上榜记录", undone.entries))
    return redirect(_page(public_id))


@blueprint.post("/<public_id>/dismissal")
@needs(Right.IMPORT_LISTS)
def drop(public_id: str) -> ResponseReturnValue:
    """Give a waiting import up."""
    batches.drop(public_id)
    db.session.commit()
    toast(_("已放弃，没有写入任何数据"))
    return redirect(url_for("targets.index"))


def _said(error: dict[str, Any]) -> dict[str, Any]:
    """A row that was wrong, said in the reader's language."""
    return {**error, "message": say(sentence(error["message"]))}


def _recent() -> dict[str, object]:
    """Earlier imports below the form: of the edition one comes from, else of every list."""
    code, year = request.args.get("list"), number_of(request.args.get("year"))
    edition = (code, year) if code and year else None
    return {
        "recent": batches.recent(request.args.get("cursor", ""), edition),
        "written": written,
        "edition": edition,
    }


def _preview(
    batch: ImportBatch,
    refusal: Refusal | None = None,
    choices: dict[int, str] | None = None,
    failed: str | None = None,
) -> ResponseReturnValue:
    page = ImportPage(batch, batches.preview_of(batch), request.args, choices)
    beside = page.beside
    side = side_of(beside.public_id, actor()) if beside else None
    wrong = (refusal.errors.get("mapping") or refusal.texts) if refusal else []
    html = render_template(
        "target_imports/show.html",
        batch=batch,
        page=page,
        side=side,
        difference=difference,
        mapping_errors=[say(text) for text in wrong],
        failed=failed,
    )
    return html, refusal.status if refusal else 200


def _progress(batch: ImportBatch, job: ImportJob) -> dict[str, object]:
    return progress_of(batch, job, "target_imports")


def _page(public_id: str, tab: str | None = None, row: str | None = None) -> str:
    return url_for("target_imports.show", public_id=public_id, tab=tab or None, row=row or None)
