"""The OpenAPI document, and the same as a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from views.api.answers import as_json

blueprint = Blueprint("api_docs", __name__, url_prefix="/api/v1")

JSON = "application/json"
_METHODS = ("get", "post", "patch", "delete")
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")


@dataclass(frozen=True)
class Line:
    """A parameter or field: what it is called, where it stands, what may stand in it."""

    name: str
    kind: str
    text: str
    required: bool = False
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """What may come back."""

    status: str
    text: str
    schema: str = ""
    example: str = ""


@dataclass(frozen=True)
class Operation:
    """One thing that can be done."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Line]
    body: str
    fields: list[Line]
    example: str
    answers: list[Answer]


@blueprint.get("/openapi.json")
def document() -> ResponseReturnValue:
    """The document; it holds no data and needs no token."""
    return as_json(_document())


@blueprint.get("/docs")
def show() -> ResponseReturnValue:
    """The document as a page."""
    found = _document()
    return render_template(
        "api_docs/show.html",
        about=found["info"]["description"].split("\n\n"),
        nouns=[(tag, list(_operations(found, tag["name"]))) for tag in found["tags"]],
        schemas={name: _fields(schema) for name, schema in _schemas(found).items()},
        texts={name: schema.get("description", "") for name, schema in _schemas(found).items()},
        marked=marked,
    )


def marked(text: str) -> Markup:
    """The document's own marks (`code`, **strong**) as HTML; everything else is text."""
    plain = str(escape(text))
    coded = _CODE.sub(r"<code>\1</code>", plain)
    return Markup(_STRONG.sub(r"<strong>\1</strong>", coded))  # noqa: S704 (escaped above)


def _document() -> dict[str, Any]:
    """Made once a process."""
    kept: dict[str, Any] = current_app.extensions.setdefault("crm.api_document", {})
    if not kept:
        kept.update(current_app.extensions["crm.api"].finished())
    return kept


def _schemas(found: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = found["components"]["schemas"]
    return {name: it for name, it in schemas.items() if not name.endswith("Page")}


def _operations(found: dict[str, Any], tag: str) -> Iterator[Operation]:
    for path, methods in found["paths"].items():
        for method in _METHODS:
            if method in methods and tag in methods[method]["tags"]:
                yield _operation(found, path, method)


def _operation(found: dict[str, Any], path: str, method: str) -> Operation:
    told = found["paths"][path][method]
    content = told.get("requestBody", {}).get("content", {}).get(JSON, {})
    body = _name_of(content.get("schema", {}))
    places = [*found["paths"][path].get("parameters", []), *told["parameters"]]
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        text=told.get("description", ""),
        parameters=[
            Line(
                p["name"],
                _kind(p["schema"]),
                p.get("description", ""),
                p.get("required", False),
                p["in"],
            )
            for p in places
        ],
        body=body,
        fields=_fields(found["components"]["schemas"][body]) if body else [],
        example=_written(content.get("example")),
        answers=[_answer(found, status, it) for status, it in told["responses"].items()],
    )


def _answer(found: dict[str, Any], status: str, told: dict[str, Any]) -> Answer:
    if "$ref" in told:
        told = found["components"]["responses"][told["$ref"].rsplit("/", 1)[1]]
        return Answer(status, told["description"])
    content = told.get("content", {}).get(JSON, {})
    schema, example = content.get("schema", {}), content.get("example")
    return Answer(status, told["description"], _name_of(schema), _written(example))


def _fields(schema: dict[str, Any]) -> list[Line]:
    required = schema.get("required", ())
    return [
        Line(name, _kind(it), it.get("description", ""), name in required)
        for name, it in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words: string, date; one of a, b; list of Lead."""
    if name := _name_of(schema):
        return name
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join("null" if code is None else code for code in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    kind = schema.get("type", "any")
    kinds = [schema.get("format") or it if it == "string" else it for it in _several(kind)]
    low, high = schema.get("minimum"), schema.get("maximum")
    limits = f", {low}–{high}" if high is not None else ""
    longest = schema.get("maxLength")
    return " or ".join(kinds) + limits + (f", at most {longest}" if longest else "")


def _several(kind: str | list[str]) -> list[str]:
    return [kind] if isinstance(kind, str) else kind


def _name_of(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _written(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2) if example is not None else ""
