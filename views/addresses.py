"""What addresses and hidden fields may say: numbers that a record could have, text that is kept."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

from crm.messages import msg
from crm.paging import LARGEST_KEY
from models.columns import UNKEEPABLE

NOT_KEPT = msg("文字里有不能保存的字符，请去掉。")


def kept(text: str) -> str:
    """A text that a database can keep. Raises ValueError for any other."""
    if UNKEEPABLE.search(text):
        raise ValueError(text)
    return text


def whole(text: str, most: int = LARGEST_KEY) -> int:
    """A whole number up to ``most``. Raises ValueError for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        raise ValueError(text)
    if (number := int(text)) > most:
        raise ValueError(text)
    return number


def number_of(text: str | None) -> int:
    """The same; 0 for what is none."""
    try:
        return whole(text or "")
    except ValueError:
        return 0


class NumberConverter(BaseConverter):
    """The number of a row in an address; one that no row could have names nothing."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """As a number."""
        try:
            return whole(value)
        except ValueError:
            raise ValidationError from None


class YearConverter(NumberConverter):
    """A year in an address."""

    regex = "[12][0-9]{3}"
