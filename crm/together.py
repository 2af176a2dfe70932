"""Two people at once: what one had read, what stands there now, what one wants instead.

A form carries a print of each value that its reader saw (``Read``). Under the record's lock a
service lays the three side by side (``merged``): what only one side changed is kept, what both
changed differently is a ``Stale``, and the person chooses. One rule for every noun.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from crm import clock
from crm.audit import history
from crm.audit.recorder import plain
from crm.errors import Conflict
from crm.messages import msg
from models.audit import Change, ChangeSet
from models.base import Model

_LENGTH = 12
_AT = "@"
# Seconds since 1970; longer ones are of no calendar.
_DIGITS = 10


@dataclass(frozen=True)
class Read:
    """A print of each value that somebody had read, by field, and when.

    ``keep``: where two had changed the same, the fields in which they chose the other's value.
    ``kept`` is filled by a merge: the fields in which somebody else's change stays.
    """

    prints: Mapping[str, str]
    at: datetime
    keep: frozenset[str] = frozenset()
    kept: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Read:
        """What somebody reads who is shown these values now."""
        return cls({name: _print(value) for name, value in values.items()}, clock.now())

    @classmethod
    def from_text(cls, text: str, keep: Collection[str] = ()) -> Read | None:
        """As a form sent it back; None when it carried nothing."""
        pairs = (part.partition(":") for part in text.split())
        prints = {name: print_ for name, _, print_ in pairs}
        seconds = prints.pop(_AT, "")
        if not seconds.isdecimal() or len(seconds) > _DIGITS:
            return None
        return cls(prints, datetime.fromtimestamp(int(seconds), timezone.utc), frozenset(keep))

    def __str__(self) -> str:
        """As a form carries it."""
        prints = {_AT: str(int(self.at.timestamp())), **self.prints}
        return " ".join(f"{name}:{print_}" for name, print_ in prints.items())

    def shows(self, name: str, value: Any) -> bool:
        """Whether this value is the one that was read."""
        return self.prints.get(name) == _print(value)


class Stale(Conflict):
    """Two people changed the same (409): ``changed`` has (theirs, yours) of each such field.

    ``read`` is what stands there now and ``taken`` what only they changed, for the form that is
    shown again; ``by`` and ``at`` say whose the last change was.
    """

    def __init__(
        self,
        changed: Mapping[str, tuple[object, object]],
        taken: Mapping[str, Any],
        read: Read,
        last: tuple[str, datetime] | None,
    ) -> None:
        self.read, self.taken = read, dict(taken)
        self.by = ""
        self.at: datetime | None = None
        text = msg("您打开之后，有人改过这里。")
        if last:
            self.by, self.at = last
            text = msg("您打开之后，%(who)s %(at)s 改过这里。", who=self.by, at=last[1])
        super().__init__(text, changed)


def merged(
    theirs: Mapping[str, Any],
    yours: Mapping[str, Any],
    read: Read | None,
    records: Iterable[Model] = (),
    columns: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The values to be written: ``yours``, but where only somebody else changed a field, theirs.

    ``theirs`` is what stands in ``records``, which the caller holds locked; ``columns`` are those
    of a field that is called otherwise there. Without ``read`` nobody knows what the person had
    seen, and theirs is not asked for. Raises Stale.
    """
    if read is None:
        return dict(yours)
    values: dict[str, Any] = {}
    clashing: dict[str, tuple[object, object]] = {}
    for name, mine in yours.items():
        now = theirs[name]
        values[name] = mine
        if _print(mine) == _print(now):
            continue
        if name in read.keep:
            values[name] = now
        elif read.shows(name, mine):
            values[name] = now
            read.kept.append(name)
        elif not read.shows(name, now):
            clashing[name] = (now, mine)
    if clashing:
        taken = {name: theirs[name] for name in read.kept}
        fields = {one for name in clashing for one in columns.get(name, (name,))}
        raise Stale(clashing, taken, Read.of(theirs), _last_change(records, fields, read.at))
    return values


def _last_change(
    records: Iterable[Model], fields: Collection[str], since: datetime
) -> tuple[str, datetime] | None:
    """Who changed one of these last since then, as far as the trail knows (one statement)."""
    stands = list(records)
    if not stands:
        return None
    return history.last(
        history.of(*stands), Change.field.in_((*fields, "*")), ChangeSet.known_at >= since
    )


def _print(value: Any) -> str:
    """A short print of a value; nothing, an empty text and an empty list read alike."""
    if value is None or value in ("", []):
        return "-"
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
