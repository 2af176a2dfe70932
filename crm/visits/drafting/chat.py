"""The shape of text copied from a chat: who said what, and when. Pure.

Copied from a computer each message has a line of its own with the name and the moment before it;
copied from a phone there is often only ``name: text``; a note typed by oneself has neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from crm import clock
from crm.visits.drafting.days import FoundDay, days_in

_DAY = (
    r"\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?|\d{1,2}[月/.-]\d{1,2}日?"
    r"|昨天|前天|今天|星期[一二三四五六日天]|周[一二三四五六日天]"
)
# No head is longer, and a line of blanks would take its pattern minutes.
_LONGEST_HEAD = 80
# The moment alone, or behind a name: without the day's own figures that name could take some.
_HEAD = re.compile(
    r"^(?:[\[【]?(?P<who>[^\s:：\[\]【】\d][^\n:：\[\]【】]{0,19}?)[\]】]?[\s:：]*)??"
    rf"[\[【(（]?(?P<when>(?:{_DAY})?"
    r"\s*(?:凌晨|早上|上午|下午|晚上|中午)?\s*\d{1,2}:\d{2}(?::\d{2})?)[\])）】]?\s*[:：]?\s*$"
)
# A day of its own stands before the messages of that day: ————— 2026-12-02 —————
_DAY_LINE = re.compile(rf"^\s*[—–-]{{2,}}\s*(?P<day>{_DAY})\s*[—–-]*\s*$")
# Words before a colon that are no speaker.
_LABELS = (
    "下一步|时间|地点|人员|参会|联系人|对接人|电话|手机|诉求|需求|要求|备注|注意?|见了谁|结果"
    "|内容|主题|企业|公司|参加|出席|结论|进展|问题|另外|附件"
)
_SPOKEN = re.compile(
    rf"^(?!(?:{_LABELS})\s*[:：])"
    # 许嘉宁, 许嘉宁(用友), 用友网络 许嘉宁, 安恒信息曹总
    r"(?P<who>(?:[\u4e00-\u9fffA-Za-z0-9]{2,12}[ \u3000|｜·-]{1,3})?"
    r"(?:[\u4e00-\u9fff]{2,10}(?:总|经理|主任|总监|董秘)|[\u4e00-\u9fff]{1,4})(?:[(（][^)）]{1,12}[)）])?)\s*[:：]\s*"
)
_AT = re.compile(r"(?P<part>凌晨|早上|上午|下午|晚上|中午)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})")
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
    start, who, at, day = 0, "", None, ""
    position = 0
    for line in text.splitlines(keepends=True):
        words = line.rstrip()[: _LONGEST_HEAD + 1]
        head = _HEAD.match(words) if len(words) <= _LONGEST_HEAD else None
        dated = _DAY_LINE.match(words) if len(words) <= _LONGEST_HEAD else None
        spoken = None if head else _SPOKEN.match(line)
        if head or spoken:
            _close(found, text, Said(start, position, who, at))
            if head:
                start, who, at = (
                    position + len(line),
                    head["who"] or "",
                    _moment(head["when"], now, day),
                )
            else:
                assert spoken  # noqa: S101 (one of the two)
                start, who = position + spoken.end(), spoken["who"]
        elif dated or _TOOLS.match(line):
            day = dated["day"] if dated else day
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


def _moment(written: str, now: datetime, day_line: str) -> datetime | None:
    """The moment in a head; a time alone is that of the day above it, else today's."""
    today = clock.local_date(now)
    days = _days(written, today) or _days(day_line, today)
    at = _AT.search(written)
    if at is None:
        return None
    hour = int(at["hour"]) + (12 if at["part"] in {"下午", "晚上"} and int(at["hour"]) < 12 else 0)
    try:
        said = time(hour, int(at["minute"]))
    except ValueError:
        return None
    moment = datetime.combine(days[0].day if days else today, said, tzinfo=clock.ZONE)
    return moment if moment <= now else None


def _days(written: str, today: date) -> list[FoundDay]:
    # 11-27 is a day at the head of a message, and may be anything in a sentence.
    return days_in(_DAY_IN_HEAD.sub(r"\1/\2", written), today, back=True)
