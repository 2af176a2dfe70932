"""Ways back from what was just done: what stood there before, vouched for by a signature."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from crm.errors import Refusal
from crm.leads.inputs import LeadEdit
from crm.messages import msg
from models.lead import Lead
from views.guard import actor

UNDO_SECONDS = 600


def way_back(lead: Lead, before: LeadEdit, after: LeadEdit) -> str:
    """A word that takes this person's choice back, as long as nobody chooses again (``after``)."""
    return str(_signer().dumps([actor().id, lead.public_id, before, after]))


def before_of(public_id: str) -> tuple[LeadEdit, LeadEdit] | None:
    """What the request's way back leads to, and what it has to find; None without one."""
    if "was" not in request.values:
        return None
    try:
        whose, lead_id, before, after = _signer().loads(request.values["was"], max_age=UNDO_SECONDS)
    except BadSignature:
        raise Refusal({}, msg("已经过了撤销的时间，请在页面上改回来。")) from None
    if (whose, lead_id) != (actor().id, public_id):
        raise Refusal({}, msg("只有移动的人自己能撤销。"))
    return cast("LeadEdit", before), cast("LeadEdit", after)


def sealed(what: str, values: list[Any]) -> str:
    """Values of a record that was taken away, for this person to bring back."""
    return str(_signer(what).dumps([actor().id, *values]))


def unsealed(what: str) -> list[Any]:
    """The values in the request's way back. Raises Refusal when it is old or another's."""
    try:
        sealed = request.values.get("was", "")
        loaded: list[Any] = _signer(what).loads(sealed, max_age=UNDO_SECONDS)
        whose, *values = loaded
    except (BadSignature, ValueError):
        raise Refusal({}, msg("已经过了撤销的时间，请在页面上改回来。")) from None
    if whose != actor().id:
        raise Refusal({}, msg("谁改的由谁撤销。"))
    return values


def _signer(what: str = "lead-choice") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"{what}-was")
