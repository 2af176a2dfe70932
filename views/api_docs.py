"""The OpenAPI document, and the same as a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from views.api.answers import as_json

blueprint = Blueprint("api_docs", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
def document() -> ResponseReturnValue:
    """The document; it holds no data and needs no token."""
    return as_json(_document())


@blueprint.get("/docs")
def show() -> ResponseReturnValue:
    """The document as a page."""
    return render_template("api_docs/show.html", document=_document())


def _document() -> dict[str, Any]:
    """Made once a process."""
    kept: dict[str, Any] = current_app.extensions.setdefault("crm.api_document", {})
    if not kept:
        kept.update(current_app.extensions["crm.api"].finished())
    return kept
