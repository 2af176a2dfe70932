"""A ledger of ten thousand leads as a workbook, and what it takes to bring it in by the page.

``python -m tests.bench.ledgers FILE`` uploads it as the manager, looks at it and imports it; it
prints the seconds of both and what was found, as JSON. No worker runs: the pages do the work.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from crm.factory import create_app
from models import db
from models.import_batch import BatchState, ImportBatch
from tests.bench.pages import PEOPLE
from tests.clients import Client
from tests.leads.importing.ledgers import HEADERS, USUAL

ROWS = 10_000
CITIES = ["上海市", "南京市", "苏州市", "宁波市", "合肥市", "厦门市"]
STAGES = ("线索", "接洽", "在谈", "")
COLUMNS = (*HEADERS, "联系人", "联系电话")
MOBILE = 13_800_000_000
SURNAMES = "王李张刘陈杨黄赵吴周"


def write_ledger(path: Path, seed: str) -> Path:
    """So many projects, each of a company that nobody knows yet, with somebody there."""
    chance = Random(seed)
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, COLUMNS)
    for number in range(1, ROWS + 1):
        # Characters at random, so that no known company is called alike.
        brand = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(4))
        city = chance.choice(CITIES)
        cells = {
            **USUAL,
            **{"序号": str(number), "项目名称": f"项目{number}", "当前阶段": chance.choice(STAGES)},
            **{"投资方": f"{city}{brand}科技有限公司", "总部所在地": city},
            **{"联系人": f"{chance.choice(SURNAMES)}{brand[:2]}", "联系电话": str(MOBILE + number)},
        }
        sheet.write_row(number, 0, [cells.get(header, "") for header in COLUMNS])
    book.close()
    return path


def main(path: Path) -> None:
    """Upload, look, import."""
    app = create_app()
    client = Client(app).sign_in(PEOPLE["manager"])
    client.get("/leads/import")
    address = ""

    def look() -> None:
        nonlocal address
        with path.open("rb") as file:
            sent = client.post("/leads/import", {"mode": "add", "file": (file, path.name)})
        assert sent.status_code == 302, sent.text
        address = sent.location
        _worked(client, address)

    def write() -> None:
        client.post(f"{address}/application")
        _worked(client, address)

    seconds = {"preview": _timed(look), "import": _timed(write)}
    with app.app_context():
        batch = db.session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()
        assert batch, address
        assert batch.state is BatchState.APPLIED, batch.state
    sys.stdout.write(json.dumps(seconds))


def _worked(client: Client, address: str) -> None:
    """What the page that waits does, and the page it leads to."""
    client.post(f"{address}/work")
    assert client.get(address).status_code == 200


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]))
