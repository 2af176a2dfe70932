"""The shape of text copied from a chat: who said what, and when. Pure.

Copied from a computer each message has a line of its own with the name and the moment before it;
copied from a phone there is often only ``name: text``; a note typed by oneself has neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from crm import clock
from crm.visits.drafting.days import days_in

_HEAD = re.compile(
    r"^[\[【]?(?P<who>[^\s:：\[\]【】][^\n:：\[\]【】]{0,19}?)?[\]】]?\s*"
    r"[\[【(（]?(?P<when>(?:\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?|\d{1,2}[月/.-]\d{1,2}日?"
    r"|昨天|今天|星期[一二三四五六日]|周[一二三四五六日])?"
    r"\s*(?:上午|下午|晚上|中午)?\s*\d{1,2}:\d{2}(?::\d{2})?)[\])）】]?\s*[:：]?\s*$"
)
# Words before a colon that are no speaker.
_LABELS = (
    "下一步|时间|地点|人员|参会|联系人|对接人|电话|手机|诉求|需求|要求|备注|注意?|见了谁|结果"
    "|内容|主题"
)
_SPOKEN = re.compile(
    rf"^(?!(?:{_LABELS})\s*[:：])"
    r"(?P<who>[\u4e00-\u9fff]{1,4}(?:\([^)]{1,12}\))?)\s*[:：]\s*(?=\S)"
)
_AT = re.compile(r"(?P<part>上午|下午|晚上|中午)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_DAY_IN_HEAD = re.compile(r"^(\d{1,2})-(\d{1,2})(?!\d|-)")
_TOOLS = re.compile(r"^\s*(?:\[(?:图片|语音|视频|表情|文件|链接)\].*|—+\s*聊天记录\s*—+)\s*$")


@dataclass(frozen=True)
class Said:
    """One message: its words stand at ``start`` to ``end`` of the whole text."""

    start: int
    end: int
    who: str = ""
    at: datetime | None = None


def messages_in(text: str, now: datetime) -> list[Said]:
    """The messages of a text, in order; one without heads is a single message.

    ``now`` tells the year of a moment that names none.
    """
    found: list[Said] = []
    start, who, at = 0, "", None
    position = 0
    for line in text.splitlines(keepends=True):
        head = _HEAD.match(line.rstrip("\n"))
        spoken = None if head else _SPOKEN.match(line)
        if head or spoken:
            _close(found, text, Said(start, position, who, at))
            if head:
                start, who, at = position + len(line), head["who"] or "", _moment(head["when"], now)
            else:
                assert spoken  # noqa: S101 (one of the two)
                start, who = position + spoken.end(), spoken["who"]
        elif _TOOLS.match(line):
            _close(found, text, Said(start, position, who, at))
            start = position + len(line)
        position += len(line)
    _close(found, text, Said(start, position, who, at))
    return found


def words_of(text: str, said: Sequence[Said]) -> str:
    """What was said without the heads of the messages, a line each."""
    return "\n".join(text[one.start : one.end].strip() for one in said)


def _close(found: list[Said], text: str, said: Said) -> None:
    if text[said.start : said.end].strip():
        found.append(said)


def _moment(written: str, now: datetime) -> datetime | None:
    """The moment in a head; a time alone is today's."""
    today = clock.local_date(now)
    # 11-27 is a day at the head of a message, and may be anything in a sentence.
    days = days_in(_DAY_IN_HEAD.sub(r"\1/\2", written), today, back=True)
    at = _AT.search(written)
    if at is None:
        return None
    hour = int(at["hour"]) + (12 if at["part"] in {"下午", "晚上"} and int(at["hour"]) < 12 else 0)
    try:
        said = time(hour, int(at["minute"]))
    except ValueError:
        return None
    moment = datetime.combine(days[0].day if days else today, said, tzinfo=clock.SHANGHAI)
    return moment if moment <= now else None
