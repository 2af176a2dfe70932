"""People a text names: those the company's contacts know, and strangers with a title. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm.visits.drafting.latin import is_latin, latin_names, latin_people, place_of_name

_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|端木"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛"
    "樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛"
    "冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫"
)
_TITLES = (
    "董事会秘书|董事长助理|副董事长|董事长|总裁助理|副总裁|总裁|副总经理|总经理|财务总监|技术总监"
    "|副总监|总监|合伙人|创始人|首席技术官|首席执行官|副总|副主任|主任|副部长|部长|副处长|处长|经理"
    "|主管|董秘|书记|院长|所长|总|工|博士|教授|老师"
)
_DEPARTMENTS = (
    "财务|战略|市场|技术|人力|行政|运营|研发|销售|投资|采购|法务|政府事务|公共事务|产品|品牌"
    "|区域|大区|华东区?|华南区?|华北区?"
)
# In brackets may stand what somebody is, or where they are of.
_IS_TITLE = re.compile(rf"{_TITLES}|负责人|代表|助理|顾问|专员|部$|中心$|[A-Za-z]{{2,}}")
# These follow a name out of politeness and say nothing of the person.
_POLITE = frozenset({"总", "工", "老师"})
_SURNAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_CALLED = rf"(?P<called>{_SURNAME})(?P<title3>{_TITLES})(?![经理裁监经程业公部])"
# What stands between two people is of neither's name: 王磊和王总.
_BETWEEN = "和跟与及同找给让请对说"
# 周启明总监, 周启明（战略部总监）, 周总; 周启明周总 is one person, said twice.
_TITLED = re.compile(
    rf"(?P<full>(?P<surname>{_SURNAME})(?:(?![{_BETWEEN}])[\u4e00-\u9fff]){{1,2}})"
    rf"(?P=surname)(?P<title4>{_TITLES})|"
    # 张经理 is called so, and has no given name.
    rf"(?P<name>(?!谢谢)(?<!谢)(?!{_SURNAME}(?:总?经理|总裁|副总|主任|主管|部长|处长|总监|院长|所长|书记))"
    rf"{_SURNAME}[\u4e00-\u9fff]{{1,2}})"
    rf"(?:\s?[（(]\s?(?P<title>[^（()）\d，,、：:\s]{{2,16}})"
    r"(?:[，,、：:\s]{0,3}(?:电话|手机)?[：:\s]{0,2}[\d -]{11,14})?\s?[）)]"
    rf"|(?P<title2>(?:(?:{_DEPARTMENTS})(?:发展|合作)?(?:部|中心)?)?(?:{_TITLES})))"
    rf"|{_CALLED}"
)
_BEGINS = re.compile(_SURNAME)
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,4}")
# 联系人李振国 138…, 李振国：好的: a name by itself, between what is of no name.
_ALONE = (
    r"(?:(?<![\u4e00-\u9fff])|(?<=联系人|对接人|负责人|总经理|董事长)|(?<=[叫是]))"
    r"(?P<name>{surname}[\u4e00-\u9fff]{{1,2}})(?=[^\u4e00-\u9fff]|$|电话|手机|微信)"
)
_ONLY_CALLED = re.compile(rf"{_SURNAME}(?:{_TITLES})")
# 陈总好, @陈总: who is spoken to.
_GREETED = re.compile(r"\s*(?:[您你]?好(?!像)|早|上午好|下午好|晚上好|辛苦)")
_GREETING = ("@", "您好", "你好", "谢谢", "感谢", "辛苦")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
# A number belongs to who was named shortly before it.
_NEAR = 30


@dataclass(frozen=True)
class Person:
    """A contact that the database knows."""

    id: str
    name: str
    title: str = ""


@dataclass(frozen=True)
class FoundPerson:
    """Somebody named in the text: a known contact, or what the text says of a stranger."""

    start: int
    end: int
    name: str
    title: str = ""
    phone: str = ""
    known: Person | None = None
    greeted: bool = False
    """Whether a stranger is only spoken to (王总您好): who is told of stands before them."""


@dataclass(frozen=True)
class FoundPhone:
    """A mobile number and where it stands."""

    start: int
    end: int
    number: str


def phones_in(text: str) -> list[FoundPhone]:
    """The mobile numbers of a text, without spaces."""
    return [
        FoundPhone(match.start(), match.end(), re.sub(r"\D", "", match[1]))
        for match in _PHONE.finditer(text)
    ]


def people_in(
    text: str, known: Sequence[Person], ours: Sequence[str] = (), *, me: str = "", company: str = ""
) -> list[FoundPerson]:
    """Who is named, in the text's order, each once.

    ``known`` are contacts of the company; 周总 is one of them when only one has that surname.
    ``ours`` are the names of colleagues, who are no contacts; ``me`` is who pasted the text: a
    stranger of that surname who is greeted (陈总好, @陈总) is nobody but them. ``company`` is its
    name as the text has it: who speaks under it (用友网络 许嘉宁：) or says 我是 is of it.
    """
    found = _known_by_name(text, known)
    found += _in_latin(text, known, company, found)
    found += _of_company(text, company, {one.name for one in found})
    taken = {position for one in found for position in range(one.start, one.end)}
    titled = [
        match
        for match in _TITLED.finditer(text)
        if taken.isdisjoint(range(match.start(), match.end()))
    ]
    # Whoever is named in full stands before who is only called: 李总 … 李振国（总经理）.
    for match in sorted(titled, key=lambda match: bool(match["called"])):
        one = _titled(match, known)
        if one.known or not _is_me(text, match, me):
            one = replace(one, greeted=not one.known and _is_greeted(text, match))
            found.append(_same_as_named(one, match, found, _named_alone(text, match, {*ours, me})))
    colleagues = {name.casefold() for name in (*ours, me)}
    found = [one for one in found if one.name.casefold() not in colleagues]
    return _each_once(_with_phones(sorted(found, key=lambda one: one.start), phones_in(text)))


def may_be_names(text: str) -> set[str]:
    """Every piece of the text that begins with a surname and is as long as a full name.

    In Latin letters every piece of a run of capitalised words.
    """
    return latin_names(text) | {
        text[match.start() : match.start() + length]
        for match in _BEGINS.finditer(text)
        for length in (2, 3, 4)
        if _CHINESE.fullmatch(text[match.start() : match.start() + length])
    }


def person_follows(text: str, at: int) -> bool:
    """Whether somebody with a title is named right there: 的刘总."""
    return bool(_TITLED.match(text, at + text.startswith("的", at)))


def _known_by_name(text: str, known: Sequence[Person]) -> list[FoundPerson]:
    found = []
    for person in known:
        if is_latin(person.name):
            place = place_of_name(text, person.name)
        else:
            at = text.find(person.name) if len(person.name) > 1 else -1
            place = (at, at + len(person.name)) if at >= 0 else None
        if place:
            found.append(FoundPerson(*place, person.name, person.title, known=person))
    return found


def _in_latin(
    text: str, known: Sequence[Person], company: str, found: Sequence[FoundPerson]
) -> list[FoundPerson]:
    """Who is named in Latin letters, by a part of a known name or as a stranger."""
    contacts = {person.name: person for person in reversed(known)}
    people = []
    for one in latin_people(text, [person.name for person in known], company):
        if any(one.start < other.end and other.start < one.end for other in found):
            continue
        whose = contacts.get(one.known or "")
        title = whose.title if whose else one.title
        people.append(FoundPerson(one.start, one.end, one.name, title, known=whose))
    return people


def _of_company(text: str, company: str, known: set[str]) -> list[FoundPerson]:
    """A stranger who speaks as somebody of the company, or says so."""
    if not company:
        return []
    name = rf"(?P<name>{_SURNAME}[\u4e00-\u9fff]{{1,2}})"
    speaks = re.compile(
        rf"{re.escape(company)}[ \u3000|｜·-]{{1,3}}{name}\s*(?=[:：]|\s\d)"
        rf"|我是{re.escape(company)}的?{name.replace('name', 'name2')}(?=[，,。！!\s]|$)",
        re.MULTILINE,
    )
    found = []
    for match in speaks.finditer(text):
        group = "name" if match["name"] else "name2"
        if match[group] not in known:
            found.append(FoundPerson(match.start(group), match.end(group), match[group]))
    return found


def _is_me(text: str, match: re.Match[str], me: str) -> bool:
    """Whether who pasted the text is spoken to by the surname."""
    return bool(match["called"] and me.startswith(match["called"])) and _is_greeted(text, match)


def _is_greeted(text: str, match: re.Match[str]) -> bool:
    """Whether somebody who is called so is spoken to: 陈总好, @陈总, 谢谢陈总."""
    if not match["called"]:
        return False
    before = text[: match.start()].rstrip(" ，,")
    return before.endswith(_GREETING) or bool(_GREETED.match(text, match.end()))


def _same_as_named(
    one: FoundPerson, match: re.Match[str], named: Sequence[FoundPerson], alone: Sequence[str]
) -> FoundPerson:
    """王总 is the 王磊 whom the text names, when it names only one of that surname.

    ``alone`` are the full names of that surname that stand in the text by themselves.
    """
    if one.known or not match["called"]:
        return one
    same = {
        other.name: other
        for other in named
        if other.name.startswith(match["called"]) and not _ONLY_CALLED.fullmatch(other.name)
    }
    if len({*same, *alone}) != 1:
        return one
    if same:
        return replace(next(iter(same.values())), start=one.start, end=one.end)
    return replace(one, name=alone[0])


def _named_alone(text: str, match: re.Match[str], ours: set[str]) -> list[str]:
    """Full names of a surname that is called that way, where nothing else can begin or end them."""
    if not match["called"]:
        return []
    called = {
        other.group() for other in _TITLED.finditer(text) if other["called"] == match["called"]
    }
    # 李总 and 李经理 may be two people: the name is neither's for sure.
    if len(called) > 1:
        return []
    names = dict.fromkeys(
        found["name"]
        for found in re.finditer(_ALONE.format(surname=match["called"]), text)
        if not _ONLY_CALLED.match(found["name"])
    )
    return [name for name in names if name not in ours]


def _titled(match: re.Match[str], known: Sequence[Person]) -> FoundPerson:
    if match["called"]:
        same = [person for person in known if person.name.startswith(match["called"])]
        if len(same) == 1:
            return FoundPerson(
                match.start(), match.end(), same[0].name, same[0].title, known=same[0]
            )
        title = "" if match["title3"] in _POLITE else match["title3"]
        return FoundPerson(match.start(), match.end(), match.group(), title)
    said = match["title"] if match["title"] and _IS_TITLE.search(match["title"]) else ""
    title = said or match["title2"] or match["title4"] or ""
    name = match["name"] or match["full"]
    return FoundPerson(match.start(), match.end(), name, "" if title in _POLITE else title)


def _with_phones(found: Sequence[FoundPerson], phones: Sequence[FoundPhone]) -> list[FoundPerson]:
    """A number goes to the last person named shortly before it; where the text has one number and
    names one person it is theirs, wherever it stands."""
    numbers: dict[int, str] = {}
    for phone in phones:
        before = [
            index
            for index, one in enumerate(found)
            if one.start <= phone.start and phone.start - one.end <= _NEAR
        ]
        if before:
            numbers.setdefault(before[-1], phone.number)
    told = [one for one in found if not one.greeted] or found
    if not numbers and len(phones) == 1 and len({one.name for one in told}) == 1:
        whose = [index for index, one in enumerate(found) if one in told]
        numbers = dict.fromkeys(whose, phones[0].number)
    return [replace(one, phone=numbers.get(index, "")) for index, one in enumerate(found)]


def _each_once(found: Sequence[FoundPerson]) -> list[FoundPerson]:
    """Where somebody is named first, with the number that stands where they are named again."""
    first = {one.name: one for one in reversed(found)}
    for one in found:
        if one.phone and not first[one.name].phone:
            first[one.name] = replace(first[one.name], phone=one.phone)
        if not one.greeted:
            first[one.name] = replace(first[one.name], greeted=False)
    return sorted(first.values(), key=lambda one: one.start)
