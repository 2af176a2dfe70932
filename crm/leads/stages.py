"""The six stages, as ``crm/data/stages.json`` has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm.messages import Name
from models.enums import Stage

_FILE = Path(__file__).parents[1] / "data" / "stages.json"


@dataclass(frozen=True)
class StageInfo:
    """A stage: its names, the gate fields to enter it, and the days after which it stalls."""

    stage: Stage
    name: Name
    means: Name
    stalled_after: int | None
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Protection:
    """For how many days a touch protects its holder, and how many before the end to warn."""

    days: int
    warning_days: int


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return facts


@lru_cache(maxsize=1)
def stages() -> tuple[StageInfo, ...]:
    """Every stage, in order."""
    return tuple(
        StageInfo(
            stage=Stage(row["code"]),
            name=Name(row["zh"], row["en"]),
            means=Name(row["means_zh"], row["means_en"]),
            stalled_after=row["stalled_after"],
            checks=tuple(row["checks"]),
        )
        for row in _facts()["stages"]
    )


@lru_cache(maxsize=1)
def protection() -> Protection:
    """How long a holder is protected."""
    return Protection(_facts()["protection_days"], _facts()["protection_warning_days"])


@lru_cache(maxsize=1)
def _by_stage() -> dict[Stage, tuple[int, StageInfo]]:
    return {info.stage: (place, info) for place, info in enumerate(stages())}


def stage_info(stage: Stage) -> StageInfo:
    """All about one stage."""
    return _by_stage()[stage][1]


def stage_name(stage: Stage) -> Name:
    """What people call a stage."""
    return stage_info(stage).name


def position(stage: Stage) -> int:
    """Where a stage stands, from 0."""
    return _by_stage()[stage][0]


def between(current: Stage | None, target: Stage) -> tuple[StageInfo, ...]:
    """The stages entered on the way up to ``target``; from the very first without ``current``."""
    first = 0 if current is None else position(current) + 1
    return stages()[first : position(target) + 1]
