"""People with tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from models.user import User
from tests.api.machine import Machine, machine_of
from tests.people import People


@pytest.fixture
def scout(people: People, session: Any) -> User:
    """A scout of Beijing."""
    return people.scout()


@pytest.fixture
def machine(app: Flask, scout: User) -> Machine:
    """The scout's machine."""
    return machine_of(app, scout)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application behind a real port, for clients that are not ours."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
