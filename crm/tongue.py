"""The reader's language and its sentences, found once and kept where Flask-Babel keeps the locale.

Flask-Babel looks for its context, the locale, the domain and the catalogue at each sentence, and a
board says a thousand. What is kept holds as long as the locale does: ``force_locale`` ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask import g
from flask_babel import get_domain, get_locale


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: ``en``, or ``zh`` for everybody else, and how its sentences are found."""

    locale: Locale | None
    language: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]


def tongue() -> Tongue:
    """The reader's."""
    try:
        kept = g._flask_babel
        found: Tongue = kept.tongue
        if found.locale is kept.babel_locale:
            return found
    except (AttributeError, RuntimeError):
        pass  # Nobody has asked yet, or there is no context that could keep it.
    return _settled()


def _settled() -> Tongue:
    locale = get_locale()
    english = locale is not None and locale.language == "en"
    sentences: Any = get_domain().get_translations()
    found = Tongue(locale, "en" if english else "zh", sentences.ugettext, sentences.ungettext)
    if locale is not None:
        g._flask_babel.tongue = found
    return found
