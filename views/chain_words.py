"""What the chain map says: gaps as words, and why a segment has one as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.chain.rules import ENOUGH, Judgement
from crm.messages import Message, Name, enumerated, msg, nmsg
from models.segment import Gap, Position, Segment


@dataclass(frozen=True)
class GapWord:
    """A gap as one character, as a word, the question that its reasons answer, and its meaning."""

    mark: Message
    word: Message
    why: Message
    means: Message


GAPS = {
    Gap.MISSING: GapWord(
        msg("缺"),
        msg("缺失"),
        msg("为什么算缺失"),
        msg("本地没有，要去找"),
    ),
    Gap.WEAK: GapWord(
        msg("弱"),
        msg("薄弱"),
        msg("为什么算薄弱"),
        msg("有一两个，还不够"),
    ),
    Gap.EXTENDABLE: GapWord(
        msg("延"),
        msg("可延伸"),
        msg("为什么算可延伸"),
        msg("自己够了，上下游还缺"),
    ),
    Gap.STRONG: GapWord(
        msg("强"),
        msg("较强"),
        msg("为什么算较强"),
        msg("自己和上下游都有"),
    ),
}
POSITIONS = {
    Position.UPSTREAM: msg("上游"),
    Position.MIDSTREAM: msg("中游"),
    Position.DOWNSTREAM: msg("下游"),
}
# Names in one sentence; the rest is a number.
MOST_NAMED = 3


def reasons(
    judgement: Judgement, segments: Mapping[int, Segment], mine: int | None = None
) -> list[Message]:
    """Why its projects make a segment what it is, the strongest reason first.

    ``mine``: how many of the leads in talks the reader may open, where these are not all.
    """

    def named(keys: Sequence[int]) -> Message:
        return _names(keys, segments)

    said = [_here(judgement)]
    if missing := judgement.missing_suppliers:
        said.append(msg("上游缺失：%(names)s。", names=named(missing)))
    if missing := judgement.missing_customers:
        said.append(msg("下游缺失：%(names)s。", names=named(missing)))
    if judgement.computed is Gap.STRONG:
        said.append(msg("上下游登记过的环节都有项目。"))
    if missing := judgement.missing_below:
        said.append(nmsg("下级有 %(n)s 个缺失。", len(missing)))
    if judgement.near and judgement.computed in (Gap.MISSING, Gap.WEAK):
        names = named(judgement.near)
        said.append(nmsg("上下游已有 %(n)s 个项目：%(names)s。", judgement.pull, names=names))
    said.append(_in_talks(judgement.standing.ongoing, mine))
    return said


def pulled(judgement: Judgement, segments: Mapping[int, Segment]) -> Message:
    """Who here is linked to a missing segment."""
    names = _names(judgement.near, segments)
    return nmsg("上下游已有 %(n)s 个项目：%(names)s", judgement.pull, names=names)


def _here(judgement: Judgement) -> Message:
    landed, signed = judgement.standing.landed, judgement.standing.signed
    if not judgement.standing.here:
        return msg("还没有项目落地或签约。")
    if judgement.computed is Gap.WEAK:
        return msg(
            "落地 %(landed)s 个，签约在办 %(signed)s 个，合起来不到 %(enough)s 个。",
            landed=landed,
            signed=signed,
            enough=ENOUGH,
        )
    return msg("落地 %(landed)s 个，签约在办 %(signed)s 个。", landed=landed, signed=signed)


def _in_talks(n: int, mine: int | None) -> Message:
    if not n:
        return msg("没有在谈的线索。")
    if mine is None:
        return nmsg("在谈 %(n)s 条，不含已签约的。", n)
    return nmsg("全市在谈 %(n)s 条，不含已签约的；您能看的 %(mine)s 条。", n, mine=mine)


def _names(keys: Sequence[int], segments: Mapping[int, Segment]) -> Message:
    shown = [segments[key] for key in keys[:MOST_NAMED]]
    named = enumerated([msg("“%(name)s”", name=Name(s.zh, s.en)) for s in shown])
    rest = len(keys) - MOST_NAMED
    return nmsg("%(names)s等 %(n)s 个", len(keys), names=named) if rest > 0 else named
