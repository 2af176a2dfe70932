"""The words of the menu; they follow the role. No icons, no counts that nobody asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_login import current_user

from crm.access import Right, allowed
from crm.formats import say
from crm.jobs.watch import known_late
from crm.reminders.notices import MOST_COUNTED
from views.edge import settings
from views.guard import actor
from views.locale import EN, html_lang, select, switch_url

# (group, (endpoint, words, right)): a group shows when one of its pages does.
MENU = (
    (
        None,
        (
            ("today.show", _l("今日"), Right.READ_TODAY),
            ("leads.board", _l("看板"), Right.READ_LEADS),
            ("leads.index", _l("列表"), Right.READ_LEADS),
            ("visits.index", lazy_pgettext("menu", "走访"), Right.READ_LEADS),
            ("calendar.show", _l("日历"), Right.READ_LEADS),
            ("notices.index", _l("提醒"), Right.READ_TODAY),
        ),
    ),
    (
        _l("找企业"),
        (
            ("chain.index", _l("产业链图谱"), Right.READ_COMPANIES),
            ("targets.index", _l("目标榜单"), Right.READ_COMPANIES),
            ("companies.index", lazy_pgettext("menu", "企业"), Right.READ_COMPANIES),
            ("incentives.show", lazy_pgettext("menu", "政策测算"), Right.READ_LEADS),
        ),
    ),
    (
        _l("看全局"),
        (("overview.show", _l("概览"), Right.READ_LEADS),),
    ),
    (
        _l("管理"),
        (
            ("landing_goals.index", _l("落地目标"), Right.WRITE_LANDING_GOALS),
            ("trash.index", _l("回收站"), Right.TRASH),
            ("reminder_rules.index", _l("提醒规则"), Right.READ_RULES),
            ("outbox.index", _l("发件箱"), Right.READ_OUTBOX),
            ("accounts.index", _l("账号"), Right.READ_ACCOUNTS),
        ),
    ),
)
TABS = (
    ("today.show", _l("今日"), Right.READ_TODAY),
    ("leads.index", _l("列表"), Right.READ_LEADS),
    ("visits.new", _l("记走访"), Right.LOG_VISITS),
    ("chain.index", _l("图谱"), Right.READ_COMPANIES),
    ("account.show", _l("我的"), None),
)
# A record's page belongs to the list it stands in.
LISTED_IN = {
    "accounts": "accounts.index",
    "appointments": "calendar.show",
    "attachments": "leads.index",
    "calendar": "calendar.show",
    "chain": "chain.index",
    "event_leads": "visits.index",
    "events": "visits.index",
    "invitations": "visits.index",
    "companies": "companies.index",
    "contacts": "companies.index",
    "lead_imports": "leads.index",
    "incentives": "incentives.show",
    "job_runs": "outbox.index",
    "landing_forecasts": "overview.show",
    "landing_goals": "landing_goals.index",
    "leads": "leads.index",
    "next_steps": "leads.index",
    "offers": "leads.index",
    "outbox": "outbox.index",
    "promises": "visits.index",
    "queue": "account.show",
    "referrals": "visits.index",
    "reminder_forecasts": "notices.index",
    "reminder_rules": "reminder_rules.index",
    "reminders": "notices.index",
    "reminder_settings": "notices.index",
    "leaves": "notices.index",
    "stage_changes": "leads.index",
    "target_imports": "targets.index",
    "targets": "targets.index",
    "tasks": "leads.index",
    "trash": "trash.index",
    "trip_stops": "visits.index",
    "trips": "visits.index",
    "visits": "visits.index",
    "visit_drafts": "visits.index",
    "visit_edits": "visits.index",
    "working_days": "reminder_rules.index",
}
_SHOWN = {endpoint for _label, entries in MENU for endpoint, _words, _right in entries} | {
    endpoint for endpoint, _words, _right in TABS
}


def register(app: Flask) -> None:
    """Give every template the menu and who is signed in."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    config = settings()
    english = select() == EN
    common = {
        "site_name": config.site_name_en if english else config.site_name_zh,
        "demo_data": config.demo,
        "html_lang": html_lang(),
        "english": english,
        "switch_url": switch_url(),
    }
    if not current_user.is_authenticated:
        return common
    unit = actor().unit
    return {
        **common,
        "nav": _menu(),
        "tabs": _tabs(),
        "actor": actor(),
        "may": _may,
        "team_name": say(unit) if unit else None,
        "planning_late": known_late(),
        "unread": unread_words(),
    }


def unread_words() -> str:
    """How many reminders wait to be looked at: counted up to 99, and nothing when none does."""
    found = g.get("unread") or 0
    return "99+" if found >= MOST_COUNTED else str(found or "")


def _may(right: str) -> bool:
    return allowed(actor(), Right(right))


def _menu() -> list[dict[str, Any]]:
    groups = []
    for label, entries in MENU:
        items = [
            {"label": words, "url": url_for(endpoint), "active": _here(endpoint)}
            | ({"count": unread_words() or None} if endpoint == "notices.index" else {})
            for endpoint, words, right in entries
            if allowed(actor(), right)
        ]
        if items:
            groups.append({"label": label, "entries": items})
    return groups


def _tabs() -> list[dict[str, Any]]:
    return [
        {
            "label": words,
            "url": url_for(endpoint),
            "active": _here(endpoint),
            "primary": endpoint == "visits.new",
            "mine": endpoint == "account.show",
        }
        for endpoint, words, right in TABS
        if right is None or allowed(actor(), right)
    ]


def _here(endpoint: str) -> bool:
    """Whether the entry leads to this page, or to the list that this page's record stands in."""
    if request.endpoint in _SHOWN:
        return request.endpoint == endpoint
    return LISTED_IN.get(request.blueprint or "") == endpoint
