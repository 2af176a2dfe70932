"""Lists that people save: who sees one among their tabs, who may change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import sqlalchemy as sa

from crm.access import Actor, Right, require
from crm.archive import put_away, take_out
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads.inputs import Errors
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.enums import Role
from models.saved_view import SavedView, Visibility

MAX_NAME = 20
MOST_TABS = 20


@dataclass(frozen=True)
class Shown:
    """What a view shows: conditions as arguments of an address, an order, columns by code."""

    filter: Mapping[str, str]
    sort: str
    columns: Sequence[str] = ()


def choices(actor: Actor) -> tuple[Visibility, ...]:
    """Who the actor may show a view to: their own team if they have one, everyone as a manager."""
    return tuple(
        visibility
        for visibility in Visibility
        if (visibility is not Visibility.TEAM or actor.team is not None)
        and (visibility is not Visibility.EVERYONE or actor.role is Role.MANAGER)
    )


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(
        SavedView.owner_id == actor.id,
        SavedView.visibility == Visibility.EVERYONE,
        sa.and_(SavedView.visibility == Visibility.TEAM, SavedView.team_id.in_(actor.teams)),
    )


def views_of(actor: Actor) -> Sequence[SavedView]:
    """The views among the actor's tabs, their own first (one statement)."""
    query = (
        sa.select(SavedView)
        .where(SavedView.removed_at.is_(None), _visible(actor))
        .order_by(SavedView.owner_id != actor.id, SavedView.id)
        .limit(MOST_TABS)
    )
    return db.session.scalars(query).all()


def readable_view(public_id: str, actor: Actor) -> SavedView:
    """The view of that id; NotFound when it is removed or not the actor's to see."""
    return _found(public_id, actor, SavedView.removed_at.is_(None))


def _found(
    public_id: str, actor: Actor, *more: sa.ColumnElement[bool], lock: bool = False
) -> SavedView:
    query = sa.select(SavedView).where(SavedView.public_id == public_id, _visible(actor), *more)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    view = db.session.scalar(query)
    if view is None:
        raise NotFound
    return view


def may_change(view: SavedView, actor: Actor) -> bool:
    """One's own; a team's also its lead; everyone's the managers alone."""
    match view.visibility:
        case Visibility.EVERYONE:
            return actor.role is Role.MANAGER
        case Visibility.TEAM if actor.role is Role.TEAM_LEAD and view.team_id in actor.teams:
            return True
        case _:
            return view.owner_id == actor.id


def save_view(name: str, visibility: str, shown: Shown, actor: Actor, now: datetime) -> SavedView:
    """Save a list under a name. Raises Refusal at ``name`` or ``visibility``."""
    require(actor, Right.READ_LEADS)
    name, seen_by = _checked(name, visibility, choices(actor))
    view = SavedView(
        owner_id=actor.id,
        name=name,
        visibility=seen_by,
        team_id=actor.team if seen_by is Visibility.TEAM else None,
        filter=dict(shown.filter),
        sort=shown.sort,
        columns=list(shown.columns),
        created_at=now,
    )
    db.session.add(view)
    db.session.flush()
    return view


def known_of(view: SavedView) -> dict[str, str]:
    """What an edit may change, as it stands."""
    shown = Shown(view.filter, view.sort, view.columns)
    return {"name": view.name, "visibility": view.visibility.value, "shown": _as_text(shown)}


def _as_text(shown: Shown) -> str:
    """The list under a view as one thing: two lists have no half in common."""
    listed = {**shown.filter, "sort": shown.sort, "columns": ",".join(shown.columns)}
    return urlencode(sorted(listed.items()))


def change_view(
    public_id: str,
    name: str,
    visibility: str,
    shown: Shown | None,
    actor: Actor,
    read: Read | None = None,
) -> SavedView:
    """Another name, other readers and, with ``shown``, another list under it.

    ``read`` is what the person had read of it. Raises NotFound, Forbidden, Refusal at ``name`` or
    ``visibility``, and Stale for what two people changed.
    """
    view = changeable_view(public_id, actor, lock=True)
    yours = {"name": name.strip(), "visibility": visibility}
    if shown is not None:
        yours["shown"] = _as_text(shown)
    wanted = merged(known_of(view), yours, read, [view], {"shown": ("filter", "sort", "columns")})
    name, visibility = wanted["name"], wanted["visibility"]
    if shown is not None and wanted["shown"] != yours["shown"]:
        shown = None
    name, seen_by = _checked(name, visibility, {view.visibility, *choices(actor)})
    if seen_by is not view.visibility:
        view.visibility = seen_by
        view.team_id = actor.team if seen_by is Visibility.TEAM else None
    view.name = name
    if shown is not None:
        view.filter, view.sort = dict(shown.filter), shown.sort
        view.columns = list(shown.columns)
    db.session.flush()
    return view


def changeable_view(public_id: str, actor: Actor, *, lock: bool = False) -> SavedView:
    """The view, for who may change it; held, and read anew, with ``lock``.

    Raises NotFound and Forbidden.
    """
    view = _found(public_id, actor, SavedView.removed_at.is_(None), lock=lock)
    if not may_change(view, actor):
        raise Forbidden(msg("这个视图是别人存的，您可以另存一个。"))
    return view


def remove_view(public_id: str, actor: Actor, now: datetime) -> SavedView:
    """Take a view off everybody's tabs. Raises NotFound and Forbidden."""
    view = changeable_view(public_id, actor, lock=True)
    view.removed_at = now
    put_away(view, actor, now)
    return view


def restore_view(public_id: str, actor: Actor) -> SavedView:
    """Put a removed view back. Raises NotFound and Forbidden."""
    view = _found(public_id, actor, lock=True)
    if not may_change(view, actor):
        raise Forbidden
    if view.removed_at is not None:
        view.removed_at = None
        take_out(view)
    return view


def _checked(name: str, visibility: str, allowed: Collection[Visibility]) -> tuple[str, Visibility]:
    errors: Errors = {}
    name = name.strip()
    if not name:
        errors["name"] = [msg("给这个视图起个名字。")]
    elif len(name) > MAX_NAME:
        errors["name"] = [msg("名字最多 %(n)s 字，请写短一些。", n=MAX_NAME)]
    if visibility not in set(Visibility) or Visibility(visibility) not in allowed:
        errors["visibility"] = [msg("请选给谁看；给所有人的视图由局领导存。")]
    if errors:
        raise Refusal(errors)
    return name, Visibility(visibility)
