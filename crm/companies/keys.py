"""What is stored of a name so that it is found again, cut to what the columns hold."""

from __future__ import annotations

from collections.abc import Iterable

from crm.companies.names import core_keys, normal_form
from crm.companies.tokens import in_order, tokens
from models.company import NAME_LENGTH, TOKEN_LENGTH, TokenScope


def stored_form(name: str) -> str:
    """The normal form as it is stored; one width may become two characters, so it is cut."""
    return normal_form(name)[:NAME_LENGTH]


def stored_keys(name: str) -> set[str]:
    """The keys that names which may be one company share, as they are stored."""
    return {key[:TOKEN_LENGTH] for key in core_keys(name)}


# What ``token_rows`` gives.
TOKEN_COLUMNS = ("scope", "token", "company_id")
_FIND, _CORE = TokenScope.FIND.value, TokenScope.CORE.value
_ORDER = TokenScope.ORDER.value


def token_rows(
    key: int,
    credit_code: str | None,
    *,
    found_by: Iterable[str],
    alike_by: Iterable[str],
    sorted_by: str,
) -> list[tuple[int, str, int]]:
    """All rows of ``company_token`` of a company that is found, compared and sorted by these."""
    find: set[str] = set()
    for name in found_by:
        find |= tokens(name, None, credit_code)
    core = {key for name in alike_by for key in stored_keys(name)}
    # Strings alone are put in order sooner than pairs.
    return [
        *((_FIND, token, key) for token in sorted(find)),
        *((_CORE, token, key) for token in sorted(core)),
        (_ORDER, in_order(sorted_by), key),
    ]
