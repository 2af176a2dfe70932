"""A full disk refuses the file in a sentence, keeps nothing of it, and stops nothing else."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models.attachment import Attachment
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People

pytestmark = pytest.mark.faults
KIB = 1024


@pytest.fixture
def engine_kind() -> str:
    """The limit is this process's own: the database has to be another's."""
    return "postgresql"


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Writing more into one file fails, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_for_a_file(client: Client, people: People, session: Any, data_dir: Path) -> None:
    scout = people.scout()
    path = f"/leads/{a_lead(scout).public_id}/attachments"
    client.sign_in(scout.email)
    # Small enough that the form is read in memory: it is the store that has no room.
    content = b"%PDF-1.4\n" + b"x" * 400 * KIB
    with no_file_beyond(200 * KIB):
        refused = client.post(path, {"file": (io.BytesIO(content), "协议.pdf")})
    assert refused.status_code == 422
    assert "服务器存不下这份文件" in refused.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert [one for one in (data_dir / "files").rglob("*") if one.is_file()] == []
    taken = client.post(path, {"file": (io.BytesIO(content), "协议.pdf")})
    assert taken.status_code == 302
