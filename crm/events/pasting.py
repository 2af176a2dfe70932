"""Names pasted from a chat or a sheet: which company and which person each line names. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TEXT = 20_000

_NUMBER = re.compile(r"^\s*(?:[-*•·]\s*|[(（]?\d{1,3}[)）.、．:：]\s*)")
_SEPARATOR = re.compile(r"\s*[\t,，;；|｜]\s*")
_PERSON = re.compile(r"[一-鿿·]{2,4}|[一-鿿]{1,2}[·][一-鿿]{1,6}")
# What a company's name ends with is no person, however short it is.
_ENDS = (
    "公司",
    "集团",
    "企业",
    "科技",
    "软件",
    "研究院",
    "大学",
    "银行",
    "协会",
    "中心",
    "工厂",
    "股份",
)
_TITLE = re.compile(
    r"(总经理|副总经理|董事长|总裁|副总裁|总监|经理|主任|秘书长|部长|处长|总工|合伙人|CEO|CTO|VP)$",
    re.I,
)


@dataclass(frozen=True)
class Line:
    """What one line names; ``person`` and ``title`` are empty where it names nobody."""

    number: int
    company: str
    person: str = ""
    title: str = ""


def read_lines(text: str) -> list[Line]:
    """The lines that name something; the same company and person twice is one line."""
    found: dict[tuple[str, str], Line] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        plain = _NUMBER.sub("", raw).strip(" \t\u3000")
        if plain:
            line = _read(number, plain)
            found.setdefault((line.company, line.person), line)
    return list(found.values())


def _read(number: int, text: str) -> Line:
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) < 2:
        return _by_blanks(number, text)
    company, person, *rest = parts
    return Line(number, company, person[:64], rest[0][:64] if rest else "")


def _by_blanks(number: int, text: str) -> Line:
    """Blanks separate only what looks like a person: names of companies may have them, too."""
    words = text.split()
    title = ""
    if len(words) > 2 and _TITLE.search(words[-1]):
        title = words.pop()
    if len(words) > 1 and _is_person(words[-1]):
        return Line(number, " ".join(words[:-1]), words[-1], title)
    return Line(number, text)


def _is_person(word: str) -> bool:
    return bool(_PERSON.fullmatch(word)) and not word.endswith(_ENDS)
