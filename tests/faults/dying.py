"""``python -m tests.faults.dying POINT N ARGUMENTS…``: a command of ours that is killed at a point.

The command is the product's own. The points are what its libraries announce, the statements that
SQLAlchemy sends and the lines that smtplib writes; at the N-th the process kills itself with
SIGKILL, so that nothing of it gets the chance to tidy up.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Any

from flask.cli import main as flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

BEFORE, AFTER, WRITTEN = "before_cursor_execute", "after_cursor_execute", "smtplib.send"
POINTS: dict[str, tuple[str, str]] = {
    "before the claim": (BEFORE, r"SELECT message\.id,"),
    "in the claim": (AFTER, r"UPDATE message SET state=.*attempts="),
    "after the claim": (WRITTEN, r"(?i)mail from"),
    "before the last line": (WRITTEN, r"\.\r\n$"),
    "before recording": (BEFORE, r"UPDATE message SET state=.*RETURNING"),
    "in the recording": (AFTER, r"INSERT INTO delivery_attempt"),
    "while planning": (AFTER, r"INSERT INTO reminder"),
    "between mail and reminders": (AFTER, r"INSERT INTO message"),
    "before the mail is committed": (AFTER, r"UPDATE reminder SET state"),
}


def main(point: str, nth: int, arguments: list[str]) -> None:
    """Run the command and be gone."""
    announced, pattern = POINTS[point]
    met = _counting(re.compile(pattern, re.DOTALL), nth)
    if announced == WRITTEN:
        sys.addaudithook(lambda name, args: met(_text(args[1])) if name == WRITTEN else None)
    else:

        @event.listens_for(Engine, announced)
        def _statement(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            met(statement)

    sys.argv = ["flask", "--app", "wsgi", *arguments]
    flask()


def _counting(pattern: re.Pattern[str], nth: int) -> Callable[[str], None]:
    seen = 0

    def met(text: str) -> None:
        nonlocal seen
        seen += pattern.match(text) is not None
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return met


def _text(given: str | bytes) -> str:
    return given if isinstance(given, str) else bytes(given).decode(errors="replace")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
