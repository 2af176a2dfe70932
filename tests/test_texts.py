"""How long a text may be."""

from __future__ import annotations

from crm.messages import msg
from crm.texts import too_long


def test_as_many_characters_as_may_be_will_do() -> None:
    assert too_long("", 0) is None
    assert too_long("四个汉字", 4) is None


def test_one_more_is_said_with_the_number() -> None:
    assert too_long("五个汉字了", 4) == msg("最多 %(n)s 字，请写短一些。", n=4)
    assert too_long("四个汉字 ", 4) is not None  # a blank is kept unless who asks took it off


def test_the_field_is_named_where_it_is_given() -> None:
    wrong = too_long("五个汉字了", 4, msg("地点"))
    assert str(wrong) == "“地点”最多 4 字，请写短一些。"
