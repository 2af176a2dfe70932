"""Files that come with a form: how much may come, and what a refused one says at its field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Blueprint, current_app, request
from werkzeug.datastructures import FileStorage

from crm.errors import Refusal
from crm.files import FileRefused, FileStore, Received, accepted_extensions
from crm.messages import Message, msg
from views.edge import settings

# What a form holds beside its file.
_FORM_BYTES = 1024 * 1024


def store() -> FileStore:
    """Where this installation keeps its files."""
    found: FileStore = current_app.extensions["crm.files"]
    return found


def allow_uploads(blueprint: Blueprint) -> None:
    """Let forms of this blueprint bring a file of the size that is allowed, and a little more.

    It has to be said before anything reads the form, and the check of its token is the first.
    """

    @blueprint.url_value_preprocessor
    def _allow(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if request.method == "POST":
            request.max_content_length = settings().upload_max_bytes + _FORM_BYTES


@contextmanager
def receiving(
    field: str, sent: Sequence[FileStorage], besides: Callable[[], object] | None = None
) -> Iterator[list[Received]]:
    """Read the files of a field; Refusal at that field for each that is not taken.

    ``besides`` is what the form asks for without them: what is wrong with it is said along with a
    file that is not taken, and nothing of it stays.
    """
    files = [file for file in sent if file.filename]
    with ExitStack() as waiting:
        kept: list[Received] = []
        wrong: list[Message] = []
        for file in files:
            try:
                one = store().receive(file.filename or "", file.stream)
                kept.append(waiting.enter_context(one))
            except FileRefused as refused:
                wrong.append(_named(file, refused) if len(files) > 1 else refused.message)
        if wrong:
            raise Refusal({**_errors_of(besides), field: wrong})
        yield kept


def _errors_of(work: Callable[[], object] | None) -> dict[str, list[Message]]:
    try:
        if work is not None:
            work()
    except Refusal as refusal:
        return dict(refusal.errors)
    return {}


def _named(file: FileStorage, refused: FileRefused) -> Message:
    return msg("“%(name)s”：%(why)s", name=file.filename or "", why=refused.message)


def chooser() -> dict[str, Any]:
    """What the field of a file says to the browser."""
    most = settings().upload_max_bytes
    return {"accept": ",".join((*accepted_extensions(), "image/*")), "data_most": most}
