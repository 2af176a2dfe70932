"""The words that stand in a ledger's cell of people: names, titles, numbers, addresses. Pure."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from crm.companies.tokens import digits_of
from crm.leads.importing.history import SURNAMES
from crm.messages import Message, msg

MOBILE_DIGITS = 11
_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|端木"
_SURNAME = f"(?:{_COMPOUND}|[{''.join(sorted(SURNAMES))}华成叶池包艾卜晏古齐甘焦申兰])"
_TITLES = (
    "董事会秘书|董事长助理|副董事长|董事长|董事|监事|总裁助理|副总裁|总裁|总经理助理|副总经理|总经理"
    "|总监|经理|合伙人|创始人|首席[一-鿿]{2}官|总工程师|工程师|总工|董秘|秘书|助理|主任|部长|处长|科长|局长"
    "|院长|所长|书记|主管|专员|顾问|负责人|教授|博士|老师|先生|女士|小姐|副总|CEO|CTO|CFO|COO|VP"
)
_DEPARTMENT = (
    "(?:(?:董事会|财务|战略|市场|技术|人力|行政|运营|研发|销售|投资|采购|法务|政府事务|公共事务|产品|品牌|项目|大客户"
    "|区域|大区|华东区?|华南区?|华北区?|高级|常务|执行|总)(?:发展|合作|资源)?(?:部|中心)?){0,2}"
)
# 张总, 李总经理, 欧阳老师: how somebody is called whose name nobody wrote down.
_CALLED = re.compile(rf"{_SURNAME}(?:{_TITLES}|总|工|处|董)(?<!董事)")
_TITLE_FIRST = re.compile(rf"({_DEPARTMENT}(?:{_TITLES}))({_SURNAME}[一-鿿]{{1,2}})")
_NAME_FIRST = re.compile(rf"({_SURNAME}[一-鿿]{{1,2}}?)({_DEPARTMENT}(?:{_TITLES}))")
_TITLE = re.compile(rf"{_DEPARTMENT}(?:{_TITLES})")
_ONLY_TITLE = re.compile(rf".*(?:{_TITLES})|[一-鿿]{{2,}}(?:部|室|中心)")
_NAME = re.compile(rf"{_SURNAME}[一-鿿]{{1,2}}")
# What stands before a number or behind a name and is neither.
_LABELS = re.compile(
    "(?:联系|办公|移动|公司|个人)?(?:电话|手机|座机|固话|微信|邮箱|号码?)(?:号码?)?|联系人|姓名|职务|办公室?"
    "|tel|mobile|phone|e-?mail|wechat|[tm]|男|女",
    re.IGNORECASE,
)
_MOST_CHINESE = 8
# 张　三, as a table's columns of names are spaced.
_SPACED = re.compile(r"(?<![一-鿿])([一-鿿])[ \t]+([一-鿿])(?![一-鿿])")

_NUMBER = r"(?:\+|\(0)?\d[\d ()\-]{3,}\d(?:\s*(?:转|ext\.?|x)\s*\d{1,6})?"
_WITHOUT_AREA = re.compile(r"1[3-9]\d{9}|[48]00\d{7}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FROM_ABROAD = re.compile(r"^(?:00)?86(?=1[3-9]\d{9}$|0?(?:10|[2-9]\d)\d{7,9}$)")
_AREA = re.compile(r"^\(?(0\d{2,3})\)\s*")
# 021-66668888-8012
_EXTENSION = re.compile(r"^(\(?0\d{2,3}[)\- ]*\d{7,8})-(\d{1,6})$")
_WORDS = re.compile(
    r"(?P<address>[\w.+\-]+@[\w.\-]+)"
    r"|(?P<same>微信同(?:号|手机|电话)?|(?:手机|电话|号码)同微信|同(?:号|微信|手机|电话)[号码]?)"
    r"|(?:微信号?|wechat|wx|vx)\s*:?\s*(?P<wechat>[A-Za-z][\w\-]{4,}|1\d{10}(?!\d))"
    rf"|(?P<number>{_NUMBER})"
    r"|(?P<open>[(\[【])|(?P<close>[)\]】])|(?P<parts>[、;,\n\r/|]+)"
    rf"|(?P<word>(?:(?!{_NUMBER})[^\s、;,/|():\[\]【】])+)",
    re.IGNORECASE,
)


class Kind(enum.Enum):
    """What a piece of a cell is."""

    NAME = enum.auto()
    TITLE = enum.auto()
    NUMBER = enum.auto()
    ADDRESS = enum.auto()
    WECHAT = enum.auto()
    SAME = enum.auto()
    """Reached by WeChat under the number of their phone."""
    PARTS = enum.auto()
    """What stands between two people, or between what belongs to one."""
    WRONG = enum.auto()
    """Digits that are no number anybody could dial."""


@dataclass(frozen=True)
class Piece:
    """A piece of a cell; ``inside`` brackets it belongs to who was named before them."""

    kind: Kind
    text: str
    inside: bool = False


def pieces(cell: str) -> Iterator[Piece]:
    """What stands in a cell, in its order; labels and blanks are left out."""
    if not cell:
        return
    text = _SPACED.sub(r"\1\2", unicodedata.normalize("NFKC", cell))
    inside = False
    for found in _WORDS.finditer(text):
        kind, piece = str(found.lastgroup), found[str(found.lastgroup)].strip()
        if kind in ("open", "close"):
            inside = kind == "open"
        elif kind == "word":
            yield from (Piece(k, t, inside) for k, t in _of_word(piece))
        elif kind == "number":
            yield from (Piece(Kind.NUMBER, number, inside) for number in _numbers(piece))
        else:
            yield Piece(Kind[kind.upper()], piece, inside)


def is_name(text: str) -> bool:
    """Whether a word is a Chinese name, as far as its surname says."""
    return bool(_NAME.fullmatch(text) or _CALLED.fullmatch(text))


def is_nothing_but_a_name(text: str) -> bool:
    """Whether a cell is a Chinese name and could be nothing else, not even a title."""
    return bool(_NAME.fullmatch(text)) and list(_of_word(text)) == [(Kind.NAME, text)]


def is_mobile(text: str) -> bool:
    """Whether a cell is a mobile number, written as its digits."""
    return bool(_MOBILE.fullmatch(text))


def too_long_for_a_name(text: str) -> bool:
    """Whether this is rather a sentence: more Chinese characters than names have."""
    return not text.isascii() and "·" not in text and len(text) > _MOST_CHINESE


def number_problem(number: str) -> Message | None:
    """What is wrong with a telephone number, or None."""
    digits = _dialled(number)
    if digits[:1] == "1" and digits[1:2] >= "3" and not _abroad(number):
        if len(digits) != MOBILE_DIGITS:
            return msg(
                "手机号应是 11 位，“%(number)s”有 %(n)s 位，请核对。", number=number, n=len(digits)
            )
        return None
    least, most = _lengths(number, digits)
    if not least <= len(digits) <= most:
        return msg("“%(number)s”不像电话号码，请核对。", number=number[:40])
    return None


def tidy_number(number: str) -> str:
    """A mobile number as its digits; another as written, its area and extension the usual way."""
    digits = _dialled(number)
    whole = digits == digits_of(number)[-MOBILE_DIGITS:]
    if whole and len(digits) == MOBILE_DIGITS and digits[0] == "1" and not _abroad(number):
        return digits
    plain = _AREA.sub(r"\1-", " ".join(number.split()))
    return _EXTENSION.sub(r"\1转\2", plain)


def same_number(one: str, other: str) -> bool:
    """Whether two numbers ring at the same place, however they are written."""
    return _dialled(one) == _dialled(other)


def _dialled(number: str) -> str:
    """The digits without the country's and without an extension."""
    if len(number) == MOBILE_DIGITS and number.isascii() and number.isdigit():
        return number
    whole = _EXTENSION.sub(r"\1转\2", number)
    digits = digits_of(re.split(r"转|e?x", whole, maxsplit=1, flags=re.IGNORECASE)[0])
    home = _FROM_ABROAD.sub("", digits)
    # Dialled from abroad an area has no 0 before it.
    return home if home == digits or _WITHOUT_AREA.fullmatch(home) else f"0{home.lstrip('0')}"


def _abroad(number: str) -> bool:
    return bool(re.match(r"(?:\+|00)(?!86)", number))


def _lengths(number: str, digits: str) -> tuple[int, int]:
    if _abroad(number):
        return 7, 17
    if digits.startswith("0"):
        return 10, 12
    if digits.startswith(("400", "800")):
        return 10, 10
    return 5, 8


def _numbers(text: str) -> list[str]:
    """Where the whole is no number but a part is, nothing but a blank stands between several."""
    parts = text.split()
    if number_problem(text) and not all(number_problem(part) for part in parts):
        return parts
    return [text.rstrip("( -")]


def _of_word(word: str) -> Iterator[tuple[Kind, str]]:
    text = word.strip("-—.。*_·'\"“”!！?？")
    if not text or _LABELS.fullmatch(text):
        return
    if sum(c.isdigit() for c in text) >= 3:
        looks = re.fullmatch(r"[A-Za-z][\w\-]{4,}", text, re.ASCII)
        yield (Kind.WECHAT, text) if looks else (Kind.WRONG, word)
    elif _CALLED.fullmatch(text):
        yield Kind.NAME, text
    elif _TITLE.fullmatch(text):
        yield Kind.TITLE, text
    elif found := _TITLE_FIRST.fullmatch(text):
        yield from ((Kind.TITLE, found[1]), (Kind.NAME, found[2]))
    elif found := _NAME_FIRST.fullmatch(text):
        yield from ((Kind.NAME, found[1]), (Kind.TITLE, found[2]))
    elif _ONLY_TITLE.fullmatch(text):
        yield Kind.TITLE, text
    else:
        yield Kind.NAME, text
