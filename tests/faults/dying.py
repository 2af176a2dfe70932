"""``python -m tests.faults.dying SIGNAL POINT N ARGUMENTS…``: a command of ours, hit at a point.

The command is the product's own. The points are what its libraries announce, the statements that
SQLAlchemy sends and the lines that smtplib writes; at the N-th the process sends itself SIGKILL, so
that nothing of it gets the chance to tidy up, or SIGSTOP, so that it sleeps until it is woken.
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
    # What a dead sender left behind is looked for first.
    "before the claim": (BEFORE, r"SELECT message\.id,.*message\.due_at <="),
    "in the claim": (AFTER, r"UPDATE message SET state=.*attempts="),
    "after the claim": (WRITTEN, r"(?i)mail from"),
    "before the last line": (WRITTEN, r"\.\r\n$"),
    "before recording": (BEFORE, r"UPDATE message SET state=.*RETURNING"),
    "in the recording": (AFTER, r"INSERT INTO delivery_attempt"),
    # SQLite's planners wait for one another from here on, PostgreSQL's from the next.
    "before it may write": (BEFORE, r"BEGIN IMMEDIATE"),
    "before it writes": (BEFORE, r"INSERT INTO reminder"),
    "while planning": (AFTER, r"INSERT INTO reminder"),
    "between mail and reminders": (AFTER, r"INSERT INTO message"),
    "before the mail is committed": (AFTER, r"UPDATE reminder SET state"),
}


def main(name: str, point: str, nth: int, arguments: list[str]) -> None:
    """Run the command, and be hit."""
    announced, pattern = POINTS[point]
    met = _counting(re.compile(pattern, re.DOTALL), nth, signal.Signals[name])
    if announced == WRITTEN:
        sys.addaudithook(lambda name, args: met(_text(args[1])) if name == WRITTEN else None)
    else:

        @event.listens_for(Engine, announced)
        def _statement(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            met(statement)

    sys.argv = ["flask", "--app", "wsgi", *arguments]
    flask()


def _counting(pattern: re.Pattern[str], nth: int, number: signal.Signals) -> Callable[[str], None]:
    seen = 0

    def met(text: str) -> None:
        nonlocal seen
        if pattern.match(text) is None:
            return
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), number)

    return met


def _text(given: str | bytes) -> str:
    return given if isinstance(given, str) else bytes(given).decode(errors="replace")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
