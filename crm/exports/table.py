"""What a file holds, before anybody asks in which format."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from crm.messages import Message, Value

Cell: TypeAlias = "Value | None"


class Kind(enum.Enum):
    """What stands in a column. ``WAN`` takes whole CNY and writes 万元, exact."""

    TEXT = "text"
    WHOLE = "whole"
    WAN = "wan"
    DATE = "date"


class Format(enum.StrEnum):
    """The formats of a file; also its ending."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """What a browser is told."""
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Paper(enum.StrEnum):
    """What a text goes out as, beside tables."""

    DOCX = "docx"

    @property
    def media_type(self) -> str:
        """What a browser is told."""
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Column:
    """A column: its title, what stands in it, and how many characters wide it opens."""

    title: Value
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True)
class Table:
    """A sheet. ``rows`` is read once, row by row; each has a cell a column, None for nothing.

    ``above`` are lines over the header, as a printed sheet has its title there.
    """

    name: Message
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    above: Sequence[Message] = ()
