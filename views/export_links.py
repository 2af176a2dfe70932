"""What the pages of lists offer to take along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from crm.formats import say
from crm.reports.ledger import Ledger


@dataclass(frozen=True)
class FileLink:
    """A file: what it is called, and its address in either format."""

    words: str
    endpoint: str
    args: dict[str, Any] = field(default_factory=dict)

    def url(self, ending: str) -> str:
        """The file in one format."""
        return url_for(self.endpoint, ending=ending, **self.args)


def of_list(endpoint: str, **args: Any) -> list[FileLink]:
    """The list as shown, by the conditions in its address."""
    return [FileLink(_("这张清单"), endpoint, args)]


def of_chosen(endpoint: str, **args: Any) -> FileLink:
    """The rows that are chosen on that list: to be sent by a form."""
    return FileLink(_("导出"), endpoint, args)


def ledgers(args: dict[str, str]) -> list[FileLink]:
    """The three ledgers of the leads that the filter leaves; stage and status are their own."""
    kept = {name: value for name, value in args.items() if name not in {"stage", "status"}}
    return [FileLink(say(kind.words), "exports.ledgers", {"kind": kind, **kept}) for kind in Ledger]
