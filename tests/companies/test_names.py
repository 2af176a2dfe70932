"""Same only by the normal form; what looks alike is doubtful and says why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.companies.identity import Answer, Candidate, likelier
from crm.companies.name_parts import tidy
from crm.companies.names import (
    core_keys,
    difference,
    find_doubtful,
    likeness,
    normal_form,
    short_name,
)
from crm.imports.columns import guess_columns
from crm.imports.reading import read_file
from crm.imports.table import find_table
from crm.targets.columns import TARGET_COLUMNS

LISTS = Path(__file__).parents[2] / "crm" / "data" / "lists"
WORDS = st.lists(
    st.sampled_from(["甲", "软件", "（", "）", "有限公司", "集团", " ", "Co.", ", Ltd", "AG", "Ａ"])
).map("".join)


def names_of(file):
    found = find_table(read_file(file, (LISTS / file).read_bytes()), TARGET_COLUMNS)
    column = guess_columns(found.headers, [r.cells for r in found.rows], TARGET_COLUMNS)["name"]
    return [row.cell(column) for row in found.rows]


def test_the_real_lists_share_five_companies():
    software = names_of("china-software-100-2018.csv")
    internet = names_of("china-internet-100-2019.csv")
    assert (len(software), len(internet)) == (100, 100)
    assert len(names_of("world-software-2025-top13.csv")) == 13
    forms = {normal_form(name) for name in software} & {normal_form(name) for name in internet}
    assert len(forms) == 5
    distinct = set(software) | set(internet)
    assert len(distinct) == len({normal_form(name) for name in distinct}) == 195


@given(st.text() | WORDS)
def test_normal_form_is_idempotent(name):
    assert normal_form(normal_form(name)) == normal_form(name)


@given(st.lists(st.sampled_from("甲乙软件科技（中国）有限公司ABC"), min_size=1).map("".join))
def test_width_and_case_do_not_matter(name):
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)
    assert normal_form(wide) == normal_form(name.lower()) == normal_form(name)


@given(st.lists(st.sampled_from("甲乙软件科技（中国）集团股份有限责任分公司"), min_size=1))
def test_spaces_do_not_matter(characters):
    assert normal_form(" \u3000".join(characters)) == normal_form("".join(characters))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("东华软件股份公司", "东华软件股份有限公司"),
        ("金蝶软件（中国）有限公司", "金蝶软件(中国)有限公司"),
        ("Microsoft Corporation", "MICROSOFT"),
        ("Foo Co., Ltd.", "foo"),
        ("海尔集团公司", "海尔集团"),
        ("科大 讯飞 股份有限公司", "科大讯飞股份有限公司"),
        ("科大讯飞\u3000股份 有限 公司", "科大讯飞股份有限公司"),
        ("用友 分 公司", "用友分公司"),
    ],
)
def test_same(a, b):
    assert likeness(a, b).verdict == "same"


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("四川省通信产业服务有限公司", "广东省通信产业服务有限公司", "地名不同"),
        (
            "携程计算机技术（上海）有限公司",
            "携程旅游网络技术（上海）有限公司",
            "字号相同，其余不同",
        ),
        ("京东集团", "北京京东尚科信息技术有限公司", "字号相近"),
        ("小米集团", "北京小米移动软件有限公司", "字号相同，其余不同"),
        ("用友网络科技股份有限公司", "用友网络科技股份有限公司上海分公司", "其中一个是分支机构"),
    ],
)
def test_doubtful_and_found_by_a_shared_key(a, b, reason):
    assert likeness(a, b).verdict == likeness(b, a).verdict == "doubtful"
    assert str(likeness(a, b).reason) == reason
    assert core_keys(a) & core_keys(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("浪潮集团有限公司", "上海宝信软件股份有限公司"),
        ("东方明珠新媒体股份有限公司", "东方财富信息股份有限公司"),
        ("海信集团有限公司", "海尔集团公司"),
        ("阿里巴巴（中国）有限公司", "高德信息技术有限公司"),
    ],
)
def test_different(a, b):
    assert likeness(a, b).verdict == "different"
    assert not core_keys(a) & core_keys(b)


def test_find_doubtful_leaves_out_same_and_different():
    candidates = ["小米集团", "北京小米移动软件有限公司", "网易集团"]
    assert [name for name, _ in find_doubtful("小米集团", candidates)] == [candidates[1]]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("科大 讯飞 股份有限公司", "科大讯飞股份有限公司"),
        ("\u3000科大\u3000讯飞\u3000 股份\xa0有限公司 ", "科大讯飞股份有限公司"),
        ("科大\u200b讯飞\n股份有限公司", "科大讯飞股份有限公司"),
        ("金蝶 软件 （ 中国 ） 有限公司", "金蝶软件（中国）有限公司"),
        ("ABB  中国 有限公司", "ABB 中国有限公司"),
        ("Palo  Alto Networks, Inc.", "Palo Alto Networks, Inc."),
        ("Foo (Hong Kong) Ltd", "Foo (Hong Kong) Ltd"),
    ],
)
def test_a_name_is_kept_without_needless_spaces(written, kept):
    assert tidy(written) == tidy(kept) == kept


@given(st.text() | WORDS)
def test_a_tidy_name_is_the_same_name(name):
    assert tidy(tidy(name)) == tidy(name)
    assert normal_form(tidy(name)) == normal_form(name)


@given(WORDS, WORDS)
def test_difference_keeps_every_character(a, b):
    first, second = difference(a, b)
    assert "".join(text for text, _ in first) == a
    assert "".join(text for text, _ in second) == b
    assert [t for t, differs in first if not differs] == [t for t, d in second if not d]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("上海汉得信息技术股份有限公司", "汉得信息"),
        ("用友网络科技股份有限公司", "用友网络"),
        ("科大讯飞股份有限公司", "科大讯飞"),
        ("中国银联股份有限公司", "中国银联"),
        ("四川省通信产业服务有限公司", "四川通信产业"),
        ("Palo Alto Networks, Inc.", "Palo Alto Networks"),
    ],
)
def test_short_name(name, short):
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("written", "name", "short", "answer"),
    [
        ("广联达", "广联达科技股份有限公司", "广联达", Answer.SAME),
        ("远翔软件", "远翔软件有限公司", "远翔软件", Answer.SAME),
        # The short name of another of the group tells nothing of this one.
        ("腾讯", "腾讯云计算（北京）有限责任公司", "腾讯云计算", Answer.GROUP),
        ("四川省通信产业服务有限公司", "广东省通信产业服务有限公司", "广东通服", Answer.GROUP),
    ],
)
def test_whoever_writes_the_short_name_means_that_company(written, name, short, answer):
    company = Candidate(1, "abcdefghjkmn", name, short)
    assert likelier(written, company, likeness(written, name)) is answer
