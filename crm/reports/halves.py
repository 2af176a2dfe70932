"""The pipeline of a moment as text, the leads shared between two processes when they are many.

What was known at a settled moment is the same in every snapshot, so that each half may be read in
one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from itertools import chain

from crm.beside import beside, possible
from crm.reports import past
from crm.reports.pipeline import (
    BETWEEN,
    CLOSING,
    Cell,
    Pipeline,
    Total,
    as_json,
    in_order,
    lines,
    opening,
)
from models import db

# Fewer leads are printed sooner than a second process is at work.
FEW = 20_000
_CHUNK = 1 << 20


def printed(known_at: datetime, effective_at: datetime | None = None) -> Iterator[bytes]:
    """What ``as_json`` says of it, piece by piece. Raises Refusal for a moment to come."""
    past.settle(known_at)
    last = past.last_lead(min(known_at, effective_at or known_at))
    if last < FEW or not possible():
        with past.uncollected():
            yield from as_json(past.pipeline_at(known_at, effective_at))
        return
    half = (last + 1) // 2
    first, rest = range(half), range(half, past.ALL.stop)
    # The child opens its own.
    db.engine.dispose()
    with (
        past.uncollected(),
        beside(lambda: _part(past.pipeline_at(known_at, effective_at, rest))) as other,
    ):
        own = past.pipeline_at(known_at, effective_at, first)
        more = [(Cell(*cell), Total(*total)) for cell, total in json.loads(other.readline())]
        yield opening(replace(own, totals=in_order(chain(own.totals.items(), more))))
        yield from lines(own)
        following = iter(partial(other.read, _CHUNK), b"")
        if (begun := next(following, b"")) and own.leads:
            yield BETWEEN
        yield begun
        yield from following
    yield CLOSING


def _part(pipeline: Pipeline) -> Iterator[bytes]:
    """A line with its totals, and then its leads, as one text: nobody reads before it is done."""
    totals = [
        (list(vars(cell).values()), list(asdict(total).values()))
        for cell, total in pipeline.totals.items()
    ]
    text = b"".join(lines(pipeline))
    yield json.dumps(totals).encode() + b"\n"
    yield text
