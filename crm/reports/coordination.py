"""The lists by which the city coordinates its projects every month."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crm.leads.counting import Count
from crm.leads.filters import LeadFilter
from crm.messages import Name
from crm.reports.figure import Figure, of_leads
from models.enums import Stage

_FILE = Path(__file__).parents[1] / "data" / "coordination_lists.json"


@dataclass(frozen=True)
class CoordinationList:
    """A list: the stages that it holds, and the sum that it shows (``planned`` or ``signed``)."""

    code: str
    name: Name
    stages: tuple[Stage, ...]
    sum_of: str


@lru_cache(maxsize=1)
def coordination_lists() -> tuple[CoordinationList, ...]:
    """Every list, in order."""
    return tuple(
        CoordinationList(
            row["code"],
            Name(row["zh"], row["en"]),
            tuple(Stage(code) for code in row["stages"]),
            row["sum"],
        )
        for row in json.loads(_FILE.read_text(encoding="utf-8"))
    )


def figures(counts: Mapping[Stage, Count]) -> list[tuple[CoordinationList, Figure]]:
    """Each list with its leads that are not lost, read off the counts by stage."""
    return [
        (
            one,
            of_leads(
                f"list-{one.code}",
                sum((counts.get(stage, Count()) for stage in one.stages), Count()),
                LeadFilter(stages=one.stages),
                one.sum_of,
            ),
        )
        for one in coordination_lists()
    ]
