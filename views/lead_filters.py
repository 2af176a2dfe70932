"""The filters above the board and the list, and what is said when they find nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm import clock
from crm.access import Actor, Right, Scope, allowed, scopes
from crm.access.words import SCOPE_WORDS
from crm.amounts import wan_text
from crm.formats import say
from crm.leads import choices
from crm.leads.counting import count
from crm.leads.filters import SPANS, LeadFilter
from crm.leads.lanes import Group
from crm.leads.stages import stage_name, stages
from crm.messages import Value
from models.enums import Role
from views.lead_cards import badge_views

Option = tuple[str, str]
_FIXED = {
    "overdue": _l("逾期"),
    "stalled": _l("停滞"),
    "undated": _l("没有下一步日期"),
    "untouched": _l("从未接触"),
    "owner": _l("这位负责人"),
    "event": _l("来自这次活动"),
    "batch": _l("来自这次导入"),
    "referrer": _l("由此引荐而来"),
}
_SPAN_WORDS = {
    "created": _l("登记于"),
    "signed": _l("签约于"),
    "registered": _l("注册于"),
    "landed": _l("落地于"),
    "signing": _l("预计签约"),
    "landing": _l("预计落地"),
    "amount": _l("计划投资"),
}
_TIERS = {
    "rewarded": _l("在奖励榜单上"),
    "other": _l("只在其他榜单上"),
    "none": _l("不在榜单上"),
}
# What the board folds away: choices, and spans of days and of amounts.
_FOLDED = ("channel", "tier", "owner")
_FOLDED_SPANS = ("signing", "landing", "amount")
# What has no field in sight: shown as a chip that takes it off.
_CHIPS = (
    "stages",
    *_FOLDED,
    "event",
    "batch",
    "referrer",
    "undated",
    "untouched",
    *SPANS,
    "amount",
    "expansion",
)
_RARE = ("list", "segment", *_FOLDED)  # the list folds them away


@dataclass(frozen=True)
class FilterBar:
    """Everything the filters of a page show; each choice is an address."""

    endpoint: str
    wanted: LeadFilter
    actor: Actor
    sort: str = ""
    group: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    """What else the address says of the page: the saved view, the columns."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """The address as it was asked for, with what could not be read."""

    def url(self, **changes: Any) -> str:
        """The page with some conditions changed, from its first row on."""
        args: dict[str, Any] = {**replace(self.wanted, **changes).as_args(), **self.more}
        if self.sort and self.sort != "updated":
            args["sort"] = self.sort
        return url_for(self.endpoint, **{**args, **self.grouped})

    @property
    def grouped(self) -> dict[str, str]:
        """What a board is grouped by, as arguments of an address; by stage needs none."""
        return {"group": self.group} if self.group not in {"", "stage"} else {}

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
        return [
            {
                "label": say(SCOPE_WORDS[scope]),
                "url": self.url(scope=scope),
                "active": scope is self.wanted.scope,
            }
            for scope in scopes(self.actor)
        ]

    @cached_property
    def selects(self) -> list[dict[str, Any]]:
        """The conditions chosen from data: name, label, options, what is chosen."""
        found: list[tuple[str, str, Sequence[tuple[str, Value]]]] = [
            ("place", _("全部区县"), choices.places()),
            ("list", _("全部榜单"), choices.target_lists()),
            ("segment", _("全部环节"), choices.segments()),
            ("channel", _("全部来源"), choices.channels()),
            ("tier", _("在不在榜单上"), [(code, str(word)) for code, word in _TIERS.items()]),
        ]
        if self.wanted.scope is not Scope.MINE:
            people = choices.owner_names(self.actor, clock.today())
            found.append(("owner", _("全部负责人"), people))
        # Columns that are the teams say them already.
        shown_by_team = self.group == "team" and not self.wanted.team
        citywide = {Role.MANAGER, Role.AUDITOR, Role.PARK_OFFICER}
        if self.actor.role in citywide and not shown_by_team:
            found.insert(0, ("team", _("全部小分队"), choices.teams()))
        return [
            {
                "name": name,
                "label": label,
                "options": [("", label), *((code, say(text)) for code, text in options)],
                "chosen": getattr(self.wanted, name),
                "rare": name in _RARE,
                "folded": name in _FOLDED,
            }
            for name, label, options in found
        ]

    @cached_property
    def spans(self) -> list[dict[str, Any]]:
        """The folded spans: name, label, and both ends as their fields show them.

        What was typed and could not be read stays in its fields, which are marked.
        """
        found: list[dict[str, Any]] = []
        for name in _FOLDED_SPANS:
            span = getattr(self.wanted, name)
            ends = (span.first, span.last) if span else (None, None)
            first, last = (_in_field(end) for end in ends)
            typed = [self.typed.get(f"{name}_{end}", "").strip() for end in ("from", "to")]
            wrong = span is None and any(typed)
            if wrong:
                first, last = typed
            label = str(_SPAN_WORDS[name])
            found.append(
                {"name": name, "label": label, "first": first, "last": last, "wrong": wrong}
            )
        return found

    @property
    def folded(self) -> int:
        """How many of the conditions that the board folds away are on."""
        return sum(bool(getattr(self.wanted, name)) for name in (*_FOLDED, *_FOLDED_SPANS))

    @property
    def rare(self) -> int:
        """How many of the conditions that the list folds away are on."""
        asked = [bool(getattr(self.wanted, name)) for name in (*_RARE, *_FOLDED_SPANS)]
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
    def chips(self) -> list[dict[str, Any]]:
        """The conditions out of sight that are on: what each says, and the page without it."""
        return [
            {
                "name": name,
                "value": self.args[name],
                "folded": name in _FOLDED + _FOLDED_SPANS,
                "label": self.said(name),
                "url": replace(self, wanted=self.wanted.without(name)).url(),
            }
            for name in _CHIPS
            if name in self.args
        ]

    def said(self, name: str) -> str:
        """What a condition that is on is called."""
        value = getattr(self.wanted, name)
        if name in _SPAN_WORDS:
            return f"{_SPAN_WORDS[name]} {say(value.words)}"
        if name in {"stage", "stages"}:
            asked = value if name == "stages" else (value,)
            return str(_("、")).join(say(stage_name(stage)) for stage in asked)
        if name == "expansion":
            return str(_("增资扩产") if value == "yes" else _("首次落地"))
        for select in self.selects:
            if select["name"] == name:
                word = str(dict(select["options"]).get(value, "")).strip()
                return word or str(_FIXED.get(name, value))
        return str(_FIXED.get(name, value))


def group_choices(bar: FilterBar, actor: Actor) -> list[Option]:
    """What the board may be grouped by; teams only for whom there are several."""
    found = [(Group.STAGE.value, _("按阶段")), (Group.DISTRICT.value, _("按区县"))]
    by_team = bar.group == Group.TEAM or actor.role not in {Role.SCOUT, Role.LIAISON_LEADER}
    return [*found, (Group.TEAM.value, _("按小分队"))] if by_team else found


def _in_field(end: date | int | None) -> str:
    """One end of a span as its field shows it: a day, or an amount in 万元."""
    if end is None:
        return ""
    return end.isoformat() if isinstance(end, date) else wan_text(end)


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
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True)
class Hidden:
    """Leads that would be found but for what nobody asked: their status, or whose they are."""

    text: str
    url: str


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
        hidden=tuple(_hidden(bar, today)),
    )


def _hidden(bar: FilterBar, today: date) -> Iterator[Hidden]:
    """What status and scope alone keep out of sight; nothing at all costs one statement."""
    wanted = bar.wanted
    whole = replace(wanted, status="all", scope=None)
    if whole == wanted or not count(bar.actor, whole, today).n:
        return
    listed = replace(bar, endpoint="leads.index", group="")
    statuses = [wanted.status]
    # A status that is asked for hides the lost ones, too; of others it is said that there are some.
    for status in ("lost", "all"):
        found = replace(wanted, status=status)
        if found != wanted and (n := count(bar.actor, found, today).n):
            lost = status == "lost"
            text = _("%(n)s 条已流失，看看", n=n) if lost else _("%(n)s 条是其他状态，看看", n=n)
            yield Hidden(text, replace(listed, wanted=found).url())
            break
    else:
        statuses.append("all")
    for status in dict.fromkeys(statuses if wanted.scope else ()):
        elsewhere = replace(wanted, scope=None, status=status)
        if n := count(bar.actor, elsewhere, today).n:
            assert wanted.scope  # noqa: S101 (asked for)
            text = _("%(scope)s以外有 %(n)s 条，看看", scope=say(SCOPE_WORDS[wanted.scope]), n=n)
            yield Hidden(text, replace(listed, wanted=elsewhere).url())
            return


def _drop(bar: FilterBar, name: str, today: date) -> Drop:
    without = bar.wanted.without(name)
    found = count(bar.actor, without, today)
    return Drop(bar.said(name), replace(bar, wanted=without).url(), found.n)
