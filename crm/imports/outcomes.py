"""What becomes of a row of a file, and what is wrong with one."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from crm.messages import Message


class Outcome(enum.StrEnum):
    """What the import does with a row."""

    NEW = "new"
    MATCHED = "matched"
    DOUBTFUL = "doubtful"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class Problem:
    """Why a row is not written: the column's meaning, what to do, and a value that may be right."""

    column: str
    message: Message
    repair: str | None = None


class _Result(Protocol):
    @property
    def outcome(self) -> Outcome: ...


def count_outcomes(results: Iterable[_Result]) -> dict[Outcome, int]:
    """How many rows each outcome has; every outcome is named."""
    counted = Counter(result.outcome for result in results)
    return {outcome: counted[outcome] for outcome in Outcome}
