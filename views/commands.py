"""Where one can go and what one can do from anywhere: the pages of the menu, and actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import url_for
from flask_babel import force_locale, lazy_pgettext
from flask_babel import lazy_gettext as _l

from crm.access import Actor, Right, allowed
from crm.companies.tokens import place_of, query_words, tokens
from views.locale import LOCALES
from views.navigation import MENU


@dataclass(frozen=True)
class Command:
    """A page or an action, and which right it wants; ``key`` is its single key."""

    label: Any
    endpoint: str
    rights: tuple[Right, ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        return url_for(self.endpoint, **self.args)


ACTIONS = (
    Command(_l("登记线索"), "leads.new", (Right.WRITE_LEADS,), key="N"),
    Command(_l("记走访"), "visits.new", (Right.LOG_VISITS,), key="V"),
    Command(_l("从聊天记录填走访"), "visit_drafts.new", (Right.LOG_VISITS,)),
    Command(lazy_pgettext("menu", "出差"), "trips.index", (Right.READ_LEADS,)),
    Command(_l("新的出差"), "trips.new", (Right.WRITE_LEADS,)),
    Command(_l("逾期的线索"), "leads.index", (Right.READ_LEADS,), {"overdue": "1"}),
    Command(_l("停滞的线索"), "leads.index", (Right.READ_LEADS,), {"stalled": "1"}),
    Command(_l("没有下一步的线索"), "leads.index", (Right.READ_LEADS,), {"undated": "1"}),
    Command(_l("推介活动"), "events.index", (Right.READ_LEADS,)),
    Command(_l("登记推介活动"), "events.new", (Right.WRITE_EVENTS,)),
    Command(_l("引荐，以商引商"), "referrals.index", (Right.READ_LEADS,)),
    Command(_l("导入线索台账"), "lead_imports.new", (Right.IMPORT_LEADS,)),
    Command(_l("导入榜单"), "target_imports.new", (Right.IMPORT_LISTS,)),
    Command(_l("导出线索"), "exports.leads", (Right.EXPORT, Right.READ_LEADS), {"ending": "xlsx"}),
    Command(_l("导出企业"), "exports.company_list", (Right.EXPORT,), {"ending": "xlsx"}),
    Command(_l("开通账号"), "accounts.new", (Right.WRITE_ACCOUNTS,)),
    Command(_l("我的账号"), "account.show"),
    Command(_l("改密码"), "security.change_password"),
    Command(_l("新的访问令牌"), "tokens.new"),
    Command(_l("接口说明"), "api_docs.show"),
)
PAGES = tuple(
    Command(label, endpoint, (right,))
    for _group, entries in MENU
    for endpoint, label, right in entries
)
# What is offered before anything is typed, as far as the role may.
FIRST = 6


def commands(query: str, actor: Actor) -> list[Command]:
    """What the query names in Chinese, by pinyin, by initials or in English, the best first.

    Without a query: the first things of what the actor may do.
    """
    mine = [(command, names) for command, names in _known() if _may(command, actor)]
    if not query:
        return [command for command, _names in mine][:FIRST]
    words = query_words(query)
    found = [(command, names) for command, names in mine if _named(words, names)]
    found.sort(key=lambda one: place_of(query, one[1]))
    return [command for command, _names in found]


@cache
def _known() -> Sequence[tuple[Command, tuple[str, ...]]]:
    """Every command with what it is called in each language; the same for a process's life."""
    every = (*ACTIONS[:2], *PAGES, *ACTIONS[2:])
    names: list[list[str]] = [[] for _command in every]
    for locale in LOCALES.values():
        with force_locale(locale):
            for called, command in zip(names, every, strict=True):
                called.append(str(command.label))
    return tuple((command, tuple(called)) for command, called in zip(every, names, strict=True))


def _may(command: Command, actor: Actor) -> bool:
    return all(allowed(actor, right) for right in command.rights)


def _named(words: Sequence[str], names: Iterable[str]) -> bool:
    """Whether one of the names is found by every word."""
    return bool(words) and any(
        all(any(token.startswith(word) for token in _tokens(name)) for word in words)
        for name in names
    )


@cache
def _tokens(name: str) -> frozenset[str]:
    return frozenset(tokens(name))
