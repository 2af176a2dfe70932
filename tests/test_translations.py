"""The check that every sentence has its English sees what is wrong; `make check` runs it."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext

from crm.config import ROOT
from crm.formats import say
from crm.messages import nmsg


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """bin/i18n as a module."""
    loader = SourceFileLoader("i18n", str(ROOT / "bin" / "i18n"))
    spec = spec_from_loader("i18n", loader)
    assert spec is not None
    made = module_from_spec(spec)
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(made)
    sys.dont_write_bytecode = keep
    return made


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("", "no English"),
        ("%(m)s left", "values differ"),
        ("left", "values differ"),
        ("%(n)s left of 5%", "a % that stands for nothing"),
        ("%(n)s left", None),
    ],
)
def test_a_poor_translation_is_found(tool: ModuleType, string: str, fault: str | None) -> None:
    wanted, english = Catalog(), Catalog(locale="en")
    wanted.add("还差 %(n)s 项", locations=[("a.py", 1)])
    english.add("还差 %(n)s 项", string)
    found = list(tool.catalogue_faults(wanted, english))
    assert [fault in text for text in found] == ([True] if fault else [])


def test_a_missing_a_fuzzy_and_an_idle_sentence_are_found(tool: ModuleType) -> None:
    wanted, english = Catalog(), Catalog(locale="en")
    wanted.add("新的", locations=[("a.py", 1)])
    wanted.add("猜的", locations=[("a.py", 1)])
    english.add("猜的", "guessed", flags=["fuzzy"])
    english.add("旧的", "old")
    found = "\n".join(tool.catalogue_faults(wanted, english))
    assert "not in the catalogue, run `make i18n`: 新的" in found
    assert "fuzzy: 猜的" in found
    assert "nothing says this any more, run `make i18n`: 旧的" in found


def test_chinese_out_of_reach_is_found(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "views").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        '{{ _("好") }}{% trans %}也好{% endtrans %}\n<p title="{{ "坏" }}">更坏</p>{{ f("再坏") }}'
    )
    (tmp_path / "views" / "a.py").write_text('"""好。"""\nA = _("好")\nB = "坏"\n')
    found = [*tool.template_faults(tmp_path), *tool.view_faults(tmp_path)]
    said = " ".join(found)
    assert [said.count(text) for text in ("坏", "更坏", "再坏")] == [4, 1, 1]
    assert not any("好" in text for text in found)


def test_the_application_speaks_english_with_singular_and_plural(app: Flask) -> None:
    with app.test_request_context("/?lang=en"), force_locale("en"):
        assert gettext("登录") == "Sign in"
        assert say(nmsg("停滞 %(n)s 天", 1)) == "Stalled 1 day"
        assert say(nmsg("停滞 %(n)s 天", 2)) == "Stalled 2 days"


@pytest.mark.only_sqlite
def test_a_template_says_what_its_reader_reads_and_escapes_what_stands_in_it(app: Flask) -> None:
    days = '{{ ngettext("%(num)s 天", "%(num)s 天", 2) }}'
    text = '{{ _("登录") }} {{ _("停滞 %(n)s", n="<b>") }} ' + days
    with app.test_request_context("/?lang=zh"):
        assert render_template_string(text) == "登录 停滞 &lt;b&gt; 2 天"
        with force_locale("en"):
            assert render_template_string(text) == "Sign in &lt;b&gt; stalled 2 days"
        assert render_template_string(text) == "登录 停滞 &lt;b&gt; 2 天"


def test_wrong_use_is_said_in_one_line(
    tool: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["translate"]) == 2
    assert capsys.readouterr().err == "usage: bin/i18n update | compile | check\n"
