"""Which language a reader gets: the one they chose, else Chinese. Machines say it by header."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import has_request_context, request, session
from flask_login import current_user

from views.edge import for_machines, page_of_form

ZH = "zh_Hans_CN"
EN = "en"
LOCALES = {"zh": ZH, "en": EN}


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
