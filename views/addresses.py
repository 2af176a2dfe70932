"""Numbers as they stand in addresses and hidden fields: what no record could have is none."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

from crm.paging import LARGEST_KEY


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
