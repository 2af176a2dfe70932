"""Which language a reader gets: the one they chose, else Chinese. Machines say it by header."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from crm.tongue import tongue
from views.edge import for_machines, page_of_form

ZH = "zh_Hans_CN"
EN = "en"
LOCALES = {"zh": ZH, "en": EN}


class Catalogues(Domain):
    """The sentences of each language, found by the locale as it is.

    Flask-Babel writes the locale's name out to find them, for each of a page's thousand words.
    """

    def __init__(self, domain: str) -> None:
        super().__init__(domain=domain)
        self._by_locale: dict[Locale, Any] = {}

    def get_translations(self) -> Any:
        """The reader's; none outside of a request."""
        locale = get_locale()
        if locale is None:
            return super().get_translations()
        found = self._by_locale.get(locale)
        if found is None:
            found = self._by_locale[locale] = super().get_translations()
        return found


@pass_eval_context
def _gettext(around: EvalContext, sentence: str, /, **values: Any) -> str:
    """A template's sentence; what stands in it is escaped where the template is."""
    return _filled(around, tongue().gettext(sentence), values)


@pass_eval_context
def _ngettext(around: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """The same about ``num`` things."""
    return _filled(around, tongue().ngettext(one, many, num), {"num": num, **values})


def _filled(around: EvalContext, text: str, values: dict[str, Any]) -> str:
    said = Markup(text) if around.autoescape else text  # noqa: S704 (the catalogue is ours)
    return said % values if values or "%" in text else said


class Languages(Babel):
    """Flask-Babel with these, and with the templates' sentences found straight away."""

    def init_app(self, app: Flask, *args: Any, **kwargs: Any) -> None:
        """Hang it on an application."""
        super().init_app(app, *args, **kwargs)
        app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)

    @cached_property
    def domain_instance(self) -> Catalogues:
        """What ``gettext`` reads."""
        return Catalogues(self.domain)


def select() -> str:
    """The reader's locale; ``?lang=en`` or ``?lang=zh`` is remembered in the session."""
    if not has_request_context():
        return ZH
    if for_machines():
        return LOCALES[request.accept_languages.best_match(["zh", "en"]) or "zh"]
    if (asked := request.args.get("lang")) in LOCALES:
        session["lang"] = asked
    if (kept := session.get("lang")) in LOCALES:
        return LOCALES[kept]
    if request.endpoint != "static" and current_user.is_authenticated and current_user.locale:
        return str(current_user.locale)
    return ZH


def switch_url() -> str:
    """This page in the other language, with all that it was asked for."""
    other = "zh" if select() == EN else "en"
    if request.method not in {"GET", "HEAD"}:
        return f"{page_of_form()}?lang={other}"
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*asked, ('lang', other)])}"


def html_lang() -> str:
    """The same as the ``lang`` attribute wants it."""
    return "en" if select() == EN else "zh-CN"
