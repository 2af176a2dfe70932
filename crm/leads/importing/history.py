"""Old notes of a ledger: who wrote them and when, as far as the text says. Pure.

``2026.11.3 张三：谈了场地。11月5日（李四）要求补材料`` are two notes. A date is only one at the
beginning of a part, so that 计划 12月3日 签约 stays in its sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crm.leads.importing.values import day_of
from crm.spans import wrong_year

LONGEST = 10_000
LONGEST_NAME = 16
# A day without a year that would lie this far back was most likely meant for the coming weeks.
_TOO_LONG_AGO = 300

_DAY = r"(?:\d{4}\s*[-./年]\s*)?\d{1,2}\s*[-./月]\s*\d{1,2}\s*[日号]?"
_BEGINS = re.compile(
    rf"(?:^|(?<=[\n;；。]))\s*(?:\d{{1,2}}[、)]\s*)?[【\[(（]?({_DAY})(?![\d%万亿人㎡])[】\])）]?"
)
_NAME = re.compile(
    r"[\s，,:：、]*(?:[(（【\[]\s*([一-鿿·]{2,6})\s*[)）】\]]\s*[:：]?|([一-鿿·]{2,4})\s*[:：])\s*"
)
_SIGNED = re.compile(r"[(（—-]+\s*([一-鿿·]{2,4})\s*[)）]?\s*[。.]?$")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐庄伍聂俞章鲁翁柳单游翟焦包祝毕倪尤殷凌冉裴欧司诸上宗柯阮桂管路岳霍左庞关盛费"
)
# Words that begin with a surname and are no name.
_NO_NAMES = frozenset(
    ("方案", "安排", "高层", "金额", "文件", "单位", "管理", "关键", "路演", "万元")
)
_EDGES = " \t\r\n;；，,:：、"


@dataclass(frozen=True)
class OldNote:
    """A note: its column's heading, its words, and author and day where the ledger has them."""

    heading: str
    text: str
    author: str = ""
    on: date | None = None

    @property
    def key(self) -> str:
        """What names the note within its lead; the same ledger brings it once."""
        day = self.on.isoformat() if self.on else ""
        parts = (self.heading, day, self.author, self.text)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_notes(heading: str, text: str, today: date) -> list[OldNote]:
    """The notes in a cell, in their order; a cell without days is one note."""
    return [note for note in _parts(heading, text.strip()[:LONGEST], today) if note.text]


def _parts(heading: str, text: str, today: date) -> Iterator[OldNote]:
    begins = [found for found in _BEGINS.finditer(text) if _day(found[1], today)]
    first = begins[0].start() if begins else len(text)
    if first:
        yield _note(heading, text[:first], None)
    for number, found in enumerate(begins):
        end = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        yield _note(heading, text[found.end() : end], _day(found[1], today))


def _day(text: str, today: date) -> date | None:
    day = day_of(text, today, past=True)
    if day is None or day > today or wrong_year(day):
        return None
    has_year = bool(re.match(r"\d{4}", text))
    return day if has_year or (today - day).days <= _TOO_LONG_AGO else None


def _note(heading: str, text: str, on: date | None) -> OldNote:
    author = ""
    found = _NAME.match(text) if on is not None else None
    if found and _is_name(found[1] or found[2]):
        author, text = found[1] or found[2], text[found.end() :]
    elif (signed := _SIGNED.search(text)) and _is_name(signed[1]):
        author, text = signed[1], text[: signed.start()]
    return OldNote(heading, text.strip(_EDGES), author[:LONGEST_NAME], on)


def _is_name(word: str) -> bool:
    return word[0] in SURNAMES and word not in _NO_NAMES
