"""The address without a path goes to what the role works with."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.enums import Role
from views.guard import actor

blueprint = Blueprint("home", __name__)

START = {
    Role.SCOUT: "today.show",
    Role.TEAM_LEAD: "leads.board",
    Role.MANAGER: "overview.show",
    Role.PARK_OFFICER: "leads.index",
    Role.LIAISON_LEADER: "leads.index",
    Role.AUDITOR: "leads.index",
    Role.ADMINISTRATOR: "accounts.index",
    Role.SECURITY_OFFICER: "accounts.index",
}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Send people to their first page, in the language that was asked for."""
    return redirect(url_for(START[actor().role], lang=request.args.get("lang")))
