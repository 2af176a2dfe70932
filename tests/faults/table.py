"""The table of faults in docs/operations.md: what was done, what came of it, on which engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

from crm.config import ROOT

PATH = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- faults: written by `make fault-table` -->", "<!-- end of faults -->"
_BLOCK = re.compile(f"(?s)({re.escape(BEGIN)}).*?({re.escape(END)})")
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

Row = tuple[str, str]
_tried: dict[Row, set[str]] = {}
_failed: list[str] = []


def rows_of(item: pytest.Item) -> Iterator[tuple[Row, str]]:
    """The rows that a test stands for, each with the engine it ran on."""
    spec = getattr(item, "callspec", None)
    kind = spec.params.get("engine_kind") if spec else None
    for mark in item.iter_markers("fault"):
        what, outcome, *on = mark.args
        yield (what, outcome), on[0] if on else _NAMES[str(kind)]


def note(item: pytest.Item, *, passed: bool) -> None:
    """A test has run."""
    if not passed:
        _failed.append(item.nodeid)
    for row, engine in rows_of(item):
        _tried.setdefault(row, set()).add(engine)


def all_passed() -> bool:
    """Whether there is something to write that is true."""
    return bool(_tried) and not _failed


def write() -> None:
    """Put what was tried into the document."""
    lines = ["| fault | what comes of it | tried on |", "|---|---|---|"]
    lines += [
        f"| {what} | {outcome} | {', '.join(sorted(on, reverse=True))} |"
        for (what, outcome), on in _tried.items()
    ]
    text = PATH.read_text(encoding="utf-8")
    block = "\n".join([BEGIN, *lines, END])
    PATH.write_text(_BLOCK.sub(lambda _found: block, text), encoding="utf-8")


def written() -> set[Row]:
    """The rows that stand in the document."""
    found = _BLOCK.search(PATH.read_text(encoding="utf-8"))
    assert found, f"{PATH} has no table of faults"
    cells = [line.strip("| ").split(" | ") for line in found[0].splitlines()[3:-1]]
    return {(what, outcome) for what, outcome, _on in cells}


def missing(items: Iterable[pytest.Item]) -> set[Row]:
    """The rows of these tests that the document does not have."""
    return {row for item in items for row, _engine in rows_of(item)} - written()
