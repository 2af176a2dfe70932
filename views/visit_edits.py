"""A visit put right: whom its form offers, and the way back to when, how and with whom it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.companies.contacts import contacts_of, told_apart
from crm.visits import edits, queries
from models import db
from models.visit import Visit
from views.errors import wants_json
from views.forms.visit import EditVisitForm
from views.guard import actor, needs
from views.ways_back import sealed, unsealed

blueprint = Blueprint("visit_edits", __name__)


@blueprint.post("/visits/<public_id>/reversals")
@needs(Right.LOG_VISITS)
def reverse(public_id: str) -> ResponseReturnValue:
    """When, how and with whom it was, as it stood before this person's last edit."""
    visit = edits.own_visit(actor(), public_id)
    before, after = (_read(values) for values in unsealed(_way(public_id)))
    edits.put_back(visit, before, after, actor(), clock.now())
    db.session.commit()
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    return redirect(url_for("visits.show", public_id=public_id))


def way_back(
    public_id: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[str, str | None]:
    """What is said of an edit, and where it is taken back: words are not written into addresses."""
    if all(before[name] == after[name] for name in edits.FACTS):
        return str(_("已保存。")), None
    was = sealed(_way(public_id), [_written(before), _written(after)])
    text = _("已保存。")
    if any(before[name] != after[name] for name in edits.WORDS):
        text = _("已保存。撤销只放回时间、方式和人，文字不动。")
    return str(text), url_for("visit_edits.reverse", public_id=public_id, was=was)


def offer_people(form: EditVisitForm, visit: Visit) -> None:
    """The company's people and colleagues, and whoever stands there already."""
    theirs = {contact.public_id: contact.name for contact in visit.contacts}
    theirs |= told_apart(contacts_of(visit.company_id))
    ours = {one.id: one.name for one in queries.colleagues(actor(), clock.today())}
    ours |= {user.public_id: user.name for user in visit.companions}
    form.contacts.offer(theirs.items())
    form.companions.offer(ours.items())


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: values[name] for name in edits.FACTS}
    return facts | {"occurred_at": values["occurred_at"].isoformat()}


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"occurred_at": datetime.fromisoformat(values["occurred_at"])}


def _way(public_id: str) -> str:
    return f"visit-{public_id}"
