"""The facts of the city, from ``crm/data``: what is missing is added, what is there is left alone.

An administrator may edit each of these rows; a later start never takes an edit back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.working_days import official_calendar
from models.calendar_day import CalendarDay
from models.channel import Channel
from models.enums import RuleKind
from models.figure import Goal
from models.place import District, Park, Place
from models.reminder_rule import ReminderRule
from models.segment import Position, Segment, SegmentLink, SegmentPark
from models.target import TargetList
from models.team import Team

DATA = Path(__file__).parent / "data"
CALENDAR_YEARS = range(2020, 2028)


def read(name: str) -> Any:
    """A data file's content."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def load(session: Session) -> None:
    """Add what is missing: the chain map, places, teams, channels, lists, goals, rules, days."""
    facts = read("chain_map.json")
    _add(session, Place, read("places.json"), ("code", "city"))
    _add(session, District, facts["districts"], ("code", "zh", "en", "short_zh"), "position")
    _parks(session, facts["parks"])
    _add(
        session, Team, facts["teams"], ("code", "zh", "en", "short_zh", "short_en", "city"), "sort"
    )
    _channels(session, facts["channels"])
    _lists(session, facts["target_lists"])
    _segments(session, facts["segments"])
    _links(session, facts)
    _goals(session, read("goals.json")["goals"])
    _reminder_rules(session)
    _calendar(session)
    session.flush()


def _known(session: Session, model: type[Any]) -> dict[str, int]:
    return {code: key for code, key in session.execute(sa.select(model.code, model.id))}  # noqa: C416


def _add(
    session: Session,
    model: type[Any],
    rows: Iterable[dict[str, Any]],
    names: tuple[str, ...],
    order: str | None = None,
) -> None:
    known = _known(session, model)
    for number, row in enumerate(rows):
        if row["code"] not in known:
            values = {name: row[name] for name in names}
            if order:
                values[order] = number
            session.add(model(**values))
    session.flush()


def _parks(session: Session, rows: list[dict[str, Any]]) -> None:
    districts, known = _known(session, District), _known(session, Park)
    for number, row in enumerate(rows):
        if row["code"] not in known:
            names = ("code", "zh", "en", "short_zh", "short_en")
            session.add(
                Park(
                    **{name: row[name] for name in names},
                    district_id=districts[row["district"]],
                    position=number,
                )
            )
    session.flush()


def _channels(session: Session, rows: list[dict[str, Any]]) -> None:
    _add(session, Channel, rows, ("code", "zh", "en"), "sort")
    known = _known(session, Channel)
    for row in rows:
        if row["parent"]:
            channel = session.get_one(Channel, known[row["code"]])
            channel.parent_id = channel.parent_id or known[row["parent"]]


def _lists(session: Session, rows: list[dict[str, Any]]) -> None:
    names = ("code", "zh", "en", "short_zh", "short_en", "wanted", "rewarded", "cadence_days")
    rows = [{"card_zh": None, **row} for row in rows]
    _add(session, TargetList, rows, (*names, "card_zh", "clause"), "sort")


def _segments(session: Session, rows: list[dict[str, Any]]) -> None:
    """Parents stand before their children in the file; a path orders the tree."""
    known = _known(session, Segment)
    paths: dict[str, str] = {}
    for number, row in enumerate(rows):
        parent = row["parent"]
        paths[row["code"]] = f"{paths[parent] if parent else '/'}{row['code']}/"
        if row["code"] in known:
            continue
        segment = Segment(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            parent_id=known[parent] if parent else None,
            path=paths[row["code"]],
            depth=paths[row["code"]].count("/") - 2,
            position=Position(row["position"]),
            clause=row.get("clause"),
            sort=number,
        )
        session.add(segment)
        session.flush()
        known[row["code"]] = segment.id


def _links(session: Session, facts: dict[str, Any]) -> None:
    segments, parks = _known(session, Segment), _known(session, Park)
    linked: set[tuple[int, int]] = {
        (a, b)
        for a, b in session.execute(sa.select(SegmentLink.supplier_id, SegmentLink.customer_id))
    }
    for row in facts["links"]:
        pair = (segments[row["supplier"]], segments[row["customer"]])
        if pair not in linked:
            linked.add(pair)
            session.add(
                SegmentLink(
                    supplier_id=pair[0],
                    customer_id=pair[1],
                    source=row["source"],
                    clause=row.get("clause"),
                )
            )
    placed: set[tuple[int, int]] = {
        (a, b) for a, b in session.execute(sa.select(SegmentPark.segment_id, SegmentPark.park_id))
    }
    for row in facts["segments"]:
        for park, source in row.get("park_sources", {}).items():
            key = (segments[row["code"]], parks[park])
            if key not in placed:
                placed.add(key)
                session.add(SegmentPark(segment_id=key[0], park_id=key[1], source=source))


def _goals(session: Session, rows: list[dict[str, Any]]) -> None:
    known = _known(session, Goal)
    for row in rows:
        if row["id"] not in known:
            session.add(
                Goal(
                    code=row["id"],
                    scope=row["scope"],
                    zh=row["zh"],
                    en=row["en"],
                    **_whole(row["value"], row["unit"]),
                    due_on=date(row["by"], 12, 31) if row["by"] else None,
                    clause=row["clause"],
                )
            )


def _whole(value: float | None, unit: str) -> dict[str, Any]:
    """Figures are whole numbers; a share is kept in basis points."""
    if isinstance(value, float) and not value.is_integer():
        return {"value": round(value * 10_000), "unit": "bp"}
    return {"value": value, "unit": unit}


def _reminder_rules(session: Session) -> None:
    known = _known(session, ReminderRule)
    rows = [
        {"code": row["code"], "sort": number, "version": 1, **delivered_rule(row)}
        for number, row in enumerate(read("reminder_rules.json")["rules"])
        if row["code"] not in known
    ]
    _deliver(session, ReminderRule, rows)


def delivered_rule(row: dict[str, Any]) -> dict[str, Any]:
    """What a reminder rule of the data file is before anybody edits it, by column."""
    return {
        "kind": RuleKind(row["kind"]),
        "zh": row["zh"],
        "en": row["en"],
        "enabled": True,
        "working": row.get("working", False),
        "at_once": row.get("at_once", False),
        "conditions": row.get("conditions", {}),
        "steps": row["steps"],
    }


def _calendar(session: Session) -> None:
    known = set(session.scalars(sa.select(CalendarDay.day)))
    days = official_calendar(CALENDAR_YEARS).exceptions
    rows = [{"day": d, "working": working} for d, working in days.items() if d not in known]
    _deliver(session, CalendarDay, rows)


def _deliver(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """Past the trail: nobody changed anything, and what is delivered stands in the file."""
    if rows:
        session.connection().execute(sa.insert(model), rows)
