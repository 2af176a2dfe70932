"""Which list of leads an address asks for: a saved view, and what the address says besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from crm.access import Actor
from crm.leads.columns import LeadColumn, codes_of, columns_of, known_codes
from crm.leads.filters import LeadFilter, ReadFilter, read_filter
from crm.leads.orders import sort_of
from crm.leads.views import readable_view
from crm.messages import msg
from models.saved_view import SavedView


@dataclass(frozen=True)
class AskedList:
    """Conditions, order and the view that they began with."""

    read: ReadFilter
    sort: str
    columns: Sequence[LeadColumn]
    view: SavedView | None

    @property
    def more(self) -> dict[str, str]:
        """What the links of the page keep besides conditions and order."""
        of_view = {"view": self.view.public_id} if self.view else {}
        if self.view and codes_of(self.columns) == list(self.view.columns):
            return of_view
        if not self.view:
            return columns_arg(self.columns)
        return {**of_view, "columns": ",".join(column.code for column in self.columns[1:])}


def asked_list(args: MultiDict[str, str], actor: Actor) -> AskedList:
    """Read the address: of a view come those parts that the address does not say itself.

    Raises NotFound for a view that is not the actor's to see; which leads it shows is decided by
    what the actor may read, as everywhere.
    """
    view = readable_view(args["view"], actor) if args.get("view") else None
    conditions: Mapping[str, str] = args
    if view is not None and not args.keys() & LeadFilter.__dataclass_fields__.keys():
        conditions = {name: str(value) for name, value in view.filter.items()}
    sort = args.get("sort") or (view.sort if view else "")
    columns = asked_columns(args, view.columns if view else ())
    read = read_filter(conditions, actor)
    if "columns" in args and not known_codes(_said(args)):
        read = replace(read, notes=(*read.notes, msg("至少要留一列，现在显示的是默认的列。")))
    return AskedList(read, sort_of(sort), columns, view)


def asked_columns(args: MultiDict[str, str], otherwise: Sequence[str] = ()) -> Sequence[LeadColumn]:
    """The columns in an address, said once with commas or one by one; else the given codes."""
    return columns_of(_said(args) or otherwise)


def _said(args: MultiDict[str, str]) -> list[str]:
    return [code for text in args.getlist("columns") for code in text.split(",") if code]


def columns_arg(columns: Sequence[LeadColumn]) -> dict[str, str]:
    """The columns as an argument of an address, where they are not what everybody begins with."""
    codes = codes_of(columns)
    return {"columns": ",".join(codes)} if codes else {}
