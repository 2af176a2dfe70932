"""Which pages are measured, as whom."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa

from models import db
from models.company import Company
from models.lead import Lead
from models.segment import Segment
from models.user import User
from models.visit import VisitLead

PEOPLE = {"scout": "scout.beijing@demo.example", "manager": "manager@demo.example"}
TARGET_MS = 100
MOST_STATEMENTS = 15
MOST_GROWTH = 1.5
FINDING_TARGET_MS = 20
# What somebody types: two characters of one company and of very many, its sounds, its initials.
TYPED = ("讯飞", "科技", "星云", "xunfei", "kdxf", "wangluo", "杭州 智能")


# Conditions that no summary knows, the dearest of their kinds: few of very many companies, most of
# them, a word of many names, a place, a day, an amount, one group in many landings.
CONDITIONS = {
    "rewarded": "tier=rewarded",
    "on no list": "tier=none",
    "a word": f"q={quote('科技')}",
    "a place": "place=district:nanhu",
    "registered since": "registered=2026-01-01..",
    "an amount": "amount=100000000..",
    "first landings": "expansion=no",
}


@dataclass(frozen=True)
class Page:
    """A page: what the table calls it, and its address."""

    name: str
    path: str


def finding() -> list[Page]:
    """What is asked for while somebody types, and the page of the whole search."""
    typed = [Page(text, f"/companies/suggest?q={quote(text)}") for text in TYPED]
    return [*typed, Page("科技 (the page)", f"/search?q={quote('科技')}")]


def pages() -> list[Page]:
    """The measured pages: the busy scout's most visited lead, the segment with most leads."""
    busiest, company = db.session.execute(
        sa.select(Lead.public_id, Company.public_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Lead.owner_id)
        .join(VisitLead, VisitLead.lead_id == Lead.id)
        .where(User.email == PEOPLE["scout"])
        .group_by(Lead.id, Company.id)
        .order_by(sa.func.count().desc(), Lead.id)
        .limit(1)
    ).one()
    segment = db.session.scalar(
        sa.select(Segment.code)
        .join(Lead, Lead.segment_id == Segment.id)
        .group_by(Segment.id)
        .order_by(sa.func.count().desc(), Segment.id)
        .limit(1)
    )
    return [
        Page("board", "/board"),
        Page("board by district", "/board?group=district"),
        Page("board by team", "/board?group=team"),
        *(Page(f"board, {name}", f"/board?{asked}") for name, asked in CONDITIONS.items()),
        Page("board by district, a word", f"/board?group=district&q={quote('科技')}"),
        Page("board by district, other lists", "/board?group=district&tier=other"),
        Page("overview", "/overview"),
        Page("list", "/leads"),
        *(Page(f"list, {name}", f"/leads?{asked}") for name, asked in CONDITIONS.items()),
        Page("list by days", "/leads?sort=days"),
        Page("list by company", "/leads?sort=company"),
        Page("list by owner", "/leads?sort=owner"),
        Page("lead", f"/leads/{busiest}"),
        Page("today", "/today"),
        Page("search", f"/search?q={quote('智能')}"),
        Page("palette", f"/search/suggest?q={quote('智能')}"),
        Page("palette, two words", f"/search/suggest?q={quote('杭州 智能')}"),
        Page("palette, a person", "/search/suggest?q=zhangwei"),
        Page("suggest", f"/companies/suggest?q={quote('讯飞')}"),
        Page("visits", "/visits"),
        Page("companies", "/companies"),
        Page("company", f"/companies/{company}"),
        Page("chain", "/chain"),
        Page("segment", f"/chain/{segment}"),
        Page("targets", "/targets"),
        Page("edition", "/targets/china-software-100/2018"),
        Page("API leads", "/api/v1/leads"),
        Page("API leads, filtered", "/api/v1/leads?stage=negotiating&segment=FND&overdue=true"),
        Page("API companies", "/api/v1/companies"),
        Page("API visits", "/api/v1/visits"),
        Page("API targets", "/api/v1/targets"),
        Page("API entries", "/api/v1/targets/china-software-100/2018/entries"),
    ]
