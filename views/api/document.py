"""The OpenAPI document: what smorest reads off the nouns, and what all operations share."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import flask_smorest
from flask import Flask
from werkzeug.routing import BaseConverter

from crm import idempotency
from models.idempotency import KEY_LENGTH
from views.addresses import YearConverter
from views.api.fields import EXAMPLE_ID
from views.api.noun import ETAG, CodeConverter, IdConverter, Noun

VERSION = "1.0.0"
OPENAPI = "3.1.0"
JSON = "application/json"

ABOUT = """\
The same records, rules and refusals as the pages, for machines.

**Token.** `Authorization: Bearer crm_…`; people make their tokens on `/account`, an operator with
`flask --app wsgi tokens create EMAIL --name NAME`. A token has its person's rights; with scope
`read` it changes nothing. What its person may not see is not there (404).

**Formats.** Money is a whole number of CNY (`*_cny`), areas whole m², dates `2026-12-01` are the
city's, times carry their offset. Companies and people are named by their id, segments, channels,
teams, districts and parks by their code.

**Lists** are `{"items": […], "next": "…"}`. Ask again with `?cursor=` and the value of `next` until
it is null. `limit` is 1 to 200. An argument or field that nobody knows is refused (422), not passed
over.

**Changes.** A record comes with an `ETag`. `PATCH` and `DELETE` want it in `If-Match`: without it
428, when somebody changed the record since 412. With `If-None-Match` a record that is as you have
it is 304.

**Sending again.** A `POST` with an `Idempotency-Key` of your own has its effect once: sent again
with the same key within %(hours)g hours it gets the same answer, marked
`Idempotency-Replayed: true`. The same key with another request is refused. What was refused is not
kept.

**Refusals** are `{"code", "message", "errors": {"field": ["sentence"]}}`; the sentences are for
people, in Chinese or, with `Accept-Language: en`, in English, and name everything that is wrong at
once: first all fields that can not be read, then all that rules and gates ask for; `code` is for
programs.
"""

_ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Why a request was not done",
    "required": ["code", "message", "errors"],
    "properties": {
        "code": {"type": "string", "description": "For programs; does not change"},
        "message": {"type": "string", "description": "A sentence for people"},
        "errors": {
            "type": "object",
            "description": "Each wrong field with what to do about it",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "changed": {
            "type": "object",
            "description": "With 409: what somebody else changed, theirs and yours",
            "additionalProperties": {
                "type": "object",
                "properties": {"theirs": {}, "yours": {}},
            },
        },
    },
    "example": {
        "code": "gate_unmet",
        "message": "1 item is missing for Engaged.",
        "errors": {"touch": ["Log a touch: who was reached."]},
    },
}


def _said(code: str, message: str, **errors: list[str]) -> dict[str, Any]:
    return {"code": code, "message": message, "errors": errors}


# What may go wrong with any operation, and what is said then.
_REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("The body is no JSON", _said("no_json", "The body is no JSON; check it.")),
    "401": ("No valid token", _said("token", "Send a valid access token.")),
    "403": (
        "The caller's role, or the token's scope, does not allow it",
        _said("forbidden", "Your role can't do this."),
    ),
    "404": (
        "It does not exist, or the caller may not see it",
        _said("not_found", "There is no such record, or you may not see it."),
    ),
    "409": (
        "Somebody else was faster",
        _said("conflict", "Somebody just changed this lead; look at it again before you move it."),
    ),
    "412": (
        "The record is no longer what was read",
        _said(
            "stale",
            "Somebody changed this record after you read it. Read it again, then change it.",
        ),
    ),
    "413": (
        "The body is too large",
        _said("too_large", "The body is too large; send it in parts."),
    ),
    "415": (
        "The body is not sent as application/json",
        _said("media_type", "Send it as Content-Type: application/json."),
    ),
    "415File": (
        "The file is not sent as application/octet-stream",
        _said("media_type", "Send the file itself, as Content-Type: application/octet-stream."),
    ),
    "422": (
        "Wrong input or an unmet gate; all that is wrong is named",
        _said("refused", "Not saved yet; see what is marked.", limit=["Must be from 1 to 200."]),
    ),
    "428": (
        "If-Match is missing",
        _said("match_required", "Send If-Match with the ETag that you read."),
    ),
    "429": (
        "Too many unknown tokens from this address",
        _said("too_many", "Too many wrong tries; try again in 15 minutes."),
    ),
    "500": (
        "A mishap of ours; nothing was done",
        _said("mishap", "Something went wrong here. Nothing was saved; please try again."),
    ),
}
_ALWAYS = ("401", "404", "422", "429", "500")
_BY_METHOD = {
    "get": (),
    "post": ("400", "403", "409", "413", "415"),
    "patch": ("400", "403", "409", "412", "413", "415", "428"),
    "delete": ("403", "409", "412", "428"),
}
_WORDS = {
    "If-Match": ("The ETag that was read; `*` for any", True),
    "If-None-Match": ("The ETag that you have: 304 when the record is still so", False),
    idempotency.HEADER: ("A key of your own; the same request sent again is done once", False),
}


_REQUEST_ID = {
    "description": "The number of this request in our logs",
    "schema": {"type": "string"},
}
_OF_REFUSALS = {
    "401": {
        "WWW-Authenticate": {
            "description": "How to ask: with a bearer token; and what is wrong with one that came",
            "required": True,
            "schema": {"type": "string"},
        }
    },
    "429": {
        "Retry-After": {
            "description": "Seconds to wait",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        }
    },
}


class Document(flask_smorest.Api):
    """smorest's description of the nouns; serving it and saying errors are our own."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        kept = app.extensions["crm.config"].idempotency_kept
        super().__init__(
            spec_kwargs={
                "title": "Scouting CRM",
                "version": VERSION,
                "openapi_version": OPENAPI,
                "info": {"description": ABOUT % {"hours": kept.total_seconds() / 3600}},
                "servers": [{"url": "/"}],
                "security": [{"token": []}],
            }
        )
        self.init_app(app)
        for converter, pattern, kind in (
            (IdConverter, f"^{IdConverter.regex}$", "string"),
            (CodeConverter, f"^{CodeConverter.regex}$", "string"),
        ):
            self.register_converter(converter, _described(kind, pattern))
        self.register_converter(
            YearConverter, lambda _c: {"type": "integer", "minimum": 1000, "maximum": 2999}
        )
        self.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})

    def _register_error_handlers(self) -> None:
        """The application's own handlers say what went wrong, in one shape for all."""

    def finished(self) -> dict[str, Any]:
        """The whole document."""
        found: dict[str, Any] = copy.deepcopy(self.spec.to_dict())
        schemas = {
            name: _closed(schema)
            for name, schema in found["components"]["schemas"].items()
            if name != "PaginationMetadata"
        }
        found["components"]["schemas"] = {**schemas, "Error": _ERROR}
        found["components"]["responses"] = {f"Refusal{code}": _refusal(code) for code in _REFUSALS}
        names = self._names()
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                if method in _BY_METHOD:
                    noun, view = names[path, method]
                    operation["tags"], operation["operationId"] = [noun], f"{noun}_{view}"
                    _complete(path, method, operation, schemas)
        return found

    def describe(self, nouns: Iterable[Noun]) -> None:
        """Say what each noun is."""
        self.spec._tags = [{"name": n.name, "description": n.description} for n in nouns]

    def _names(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Noun and view of every operation, by path and method."""
        found = {}
        for rule in self._app.url_map.iter_rules():
            _api, _dot, name = rule.endpoint.partition(".")
            if rule.endpoint.startswith("api."):
                noun, _dot, view = name.partition(".")
                path = self.flask_plugin.flaskpath2openapi(rule.rule)
                found.update({(path, m.lower()): (noun, view) for m in rule.methods})
        return found


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A record that is answered always has all its fields, and may get more with time."""
    if schema.get("additionalProperties") is not True:
        return schema
    rest = {name: it for name, it in schema.items() if name != "additionalProperties"}
    return {**rest, "required": list(schema["properties"])}


def _described(kind: str, pattern: str) -> Any:
    def describe(_converter: BaseConverter) -> dict[str, Any]:
        return {"type": kind, "pattern": pattern}

    return describe


def _refusal(code: str) -> dict[str, Any]:
    description, example = _REFUSALS[code]
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    headers = {"X-Request-ID": _REQUEST_ID, **_OF_REFUSALS.get(code, {})}
    return {"description": description, "content": {JSON: content}, "headers": headers}


def _complete(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses = operation["responses"]
    for code in (*_ALWAYS, *_BY_METHOD[method]):
        responses[code] = {"$ref": f"#/components/responses/Refusal{code}"}
    parameters = operation.setdefault("parameters", [])
    one = "{" in path and not _is_page(responses)
    tagged = (method == "get" and one) or path.endswith(("/codes", "/me"))
    if method == "post":
        parameters.append(_header(idempotency.HEADER, {"minLength": 1, "maxLength": KEY_LENGTH}))
    if method in {"patch", "delete"}:
        parameters.append(_header("If-Match", {}))
    if tagged:
        parameters.append(_header("If-None-Match", {}))
        responses["304"] = {
            "description": "The record is as you have it",
            "headers": _headers(method, tagged=True),
        }
    for code, response in responses.items():
        if code.startswith("2"):
            _exemplify(response, schemas)
            own = response.get("headers", {})
            response["headers"] = own | _headers(method, tagged=tagged or method == "patch")
    if "requestBody" in operation:
        if JSON not in operation["requestBody"]["content"]:
            responses["415"] = {"$ref": "#/components/responses/Refusal415File"}
        _exemplify(operation["requestBody"], schemas)
        # Where nothing has to be said, a request without a body says it.
        operation["requestBody"]["required"] = _asks(operation["requestBody"], schemas)
    operation["responses"] = dict(sorted(responses.items()))


def _is_page(responses: dict[str, Any]) -> bool:
    """Whether an operation answers a list, which has no state of its own."""
    answer = responses.get("200", {}).get("content", {}).get(JSON, {})
    return str(answer.get("schema", {}).get("$ref", "")).endswith("Page")


def _asks(body: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """Whether a body has a field that must be there."""
    if JSON not in body["content"]:
        return True
    named = [media["schema"].get("$ref", "") for media in body["content"].values()]
    return any(schemas.get(name.rpartition("/")[2], {}).get("required") for name in named)


def _header(name: str, limits: dict[str, Any]) -> dict[str, Any]:
    description, required = _WORDS[name]
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": required,
        "schema": {"type": "string", **limits},
    }


def _headers(method: str, *, tagged: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"X-Request-ID": _REQUEST_ID}
    if tagged:
        found["ETag"] = ETAG
    if method == "post":
        found["Idempotency-Replayed"] = {
            "description": "`true` when the same request was done before",
            "schema": {"type": "string"},
        }
    return found


def _exemplify(holder: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put an example beside a schema, made of the examples of its fields."""
    content = holder.get("content", {}).get(JSON)
    if content and "schema" in content:
        content["example"] = _example(content["schema"], schemas)


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "example" in schema:
        return schema["example"]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas)
    if "properties" in schema:
        examples = {name: _example(part, schemas) for name, part in schema["properties"].items()}
        wanted = schema.get("required", ())
        return {name: it for name, it in examples.items() if it is not None or name in wanted}
    if schema.get("type") == "array":
        return [_example(schema["items"], schemas)]
    return EXAMPLE_ID if "pattern" in schema else None
