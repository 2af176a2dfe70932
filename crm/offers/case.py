"""One rule held against one case: what everything that decides or works out an amount looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.offers.readings import Chosen
from crm.offers.terms import Policy, Rule


@dataclass(frozen=True)
class Case:
    """A rule, the values of its facts (checked; what is not known is not there), its readings."""

    policy: Policy
    rule: Rule
    values: Mapping[str, Any]
    chosen: Chosen
