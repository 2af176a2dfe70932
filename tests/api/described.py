"""What the OpenAPI document says of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

ROOT = "/api/v1"
# What every page and file of the house comes with, too, and what HTTP itself says of a body.
_OF_ALL = {"Content-Type", "Content-Length", "Content-Disposition", "Accept-Ranges", "Date"}


def undescribed(app: Flask, rule: Rule, answer: TestResponse) -> Iterator[tuple[int, str]]:
    """Status and header of what was answered and the document does not know, or the reverse."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    operation = _document(app)["paths"][path][answer.request.method.lower()]
    said = _resolved(app, operation["responses"].get(str(answer.status_code)))
    if said is None:
        yield answer.status_code, "not described"
        return
    headers, sent = said.get("headers", {}), set(answer.headers.keys())
    yield from ((answer.status_code, name) for name in sent - headers.keys() - _everywhere(app))
    wanted = {name for name, header in headers.items() if header.get("required")}
    yield from ((answer.status_code, f"no {name}") for name in wanted - sent)


def _resolved(app: Flask, said: Any) -> Any:
    if said and "$ref" in said:
        return _document(app)["components"]["responses"][said["$ref"].rpartition("/")[2]]
    return said


@lru_cache(maxsize=1)
def _document(app: Flask) -> Any:
    return app.test_client().get(f"{ROOT}/openapi.json").json


@lru_cache(maxsize=1)
def _everywhere(app: Flask) -> set[str]:
    """The headers that the edge adds to whatever leaves."""
    return {*app.test_client().get("/healthz").headers.keys(), *_OF_ALL} - {"X-Request-ID", "ETag"}
