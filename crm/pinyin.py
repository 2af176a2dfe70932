"""How Chinese is read: for finding by sound, and for names in the order of a telephone book."""

from __future__ import annotations

from functools import lru_cache

# Characters people read in more than one way in names: found under each.
OTHER_READINGS = {
    **{"行": ("hang", "xing"), "乐": ("le", "yue"), "重": ("zhong", "chong")},
    **{"长": ("chang", "zhang"), "曾": ("zeng",), "单": ("shan", "dan"), "厦": ("xia", "sha")},
    **{"都": ("du",), "藏": ("cang", "zang"), "朝": ("chao", "zhao"), "调": ("diao", "tiao")},
    **{"仇": ("qiu",), "解": ("jie", "xie"), "盛": ("sheng",), "覃": ("qin", "tan")},
    **{"查": ("zha", "cha"), "任": ("ren",), "区": ("qu", "ou"), "朴": ("pu", "piao")},
    **{"传": ("chuan", "zhuan"), "车": ("che",), "石": ("shi",), "吕": ("lv", "lu")},
    **{"绿": ("lv", "lu"), "旅": ("lv", "lu"), "率": ("lv",), "能": ("neng",)},
}
# As the first character of a person's name.
_SURNAMES = {
    **{"解": "xie", "区": "ou", "朴": "piao", "曾": "zeng", "单": "shan", "盖": "ge", "尉": "yu"},
    **{
        "盛": "sheng",
        "覃": "qin",
        "任": "ren",
        "仇": "qiu",
        "查": "zha",
        "翟": "zhai",
        "乐": "yue",
    },
}


@lru_cache(maxsize=30_000)
def reading(character: str) -> str:
    """The usual pinyin of a character, without tones; empty when it has none."""
    usual = OTHER_READINGS.get(character)
    if usual:
        return usual[0]
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 (slow to import, and not always wanted)

    found = lazy_pinyin(character, style=Style.NORMAL)[0].lower()
    return found if found.isascii() else ""


def by_sound(name: str) -> tuple[tuple[str, str], ...]:
    """What a person's name is sorted by: syllable by syllable; Latin letters stand as they are."""
    first, rest = name[:1], name[1:]
    sounds = [_SURNAMES.get(first) or reading(first), *map(reading, rest)] if first else []
    return tuple(zip(sounds, name, strict=True))
