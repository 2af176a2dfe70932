"""What every noun's file here is built with: a blueprint that reads strictly and says what it does.

``@noun.get(…)``, ``@noun.needs(right)``, ``@noun.arguments(schema, location=…)`` and
``@noun.answers(schema)`` (of a list ``@noun.pages``) stand above a function that calls one
service; ``document.py`` adds to each operation what all operations share.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import flask_smorest
import marshmallow as ma
from flask import Request, request
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from crm.access import Right, readable_lead
from crm.errors import Refusal
from crm.messages import Message, msg
from models.base import PUBLIC_ID_SHAPE
from views import guard
from views.api.answers import as_json
from views.api.fields import Record

F = TypeVar("F", bound=Callable[..., Any])

JSON_TYPE = "application/json"
BYTES = "application/octet-stream"
ETAG = {
    "description": "The state of the record",
    "required": True,
    "schema": {"type": "string"},
}
LOCATION = {
    "description": "Where the record is from now on",
    "required": True,
    "schema": {"type": "string"},
}
_FILE = {"type": "string", "format": "binary"}


class IdConverter(BaseConverter):
    """The id of a record in an address; another shape names nothing."""

    regex = PUBLIC_ID_SHAPE


class CodeConverter(BaseConverter):
    """The code of a row of the city's data in an address."""

    regex = r"[A-Za-z0-9_\-]{1,48}"


CONVERTERS: dict[str, type[BaseConverter]] = {
    "id": IdConverter,
    "code": CodeConverter,
}


class Parser(FlaskParser):
    """Reads bodies and addresses; what is unknown, doubled or no JSON is refused."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": None, "json": None}  # noqa: RUF012 (its schema says it)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """The arguments of an address, each once."""
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise Refusal({name: [msg("这一项只能给一次。")] for name in twice})
        return req.args.to_dict()

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The body as JSON; an empty one is an empty object, whose missing fields are named."""
        body = req.get_data(cache=True)
        if not body:
            return missing
        if req.mimetype != JSON_TYPE:
            raise UnsupportedMediaType
        try:
            return json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise BadRequest from None

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_more: Any) -> Any:
        """Each sentence at its field, in the shape of every other refusal.

        Of another's lead not even that is said: it is a 404 whatever was sent.
        """
        if lead_id := (request.view_args or {}).get("lead_id"):
            readable_lead(guard.actor(), lead_id)
        raise Refusal(_by_field(error.messages_dict)) from error


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _by_field(messages: dict[Any, Any]) -> dict[str, list[Message]]:
    """The sentences of a field and of all that is inside it, without the location above it."""
    found: dict[str, list[Message]] = {}
    for location in messages.values():
        inner = location if isinstance(location, dict) else {"_schema": location}
        for name, texts in inner.items():
            found["body" if name == "_schema" else str(name)] = list(dict.fromkeys(_flat(texts)))
    return found


def _flat(texts: Any) -> list[Message]:
    if isinstance(texts, Message):
        return [texts]
    parts = texts.values() if isinstance(texts, dict) else texts
    return [message for part in parts for message in _flat(part)]


class Noun(flask_smorest.Blueprint):
    """The operations of one noun."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str, path: str | None = None) -> None:
        address = f"/{path if path is not None else name.replace('_', '-')}"
        super().__init__(name, __name__, url_prefix=address, description=description)

    def needs(self, right: Right, *others: Right) -> Callable[[F], F]:
        """An operation that only roles with this right, or one of the others, may use."""
        guarded: Callable[[F], F] = guard.needs(right, *others)  # type: ignore[assignment]
        return guarded

    def answers(self, schema: type[ma.Schema], status: int = 200, **more: Any) -> Callable[[F], F]:
        """What an operation answers; it writes the answer itself with ``views.api.answers``."""
        described: Callable[[F], F] = self.alt_response(status, schema=schema, success=True, **more)
        return described

    def makes(self, schema: type[ma.Schema]) -> Callable[[F], F]:
        """What an operation answers that makes a record, with ``views.api.answers.made``."""
        return self.answers(schema, 201, headers={"ETag": ETAG, "Location": LOCATION})

    def takes_a_file(self, view: F) -> F:
        """An operation whose body is a file; it reads ``request.stream`` itself."""
        content = {BYTES: {"schema": _FILE}}
        described: F = self.doc(requestBody={"content": content, "required": True})(view)
        return described

    def gives_a_file(self, view: F) -> F:
        """An operation that answers a file, as a download."""
        described: F = self.alt_response(
            200, schema=_FILE, content_type=BYTES, description="The file", success=True
        )(view)
        return described

    def gone(self, view: F) -> F:
        """An operation after which there is nothing left to answer."""
        described: F = self.alt_response(204, description="It is gone", success=True)(view)
        return described

    def pages(self, schema: type[ma.Schema]) -> Callable[[F], F]:
        """What a list answers: ``items`` and ``next``."""
        page = page_of(schema)

        def decorate(view: F) -> F:
            @wraps(view)
            def answered(*args: Any, **kwargs: Any) -> Response:
                return as_json(page().dump(view(*args, **kwargs)))

            described: F = self.answers(page)(answered)  # type: ignore[assignment]
            return described

        return decorate


def page_of(schema: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of such records."""
    name = schema.__name__.removesuffix("Schema")
    if name not in _pages:
        _pages[name] = type(
            f"{name}PageSchema",
            (Record,),
            {
                "items": ma.fields.List(
                    ma.fields.Nested(schema),
                    required=True,
                    metadata={"description": "The records of this page"},
                ),
                "next": ma.fields.String(
                    required=True,
                    allow_none=True,
                    metadata={
                        "description": "`cursor` of what follows; null at the end",
                        "example": None,
                    },
                ),
            },
        )
    return _pages[name]


_pages: dict[str, type[ma.Schema]] = {}
