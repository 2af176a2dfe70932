"""Addresses that a mail can carry: absolute, under ``BASE_URL``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from crm.config import Config


def link(endpoint: str, **values: Any) -> str:
    """The full address of a page, outside of any request."""
    config: Config = current_app.extensions["crm.config"]
    base = urlsplit(config.base_url)
    pages = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )
    return pages.build(endpoint, values, force_external=True)
