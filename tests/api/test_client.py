"""A stranger's client, generated from the document alone, does a day's work."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm import clock
from models import db
from tests.api.machine import ROOT, machine_of
from tests.files.making import PDF
from tests.landing.making import a_code, a_signed_lead
from tests.people import People

PACKAGE = "scouting_client"


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Path]:
    """Where the client of a document lies, which takes seconds to make."""
    made: dict[bytes, Path] = {}

    def client(document: bytes) -> Path:
        if document not in made:
            made[document] = _generate(document, tmp_path_factory.mktemp("client"))
        return made[document]

    return client


def _generate(document: bytes, folder: Path) -> Path:
    # Slow to import, and all but one worker can do without.
    from openapi_python_client import Config, MetaType, generate  # noqa: PLC0415
    from openapi_python_client.config import ConfigFile  # noqa: PLC0415

    source = folder / "openapi.json"
    source.write_bytes(document)
    settings = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=True,
        output_path=folder / PACKAGE,
    )
    assert [str(error) for error in generate(config=settings)] == []
    return folder


@pytest.fixture
def generated(
    app: Flask, clients: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """Imports modules of a client that was made from what the application serves."""
    monkeypatch.syspath_prepend(clients(app.test_client().get(f"{ROOT}/openapi.json").data))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def _caller(generated: Any, address: str, secret: str) -> Any:
    """Calls an operation of the client by the person of that token."""
    client = generated("client").AuthenticatedClient(
        base_url=address, token=secret, raise_on_unexpected_status=True
    )

    def call(operation: str, *path: str, **arguments: Any) -> Any:
        noun = operation.split(".", maxsplit=1)[0]
        module = generated(f"api.{noun}.{operation.replace('.', '_')}")
        return module.sync(*path, client=client, **arguments)

    return call


def test_it_makes_visits_moves_and_reads(app: Flask, address: str, generated: Any) -> None:
    with app.app_context():
        secret = machine_of(app, People(db.session).scout()).secret
    models, call = generated("models"), _caller(generated, address, secret)
    me = call("codes.me")
    codes = call("codes.index")
    company = call("companies.create", body=models.NewCompany(name="星环软件有限公司"))
    lead = call(
        "leads.create",
        idempotency_key="first-lead",
        body=models.NewLead(
            company=company.id,
            segment="FND-DB",
            channel=codes.channels[0].code,
            need="想在长三角设研发中心",
        ),
    )
    assert (lead.owner, lead.team, lead.stage.value) == (me.id, me.teams[0], "identified")
    contact = call(
        "contacts.create", body=models.NewContact(company=company.id, name="周启明", title="总经理")
    )
    visit = call(
        "visits.create",
        body=models.NewVisit(
            client_key="client-0001",
            lead=lead.id,
            mode=models.NewVisitMode.OUT,
            occurred_at=clock.now() - timedelta(hours=1),
            reached=True,
            contacts=[contact.id],
            summary="谈了场地",
        ),
    )
    assert visit.leads == [lead.id]
    moved = call(
        "leads.move",
        lead.id,
        body=models.NewStageChange(to_stage=models.NewStageChangeToStage.ENGAGED),
    )
    assert moved.to_stage.value == "engaged"
    refused = call(
        "leads.move",
        lead.id,
        body=models.NewStageChange(to_stage=models.NewStageChangeToStage.COMMITTED),
    )
    assert refused.code == "gate_unmet"
    assert "agreement" in refused.errors.to_dict()
    changed = call(
        "leads.change",
        lead.id,
        if_match=f'"{moved.version}"',
        body=models.LeadChanges(planned_headcount=160),
    )
    assert (changed.stage.value, changed.planned_headcount) == ("engaged", 160)
    task = call(
        "tasks.create",
        body=models.NewTask(lead=lead.id, text="带看场地", due_on=clock.today()),
    )
    assert task.state.value == "open"
    assert call("companies.show", company.id).holder.team == "beijing"
    _reads_every_page(call, models, company.id)


def _reads_every_page(call: Any, models: Any, company: str) -> None:
    for number in range(3):
        call(
            "leads.create",
            body=models.NewLead(
                company=company, segment="FND", channel="resident", project=f"项目{number}"
            ),
        )
    seen, cursor = [], {}
    while True:
        page = call("leads.index", limit=2, **cursor)
        assert len(page.items) <= 2
        seen += [lead.id for lead in page.items]
        if page.next_ is None:
            break
        cursor = {"cursor": page.next_}
    assert len(seen) == len(set(seen)) == 4


def test_it_registers_lands_and_reports(app: Flask, address: str, generated: Any) -> None:
    with app.app_context():
        scout, manager = People(db.session).scout(), People(db.session).manager()
        lead, code = a_signed_lead(scout).public_id, a_code()
        secrets = [machine_of(app, user).secret for user in (scout, manager)]
    models = generated("models")
    call, boss = (_caller(generated, address, secret) for secret in secrets)

    file = generated("types").File(payload=io.BytesIO(PDF), file_name="附件.pdf")
    paper = call("attachments.create_on_lead", lead, body=file, name="附件.pdf")
    assert paper.media_type == "application/pdf"
    got = call("attachments.content", paper.id)
    assert got.payload.read() == PDF
    known = call(
        "leads.change",
        lead,
        if_match="*",
        body=models.LeadChanges(
            local_company="嘉兴星环软件有限公司",
            credit_code=code,
            registered_capital_cny=50_000_000,
            registered_on=clock.today(),
        ),
    )
    assert known.credit_code == code
    for stage in (models.NewStageChangeToStage.REGISTERED, models.NewStageChangeToStage.LANDED):
        moved = call("leads.move", lead, body=models.NewStageChange(to_stage=stage))
    assert set(moved.errors.to_dict()) == {"premises", "employees", "landed_on"}
    room = models.NewPremises(area_m2=800, lease_start=clock.today(), park="nanhu")
    assert call("premises.create", lead, body=room).district == "nanhu"
    landed = models.LeadChanges(employees=12, landed_on=clock.today())
    assert call("leads.change", lead, if_match="*", body=landed).employees == 12
    moved = call("leads.move", lead, body=models.NewStageChange(to_stage=stage))
    assert moved.to_stage.value == "landed"

    kind = models.NewTaskKind.DIRECTIVE
    asked = models.NewTask(lead=lead, text="周五前给我意见", due_on=clock.today(), kind=kind)
    directive = boss("tasks.create", body=asked)
    done = models.TaskChanges(state=models.TaskChangesState.DONE, answer="已约好")
    assert call("tasks.change", directive.id, if_match="*", body=done).answer == "已约好"
    (row,) = boss("reports.ledger", kind=generated("models").ReportsLedgerKind.LANDED).items
    assert (row.lead, row.local_company) == (lead, "嘉兴星环软件有限公司")
    assert boss("reports.pipeline").leads[0].stage.value == "landed"
    figures = {one.name: one.value for one in boss("reports.overview").figures}
    assert figures["landed"] == 1
    assert boss("goals.index").items
    assert call("reports.coverage").items == []
