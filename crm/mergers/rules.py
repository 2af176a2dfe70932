"""What stands against taking two companies for one, and which of them should stay: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.messages import Message, Name, enumerated, msg, nmsg


@dataclass(frozen=True)
class Listed:
    """A place on a list."""

    name: Name
    year: int
    rank: int | None


@dataclass(frozen=True)
class Side:
    """One of two companies, as far as they are compared. ``public_id`` names it.

    What lies in the trash is in no count.
    """

    public_id: str
    name: str
    short_name: str
    credit_code: str | None
    city: str | None
    created_at: datetime
    listed: tuple[Listed, ...] = ()
    leads: int = 0
    visits: int = 0
    contacts: int = 0


@dataclass(frozen=True)
class Facts:
    """What is known of two companies together.

    ``merged``, ``archived``: the names of those that are. ``disputed``: who holds the open
    leads that would be two of one project. ``related``: one is said to belong to the other.
    ``settled``: one is the local company that a lead of the other led to. ``both_local``: one lead
    led to both. ``referred``: one led the other to us. ``both_referred``: of each it is said who
    led it to us.
    """

    same: bool = False
    merged: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    disputed: tuple[Message, ...] = ()
    related: bool = False
    settled: bool = False
    both_local: bool = False
    referred: bool = False
    both_referred: bool = False


@dataclass(frozen=True)
class Likelier:
    """Which of the two should stay (``public_id``), and why."""

    public_id: str
    reason: Message


def against(facts: Facts) -> list[Message]:
    """Why the two can not be made one, each with what to do about it; empty when nothing is."""
    if facts.same:
        return [msg("这是同一家企业，请另选一家。")]
    found = [msg("“%(name)s”已经并入别的企业，请选那一家。", name=name) for name in facts.merged]
    found += [msg("“%(name)s”在回收站里，请先恢复它。", name=name) for name in facts.archived]
    if len(facts.codes) > 1:
        one, other = sorted(facts.codes)
        text = msg(
            "两家的统一社会信用代码不同（%(one)s、%(other)s），是两家企业。代码填错了的，请先改正。",
            one=one,
            other=other,
        )
        found.append(text)
    if facts.disputed:
        text = msg(
            "两家有同一个项目的在谈线索（%(holders)s），一个项目只能有一条。请先归档或关掉一条，"
            "或改项目名称。",
            holders=enumerated(facts.disputed),
        )
        found.append(text)
    if facts.related:
        found.append(msg("两家登记为上级和下属，是两家企业。登记错了的，请先去掉这层关系。"))
    if facts.settled:
        found.append(msg("一家是另一家在本地的公司，要分开登记。"))
    if facts.both_local:
        found.append(msg("两家都登记为同一条线索的本地公司，请先在线索上改成一家。"))
    if facts.referred:
        found.append(msg("其中一家引荐了另一家。记错了的，请先去掉这条引荐。"))
    if facts.both_referred:
        found.append(msg("两家各记了经谁引荐，请先去掉一条。"))
    return found


def doubts(first: Side, second: Side) -> list[Message]:
    """What makes it less likely that the two are one, though nothing forbids it."""
    both = {(one.name, one.year) for one in first.listed}
    shared = [one for one in second.listed if (one.name, one.year) in both]
    return [
        msg(
            "%(list)s %(year)s 把两家分开列着，请核对是不是同一家。",
            list=one.name,
            year=str(one.year),
        )
        for one in shared
    ]


def likelier(first: Side, second: Side) -> Likelier:
    """Which should stay: the one with more behind it, told by the first thing that differs."""
    if bool(first.credit_code) != bool(second.credit_code):
        side = first if first.credit_code else second
        return Likelier(side.public_id, msg("它有统一社会信用代码。"))
    leads = _more(first, second, first.leads, second.leads)
    if leads:
        return Likelier(leads.public_id, nmsg("它有 %(n)s 条线索，比另一家多。", leads.leads))
    listed = _more(first, second, len(first.listed), len(second.listed))
    if listed:
        text = nmsg("它有 %(n)s 条上榜记录，比另一家多。", len(listed.listed))
        return Likelier(listed.public_id, text)
    visits = _more(first, second, first.visits, second.visits)
    if visits:
        text = nmsg("它有 %(n)s 次走访和联系，比另一家多。", visits.visits)
        return Likelier(visits.public_id, text)
    older = first if first.created_at <= second.created_at else second
    return Likelier(older.public_id, msg("它登记得早。"))


def moving(gone: Side) -> list[Message]:
    """How much of what moves with a company that is merged; empty when it has nothing."""
    counted = (
        (gone.leads, nmsg("%(n)s 条线索", gone.leads)),
        (gone.visits, nmsg("%(n)s 次走访和联系", gone.visits)),
        (gone.contacts, nmsg("%(n)s 位联系人", gone.contacts)),
        (len(gone.listed), nmsg("%(n)s 条上榜记录", len(gone.listed))),
    )
    return [text for number, text in counted if number]


def sentence(gone: Side, stays: Side) -> Message:
    """What becomes of the two when the one is merged into the other."""
    moved: Sequence[Message] = moving(gone)
    if not moved:
        return msg(
            "“%(gone)s”没有线索、走访和联系人要移，以后打开它看到的是“%(stays)s”。",
            gone=gone.name,
            stays=stays.name,
        )
    return msg(
        "“%(gone)s”的 %(what)s移到“%(stays)s”名下，以后打开它看到的是“%(stays)s”。",
        gone=gone.name,
        what=enumerated(moved),
        stays=stays.name,
    )


def _more(first: Side, second: Side, here: int, there: int) -> Side | None:
    if here == there:
        return None
    return first if here > there else second
