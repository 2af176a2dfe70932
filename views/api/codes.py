"""The codes of the city's data, and whose token it is: what a client reads first."""

from __future__ import annotations

from typing import Any

from flask import g
from werkzeug.wrappers import Response

from crm.access import Right
from crm.access.codes import codes, team_codes
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.facts import CodesSchema, MeSchema
from views.guard import actor

noun = Noun(
    "codes", "Where a client starts: the codes of the city's data, and its own rights.", path=""
)


@noun.get("/codes")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(CodesSchema)
def index() -> Response:
    """Get the codes

    Teams, source channels, districts, parks and cities. Segments stand in the chain map, lists in
    the targets.
    """
    found: dict[str, list[dict[str, Any]]] = {
        name: [_row(row) for row in rows] for name, rows in codes().items()
    }
    return answers.read(CodesSchema().dump(found))


@noun.get("/me")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(MeSchema)
def me() -> Response:
    """Get who I am

    The person whose token it is, and what it opens.
    """
    user, token = g.api_user, g.api_token
    return answers.read(
        MeSchema().dump(
            {
                "id": user.public_id,
                "name": user.name,
                "role": user.role,
                "teams": team_codes(actor().teams),
                "scope": token.scope,
                "expires_at": token.expires_at,
            }
        )
    )


def _row(row: Any) -> dict[str, Any]:
    """A city has one name, in Chinese."""
    city = getattr(row, "city", "")
    found = {"code": row.code, "zh": getattr(row, "zh", city), "en": getattr(row, "en", city)}
    return {**found, "district": row.district.code} if hasattr(row, "district") else found
