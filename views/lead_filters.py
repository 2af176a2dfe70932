"""The filters above the board and the list, and what is said when they find nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.access import Actor, Right, Scope, allowed, scopes
from crm.formats import say
from crm.leads import choices
from crm.leads.counting import count
from crm.leads.filters import SPANS, LeadFilter
from crm.leads.stages import stage_name, stages
from models.enums import Role
from views.lead_cards import badge_views

Option = tuple[str, str]
_FIXED = {
    "overdue": _l("逾期"),
    "stalled": _l("停滞"),
    "undated": _l("没有下一步日期"),
    "untouched": _l("从未接触"),
    "owner": _l("这位负责人"),
}
_SPAN_WORDS = {
    "created": _l("登记于"),
    "signed": _l("签约于"),
    "registered": _l("注册于"),
    "landed": _l("落地于"),
    "landing": _l("预计落地"),
}
# What has no field of its own among the filters: shown as a chip that takes it off.
_CHIPS = ("stages", "owner", "undated", "untouched", *SPANS, "expansion")
_RARE = ("list", "segment")  # the list folds them away


@dataclass(frozen=True)
class FilterBar:
    """Everything the filters of a page show; each choice is an address."""

    endpoint: str
    wanted: LeadFilter
    actor: Actor
    sort: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    """What else the address says of the page: the saved view, the columns."""

    def url(self, **changes: Any) -> str:
        """The page with some conditions changed, from its first row on."""
        args: dict[str, Any] = {**replace(self.wanted, **changes).as_args(), **self.more}
        if self.sort and self.sort != "updated":
            args["sort"] = self.sort
        return url_for(self.endpoint, **args)

    def sorted_by(self, sort: str) -> str:
        """The page in another order."""
        args: dict[str, Any] = {**self.wanted.as_args(), **self.more, "sort": sort}
        return url_for(self.endpoint, **args)

    @property
    def args(self) -> dict[str, str]:
        """The conditions as arguments of an address."""
        return self.wanted.as_args()

    @cached_property
    def scopes(self) -> list[dict[str, Any]]:
        """Whose leads: mine, my team's, the city's."""
        words = {
            Scope.MINE: _("我的"),
            Scope.TEAM: _("本队"),
            Scope.PLACE: _("本园区"),
            Scope.CITY: _("全市"),
        }
        return [
            {
                "label": words[scope],
                "url": self.url(scope=scope),
                "active": scope is self.wanted.scope,
            }
            for scope in scopes(self.actor)
        ]

    @cached_property
    def selects(self) -> list[dict[str, Any]]:
        """The conditions chosen from data: name, label, options, what is chosen."""
        found = [
            ("place", _("全部区县"), choices.places()),
            ("list", _("全部榜单"), choices.target_lists()),
            ("segment", _("全部环节"), choices.segments()),
        ]
        if self.actor.role in {Role.MANAGER, Role.AUDITOR, Role.PARK_OFFICER}:
            found.insert(0, ("team", _("全部小分队"), choices.teams()))
        return [
            {
                "name": name,
                "label": label,
                "options": [("", label), *((code, say(text)) for code, text in options)],
                "chosen": getattr(self.wanted, name),
                "rare": name in _RARE,
            }
            for name, label, options in found
        ]

    @property
    def rare(self) -> int:
        """How many of the conditions that the list folds away are on."""
        asked = [bool(getattr(self.wanted, name)) for name in _RARE]
        return sum(asked) + (self.wanted.status != "open")

    @cached_property
    def stage_options(self) -> list[Option]:
        """The stages as a condition."""
        return [("", _("全部阶段")), *((i.stage.value, say(i.name)) for i in stages())]

    @cached_property
    def status_options(self) -> list[Option]:
        """The statuses as a condition; without one the list shows whatever is not lost."""
        return [
            ("", _("在谈和暂缓")),
            ("ongoing", _("还没落地的")),
            ("active", _("在谈")),
            ("on_hold", _("暂缓")),
            ("lost", _("流失")),
            ("all", _("全部状态")),
        ]

    @property
    def chips(self) -> list[dict[str, str]]:
        """The conditions that are on and have no field: what each says, and the page without."""
        return [
            {
                "name": name,
                "value": self.args[name],
                "label": self.said(name),
                "url": replace(self, wanted=self.wanted.without(name)).url(),
            }
            for name in _CHIPS
            if name in self.args
        ]

    def said(self, name: str) -> str:
        """What a condition that is on is called."""
        value = getattr(self.wanted, name)
        if name in SPANS:
            return f"{_SPAN_WORDS[name]} {say(value.words)}"
        if name in _FIXED:
            return str(_FIXED[name])
        if name in {"stage", "stages"}:
            asked = value if name == "stages" else (value,)
            return str(_("、")).join(say(stage_name(stage)) for stage in asked)
        if name == "expansion":
            return str(_("增资扩产") if value == "yes" else _("首次落地"))
        for select in self.selects:
            if select["name"] == name:
                return str(dict(select["options"]).get(value, value)).strip()
        return str(value)


@dataclass(frozen=True)
class Drop:
    """A condition to drop, and how many leads there are without it."""

    label: str
    url: str
    n: int


@dataclass(frozen=True)
class Empty:
    """What an empty list says: conditions to drop, or companies to begin with."""

    conditions: list[str]
    drop: Drop | None
    all_url: str
    candidates: list[dict[str, Any]]


def empty_state(bar: FilterBar, actor: Actor, today: date) -> Empty:
    """Why nothing is shown and what to do about it."""
    asked = bar.wanted.asked
    drops = [_drop(bar, name, today) for name in asked[:3]]
    best = max(drops, key=lambda drop: drop.n, default=None)
    nothing = LeadFilter(scope=bar.wanted.scope)
    candidates = []
    if not asked and allowed(actor, Right.WRITE_LEADS):
        candidates = [
            {
                "name": company.name,
                "badges": badge_views(badges),
                "url": url_for("leads.new", company=company.public_id),
            }
            for company, badges in choices.untouched_companies()
        ]
    return Empty(
        conditions=[bar.said(name) for name in asked],
        drop=best if best and best.n else None,
        all_url=replace(bar, wanted=nothing).url(),
        candidates=candidates,
    )


def _drop(bar: FilterBar, name: str, today: date) -> Drop:
    without = bar.wanted.without(name)
    found = count(bar.actor, without, today)
    return Drop(bar.said(name), replace(bar, wanted=without).url(), found.n)
