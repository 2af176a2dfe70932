"""A file stands in its place exactly when a row names it."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.files import FileStore, remove_with
from crm.leads.attachments import attach_to_lead
from models.attachment import AttachmentKind, Blob
from models.user import User
from tests.files.making import PDF
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People


@pytest.fixture
def store(app: Flask) -> FileStore:
    kept: FileStore = app.extensions["crm.files"]
    return kept


@pytest.fixture
def scout(people: People) -> User:
    return people.scout()


@pytest.fixture
def lead(scout: User, session: Any) -> str:
    found = a_lead(scout).public_id
    session.commit()
    return found


def test_what_is_refused_after_a_savepoint_leaves_nothing(
    store: FileStore, session: Any, scout: User, lead: str
) -> None:
    with store.receive("协议.pdf", io.BytesIO(PDF)) as file:
        attach_to_lead(lead, file, AttachmentKind.AGREEMENT, actor_of(scout), NOW)
        with session.begin_nested():
            pass
        session.rollback()
    assert not store.has(file.sha256, file.size)


def test_what_a_savepoint_gives_up_keeps_the_file_of_the_rest(
    store: FileStore, session: Any, scout: User, lead: str
) -> None:
    with store.receive("协议.pdf", io.BytesIO(PDF)) as file:
        attach_to_lead(lead, file, AttachmentKind.AGREEMENT, actor_of(scout), NOW)
        session.begin_nested().rollback()
        session.commit()
    assert store.has(file.sha256, file.size)


def test_what_somebody_brought_again_meanwhile_stays(
    store: FileStore, session: Any, scout: User, lead: str
) -> None:
    with store.receive("方案.pdf", io.BytesIO(PDF)) as file:
        attach_to_lead(lead, file, AttachmentKind.FILE, actor_of(scout), NOW)
        session.commit()
    blob = session.scalars(sa.select(Blob)).one()
    assert store.has(blob.sha256, blob.size)
    # Who purged it had forgotten its row, and comes to take the file away only now.
    remove_with(session(), store, blob.sha256)
    session.commit()
    assert store.has(file.sha256, file.size)
