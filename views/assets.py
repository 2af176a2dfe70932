"""Where the built css and js are; their names carry a hash, so they may be cached for ever."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from crm.config import ROOT

TOKENS = ROOT / "static" / "css" / "tokens.css"


class AssetsMissing(RuntimeError):
    """The assets were not built."""

    def __init__(self) -> None:
        super().__init__("static/vendor is empty: run `make assets`")


@cache
def token(name: str, *, dark: bool = False) -> str:
    """A colour of the stylesheet, for what a browser paints around the page."""
    found: list[str] = re.findall(rf"--{name}: (#[0-9a-f]+);", TOKENS.read_text(encoding="utf-8"))
    return found[1 if dark else 0]


def register(app: Flask) -> None:
    """Give templates ``asset('app.css')`` and ``token('surface')``."""
    names: dict[str, str] = {}
    manifest = Path(app.static_folder or "") / "vendor" / "manifest.json"

    app.jinja_env.globals["token"] = token

    @app.template_global()
    def asset(name: str) -> str:
        if not names or app.debug:
            if not manifest.exists():
                raise AssetsMissing
            names.update(json.loads(manifest.read_text()))
        return url_for("static", filename=f"vendor/{names[name]}")

    @app.after_request
    def _cache(response: Response) -> Response:
        if request.path.startswith("/static/vendor/") and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            # Read whole, so that it can be compressed: it is small and asked for once.
            response.direct_passthrough = False
            response.make_sequence()
        return response
