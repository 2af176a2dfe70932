"""Which known city a list means by 上海市长宁区, 浙江省杭州市 or Hangzhou."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from models import db
from models.place import Place

Finder = Callable[[str], int | None]


def finder() -> Finder:
    """A function from a list's text to the key of a place (one query); None for cities unknown."""
    places = {
        word: key
        for key, code, city in db.session.execute(sa.select(Place.id, Place.code, Place.city))
        for word in (code, city.removesuffix("市"))
    }
    return lambda text: find(text, places)


def find(text: str, places: Mapping[str, int]) -> int | None:
    """The place whose name stands first in a text; of two that begin there the longer."""
    plain = text.casefold().replace("'", "")
    found = [(plain.find(word), -len(word), key) for word, key in places.items() if word in plain]
    return min(found)[2] if found else None


def home(texts: Mapping[str, str], where: Finder) -> int | None:
    """The place of a row's headquarters: its city's, else its province's, which may be 上海."""
    return where(texts.get("city", "")) or where(texts.get("province", ""))
