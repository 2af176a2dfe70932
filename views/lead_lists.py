"""Which list of leads an address asks for: a saved view, and what the address says besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm.access import Actor
from crm.leads.filters import LeadFilter, ReadFilter, read_filter
from crm.leads.listing import sort_of
from crm.leads.views import readable_view
from models.saved_view import SavedView


@dataclass(frozen=True)
class AskedList:
    """Conditions, order and the view that they began with."""

    read: ReadFilter
    sort: str
    view: SavedView | None

    @property
    def more(self) -> dict[str, str]:
        """What the links of the page keep besides conditions and order."""
        return {"view": self.view.public_id} if self.view else {}


def asked_list(args: Mapping[str, str], actor: Actor) -> AskedList:
    """Read the address: of a view come those parts that the address does not say itself.

    Raises NotFound for a view that is not the actor's to see; which leads it shows is decided by
    what the actor may read, as everywhere.
    """
    view = readable_view(args["view"], actor) if args.get("view") else None
    conditions = args
    if view is not None and not args.keys() & LeadFilter.__dataclass_fields__.keys():
        conditions = {name: str(value) for name, value in view.filter.items()}
    sort = args.get("sort") or (view.sort if view else "")
    return AskedList(read_filter(conditions, actor), sort_of(sort), view)
