"""What the next page says in passing, with a way back where there is one."""

from __future__ import annotations

from typing import Any

from flask import flash


def toast(text: str, undo_url: str | None = None) -> None:
    """Say a sentence on the next page; ``undo_url`` is POSTed by its 撤销."""
    message: Any = {"text": text, "undo_url": undo_url}
    flash(message, "toast")
