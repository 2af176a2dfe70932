"""The policy in force here, read once from ``crm/data/policy_rules.json``.

``policy()`` is typed and validated: see ``terms.py`` for its shapes. Nothing of it is named in
code, so that another city can use the product with a file of its own.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crm.offers.parsing import PolicyError, parse
from crm.offers.terms import Fact, Kind, Policy, Question, Rule

__all__ = ["Fact", "Kind", "Policy", "PolicyError", "Question", "Rule", "policy"]

_FILE = Path(__file__).parents[1] / "data" / "policy_rules.json"


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy of this city. PolicyError (with the rule) when its data is not understood."""
    return parse(_FILE.read_text(encoding="utf-8"))
