"""The bench as a page of docs."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from tests.bench.databases import VISITS_A_LEAD, Database
from tests.bench.front import SLOWER, Painted
from tests.bench.measure import Result, Run, Times
from tests.bench.pages import FINDING_TARGET_MS, MOST_GROWTH, MOST_STATEMENTS, TARGET_MS

COMMAND = "make bench"
MOST_PAINT_MS = 1_000
LONGEST_TASK_MS = 100


@dataclass(frozen=True)
class Job:
    """A command that was timed on the largest database of an engine."""

    database: Database
    name: str
    run: Run
    floor: float | None = None
    """Seconds of a command that does nothing, and of the bare SQL, together."""


@dataclass(frozen=True)
class Finding:
    """What was typed among very many companies, and what that cost."""

    database: Database
    result: Result


def page(
    results: dict[str, list[Result]],
    found: list[Finding],
    jobs: list[Job],
    drawn: list[Painted],
    made: list[Database],
    bare: Times,
    requests: int,
) -> str:
    """All of docs/bench.md."""
    parts = [_head(bare, requests)]
    parts += [_engine(engine, found) for engine, found in results.items()]
    if found:
        parts.append(_finding(found))
    if drawn:
        parts.append(_drawn(drawn))
    parts.append(_filling(made))
    if jobs:
        parts.append(_jobs(jobs))
    return "\n".join(parts)


def _head(bare: Times, requests: int) -> str:
    return f"""# Speed

`{COMMAND}` fills databases of growing size with the demo generator, asks for each page and writes
this file. Machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python
{platform.python_version()}, SQLAlchemy {version("sqlalchemy")}, Flask {version("flask")}, SQLite
{sqlite3.sqlite_version}.

- **p50, p95**: milliseconds on the server of {requests} warm requests, in one process, signed in.
- **SQL alone**: the same statements with the same values through the bare driver, all rows fetched.
- **n**: SQL statements of the very first request of a fresh process (at most {MOST_STATEMENTS}).
- **growth**: p95 against the size before (at most {MOST_GROWTH}); the goal for p95: {TARGET_MS} ms.
- The scout owns more leads than anybody else; the manager sees the whole city. Each lead has
  {VISITS_A_LEAD} visits on average, the lead page is the scout's most visited one.
- A bare Flask page that does nothing takes {bare.p50:.2f} ms (p50), {bare.p95:.2f} ms (p95).
"""


def _engine(engine: str, results: list[Result]) -> str:
    lines = [
        f"## {'SQLite' if engine == 'sqlite' else 'PostgreSQL'}",
        "",
        "| page | as | leads | n | p50 | p95 | SQL alone p50 | p95 | growth | kB |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.page, result.person), []).append(result)
    for (name, person), group in groups.items():
        befores: list[Result | None] = [None, *group]
        for before, result in zip(befores, group, strict=False):
            lines.append(f"| {name} | {person} | {result.leads:,} | {_numbers(result, before)} |")
    return "\n".join([*lines, ""])


def _numbers(result: Result, before: Result | None) -> str:
    times, floor = result.times, result.floor
    if times is None or floor is None:
        return f"answers {result.status} |  |  |  |  |  | "
    growth = f"{times.p95 / before.times.p95:.2f}" if before and before.times else ""
    return (
        f"{result.statements} | {times.p50:.1f} | {times.p95:.1f} | {floor.p50:.1f} | "
        f"{floor.p95:.1f} | {growth} | {result.bytes / 1024:.0f}"
    )


def _finding(found: Iterable[Finding]) -> str:
    lines = [
        "## Find as you type",
        "",
        f"The suggestions that a scout gets while typing, on the server (goal: {FINDING_TARGET_MS}"
        " ms); the whole page of a search in the last row.",
        "",
        "| engine | companies | typed | n | p50 | p95 | SQL alone p50 | p95 | kB |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        result, times, floor = one.result, one.result.times, one.result.floor
        assert times, f"{result.page}: {result.status}"
        assert floor
        lines.append(
            f"| {one.database.engine} | {one.database.companies:,} | {result.page} "
            f"| {result.statements} | {times.p50:.1f} | {times.p95:.1f} | {floor.p50:.1f} "
            f"| {floor.p95:.1f} | {result.bytes / 1024:.0f} |"
        )
    return "\n".join([*lines, ""])


def _drawn(drawn: Iterable[Painted]) -> str:
    lines = [
        "## In the browser",
        "",
        f"The first load in Chromium, the processor {SLOWER} times slower, an empty cache (goal:"
        f" largest paint under {MOST_PAINT_MS} ms, no task over {LONGEST_TASK_MS} ms).",
        "",
        "| engine | leads | page | as | largest paint | longest task | kB loaded |",
        "|---|--:|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {one.database.engine} | {one.database.leads:,} | {one.page} | {one.person} "
        f"| {one.paint:.0f} | {one.longest:.0f} | {one.bytes / 1000:.0f} |"
        for one in drawn
    ]
    return "\n".join([*lines, ""])


def _filling(made: Iterable[Database]) -> str:
    lines = ["## Filling (`demo load`)", "", "| engine | leads | visits | seconds |"]
    lines.append("|---|--:|--:|--:|")
    for database in made:
        visits = database.leads * VISITS_A_LEAD
        row = (database.engine, f"{database.leads:,}", f"{visits:,}", f"{database.seconds:.1f}")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def _jobs(jobs: Iterable[Job]) -> str:
    lines = [
        "## Beside the pages",
        "",
        "Each is a process of its own, its start included; those of a page are its requests alone,"
        " with no worker beside it. The floor is that start (the same command with `--help`) and"
        " one statement that fetches the moment's versions, bare.",
        "",
        "| engine | leads | what | seconds | floor | peak MB |",
    ]
    lines.append("|---|--:|---|--:|--:|--:|")
    for job in jobs:
        lines.append(
            f"| {job.database.engine} | {job.database.leads:,} | {job.name} "
            f"| {job.run.seconds:.1f} | {'' if job.floor is None else f'{job.floor:.1f}'} "
            f"| {job.run.megabytes:.0f} |"
        )
    return "\n".join([*lines, ""])
