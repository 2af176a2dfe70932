"""What is stored of a name so that it is found again, cut to what the columns hold."""

from __future__ import annotations

from collections.abc import Iterable

from crm.companies.names import core_keys, normal_form
from crm.companies.tokens import tokens
from models.company import NAME_LENGTH, TOKEN_LENGTH, Company, TokenScope


def stored_form(name: str) -> str:
    """The normal form as it is stored; one width may become two characters, so it is cut."""
    return normal_form(name)[:NAME_LENGTH]


def stored_keys(name: str) -> set[str]:
    """The keys that names which may be one company share, as they are stored."""
    return {key[:TOKEN_LENGTH] for key in core_keys(name)}


# What ``token_rows`` gives.
TOKEN_COLUMNS = ("scope", "token", "company_id")


def token_rows(
    company: Company, *, found_by: Iterable[str], alike_by: Iterable[str]
) -> list[tuple[int, str, int]]:
    """All rows of ``company_token`` of a company that is found and compared by these names."""
    find: set[str] = set()
    for name in found_by:
        find |= tokens(name, None, company.credit_code)
    core = {key for name in alike_by for key in stored_keys(name)}
    # Strings alone are put in order sooner than pairs.
    by_scope = {TokenScope.FIND: {token[:TOKEN_LENGTH] for token in find}, TokenScope.CORE: core}
    return [
        (scope.value, token, company.id)
        for scope in sorted(by_scope)
        for token in sorted(by_scope[scope])
    ]
