"""Companies are found by characters, pinyin, initials and code, from any place in the name."""

import pytest

from crm.companies.credit_code import code_problem, compact_code
from crm.companies.tokens import query_words, rank_key, tokens, word_range
from models.company import TOKEN_LENGTH


def found(query, name, **more):
    words = query_words(query)
    low, high = word_range(words[0]) if words else ("", "")
    return any(low <= t < high for t in tokens(name, **more))


@pytest.mark.parametrize(
    "query", ["讯飞", "科大讯飞股份有限公司", "xunfei", "kedaxunfei", "kdxf", "XF", "ｋｄ"]
)
def test_found(query):
    assert found(query, "科大讯飞股份有限公司")


@pytest.mark.parametrize("query", ["科大讯飞", "讯飞", "kdxf", "科大 讯飞 股份 有限公司"])
def test_found_by_what_spaces_part(query):
    assert found(query, "科大\u3000讯飞 股份 有限公司")


def test_of_a_spaced_legal_form_nothing_is_looked_for():
    assert query_words("科大\u3000讯飞 股份 有限公司") == ["科大", "讯飞"]


@pytest.mark.parametrize("query", ["有限", "gongsi", "飞讯", "", "，"])
def test_not_found(query):
    assert not found(query, "科大讯飞股份有限公司")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("zeng", "曾氏科技"),
        ("shanxian", "单县软件"),
        ("chongqing", "重庆软件"),
        ("zhongqing", "重庆软件"),
        ("yinhang", "招商银行"),
        ("kuaile", "快乐阳光"),
        ("servicenow", "ServiceNow"),
        ("tcl", "TCL科技"),
    ],
)
def test_sensible_readings(query, name):
    assert found(query, name)


def test_found_by_short_name_and_code():
    more = {"short_name": "拼多多", "credit_code": "91110000802100433B"}
    assert found("pdd", "上海寻梦信息技术有限公司", **more)
    assert found("91110000802100433b", "上海寻梦信息技术有限公司", **more)
    assert not found("91110000802100434", "上海寻梦信息技术有限公司", **more)


def test_words_and_order():
    assert query_words("tcl 科技") == ["tcl", "科技"]
    names = ["讯飞智能", "科大讯飞", "讯飞"]
    assert sorted(names, key=lambda name: rank_key("讯飞", name)) == [
        "讯飞",
        "讯飞智能",
        "科大讯飞",
    ]


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("9111000080210043", "16 位"),
        ("9111000080210O433B", "字母 O"),
        ("911100008021004331", "校验位"),
    ],
)
def test_wrong_codes_say_what_is_wrong(code, part):
    assert part in str(code_problem(code))


def test_right_code():
    assert code_problem(" 9111 0000-802100433b") is None
    assert compact_code("９1110000802100433b") == "91110000802100433B"


def test_no_token_is_longer_than_the_tables_hold():
    assert max(map(len, tokens("A" * 90 + "科技", credit_code="9" * 90))) == TOKEN_LENGTH
    assert found("A" * 40, "A" * 90 + "科技")
