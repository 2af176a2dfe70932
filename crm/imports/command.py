"""What the commands that import share: reading the file, and saying what became of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

import click

from crm.commandline import fail, found, print_json
from crm.errors import NotFound, Refusal
from crm.imports.columns import Vocabulary, contested
from crm.imports.outcomes import Outcome, Problem
from crm.imports.workbook import FileTooLarge, Limits
from crm.messages import msg
from models import db
from models.import_batch import ImportBatch

T = TypeVar("T")


class _Line(Protocol):
    @property
    def number(self) -> int: ...


class Result(Protocol):
    """A row as a command reports it."""

    @property
    def line(self) -> _Line: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def problems(self) -> Sequence[Problem]: ...


def read_bytes(file: Path, limits: Limits) -> bytes:
    """A file's content; one that is too large is refused by its size, before it is read."""
    if file.stat().st_size > limits.file_size:
        size = limits.file_size // (1024 * 1024)
        raise FileTooLarge(msg("文件超过 %(size)s MB。请分成几个小一些的文件。", size=size))
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")


def settled(
    mapping: Mapping[str, int], headers: Sequence[str], vocabulary: Vocabulary
) -> Mapping[str, int]:
    """The columns as their headers say; Refusal where a person has to say it."""
    for meaning in vocabulary.meanings:
        if meaning.required and meaning.key not in mapping:
            sentence = msg(
                "认不出哪一列是%(meaning)s。请用 --map '%(key)s=列名' 指出。",
                meaning=meaning.label,
                key=meaning.key,
            )
            raise Refusal({"map": [sentence]})
    if doubts := contested(headers, mapping, vocabulary):
        key = next(meaning.key for meaning in vocabulary.meanings if meaning.required)
        raise Refusal({"map": [*doubts, msg("请用 --map '%(key)s=列名或列号' 指出。", key=key)]})
    return mapping


def _no_such(batch: str) -> NoReturn:
    """A batch that is not there is wrong use."""
    fail(f"There is no import {batch!r}. An import prints its name after the word batch.")


def _told(problems: Sequence[Problem], vocabulary: Vocabulary) -> str:
    """What is wrong with a row; of several columns each sentence says of which it speaks."""
    if len({problem.column for problem in problems}) == 1:
        return found([problem.message for problem in problems])
    sentences = []
    for problem in problems:
        meaning = vocabulary.meaning(problem.column)
        head = f"{found([meaning.label])}：" if meaning else ""
        sentences.append(head + found([problem.message]))
    return " ".join(sentences)


def _report(
    results: Sequence[Result], counts: Mapping[Outcome, int], vocabulary: Vocabulary
) -> dict[str, Any]:
    """The import as ``--json`` prints it; the four counts and the rows in error make the rows."""
    return {
        "rows": len(results),
        "new": counts[Outcome.NEW],
        "matched": counts[Outcome.MATCHED],
        "doubtful": counts[Outcome.DOUBTFUL],
        "unchanged": counts[Outcome.UNCHANGED],
        "errors": [
            {
                "row": result.line.number,
                "column": problems[0].column,
                "message": _told(problems, vocabulary),
            }
            for result in results
            if (problems := result.problems)
        ],
    }


def _say(report: Mapping[str, Any], counts: Mapping[Outcome, int], *, dry_run: bool) -> None:
    """The same for people: a line that sums up, and one for each wrong row."""
    words = (
        f"新增 {counts[Outcome.NEW]}",
        f"已匹配 {counts[Outcome.MATCHED]}",
        f"存疑 {counts[Outcome.DOUBTFUL]}",
        f"没变化 {counts[Outcome.UNCHANGED]}",
        f"有误 {counts[Outcome.ERROR]}",
    )
    start = "试算，没有写入" if dry_run else "已导入"
    click.echo(f"{start}：共 {report['rows']} 行，{'，'.join(words)}。")
    for error in report["errors"]:
        click.echo(f"第 {error['row']} 行：{error['message']}")


def conclude(
    results: Sequence[Result],
    counts: Mapping[Outcome, int],
    batch: ImportBatch | None,
    vocabulary: Vocabulary,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Keep what was imported, or nothing of a trial, and say what became of the rows."""
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    if batch and not as_json:
        click.echo(f"batch {batch.public_id}", err=True)
    report = _report(results, counts, vocabulary)
    if as_json:
        print_json(report)
    else:
        _say(report, counts, dry_run=dry_run)


def take_back(batch: str, undo: Callable[[], T | None]) -> T | None:
    """Undo an import and keep that; None, and said, when it was undone before."""
    try:
        undone = undo()
    except NotFound:
        _no_such(batch)
    db.session.commit()
    if undone is None:
        click.echo("这次导入早已撤销。")
    return undone
