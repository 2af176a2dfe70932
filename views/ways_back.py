"""Ways back from an edit of a lead: what stood there before, vouched for by a signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from crm.errors import Refusal
from crm.leads.inputs import LeadEdit
from crm.messages import msg
from models.lead import Lead
from views.guard import actor

UNDO_SECONDS = 600


def way_back(lead: Lead, before: Mapping[str, Any]) -> str:
    """A word that takes this person's edit of the lead back, as long as nobody edits it again."""
    return str(_signer().dumps([actor().id, lead.public_id, lead.version, before]))


def before_of(public_id: str) -> tuple[LeadEdit, int] | None:
    """What the request's way back leads to and the version it starts from; None without one."""
    if "was" not in request.values:
        return None
    try:
        whose, lead_id, version, before = _signer().loads(
            request.values["was"], max_age=UNDO_SECONDS
        )
    except BadSignature:
        raise Refusal({}, msg("已经过了撤销的时间，请在页面上改回来。")) from None
    if (whose, lead_id) != (actor().id, public_id):
        raise Refusal({}, msg("只有移动的人自己能撤销。"))
    found: dict[str, Any] = before
    return cast("LeadEdit", found), int(version)


def sealed(what: str, values: list[Any]) -> str:
    """Values of a record that was taken away, for this person to bring back."""
    return str(_signer(what).dumps([actor().id, *values]))


def unsealed(what: str) -> list[Any]:
    """The values in the request's way back. Raises Refusal when it is old or another's."""
    try:
        found: list[Any] = _signer(what).loads(request.values.get("was", ""), max_age=UNDO_SECONDS)
    except (BadSignature, ValueError):
        raise Refusal({}, msg("已经过了撤销的时间，请在页面上改回来。")) from None
    if found[0] != actor().id:
        raise Refusal({}, msg("谁改的由谁撤销。"))
    return found[1:]


def _signer(what: str = "lead-edit") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"{what}-was")
