"""Fields that read what people type and say in our words what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.widgets import DateInput, TextArea, TimeInput

from crm.amounts import AmountError, parse_area, parse_wan, wan_text
from crm.formats import area, exact_money, say, written_day

LARGEST_WHOLE = 2**31 - 1
_DIGITS = len(f"+{LARGEST_WHOLE}")
_WHOLE = re.compile("[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")


class TextField(StringField):
    """A line of text, without blanks around it; empty when nothing was sent."""

    data: Any
    # What stands for nothing: a request without a body reaches a field as no value at all.
    empty: Any = ""

    def process_data(self, value: Any) -> None:
        """Take a value that was not typed."""
        self.data = self.empty if value is None else value

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the text as typed, stripped."""
        self.data = valuelist[0].strip() if valuelist else ""

    @property
    def sent(self) -> bool:
        """Whether the form that was sent had this field at all."""
        return bool(self.raw_data)

    @property
    def text(self) -> str:
        """The value as a form sends it."""
        return str(self._value())


class LongTextField(TextField):
    """Several lines."""

    widget = TextArea()


class _ReadField(TextField):
    """Text that is read as something else; what was typed stays when it can not be."""

    empty = None
    repair: str | None = None

    def read(self, text: str) -> Any:
        """The value, or ValueError with the sentence for the person."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The value as it is typed."""
        return str(value)

    def shown(self, value: Any) -> str:
        """The value as people read it."""
        return self.write(value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; an empty field is None."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = self.read(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


class PaperField(FileField):
    """One file."""

    @property
    def sent(self) -> bool:
        """Whether the form that was sent brought a file in this field."""
        return bool(self.raw_data)

    @property
    def files(self) -> list[Any]:
        """The file, or none."""
        return [self.data] if self.data else []


class WanField(_ReadField):
    """An amount typed in 万元; its data is whole CNY."""

    def read(self, text: str) -> int:
        """The amount in CNY; a repair is offered where we can guess."""
        try:
            return parse_wan(text)
        except AmountError as error:
            self.repair = error.repair
            raise ValueError(say(error.message)) from error

    def write(self, value: int) -> str:
        """In 万元, exact."""
        return wan_text(value)

    def shown(self, value: int) -> str:
        """With its unit, exact."""
        return exact_money(value)


class WholeField(_ReadField):
    """A whole number."""

    def read(self, text: str) -> int:
        """The number; thousands separators and full-width digits are fine."""
        plain = unicodedata.normalize("NFKC", text).replace(",", "")
        if not _WHOLE.fullmatch(plain):
            raise ValueError(_("只填数字。"))
        # As many digits as the largest has, so that no more are ever read.
        if len(plain) > _DIGITS or abs(int(plain)) > LARGEST_WHOLE:
            raise ValueError(_("数字太大了，请核对。"))
        return int(plain)


class DayField(_ReadField):
    """A date."""

    widget = DateInput()

    def read(self, text: str) -> date:
        """A date as the browser sends it, 2026-12-01."""
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(_("请选一个日期，例如 2026-12-01。")) from error

    def write(self, value: date) -> str:
        """As the browser wants it."""
        return value.isoformat()

    def shown(self, value: date) -> str:
        """As a date is read."""
        return written_day(value, weekday=False)


class TimeField(_ReadField):
    """A time of day, as ``type=time`` sends it."""

    widget = TimeInput()

    def read(self, text: str) -> time:
        """The time."""
        try:
            return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            raise ValueError(_("时间写成 08:30 这样。")) from None

    def write(self, value: time) -> str:
        """Hours and minutes."""
        return f"{value:%H:%M}"


class AreaField(_ReadField):
    """An area in whole square metres; the unit stands beside the field."""

    def read(self, text: str) -> int:
        """The area; a repair is offered where we can guess."""
        try:
            return parse_area(text)
        except AmountError as error:
            self.repair = error.repair
            raise ValueError(say(error.message)) from error

    def shown(self, value: int) -> str:
        """With its unit."""
        return area(value)


class ShareField(_ReadField):
    """A share in percent, two decimals at most; its data is in basis points."""

    def read(self, text: str) -> int:
        """Basis points; whether it lies between 0 and 100 the service says."""
        plain = unicodedata.normalize("NFKC", text).removesuffix("%").strip()
        if not _NUMBER.fullmatch(plain):
            raise ValueError(_("只填数字，例如 51 或 33.4。"))
        share = Decimal(plain) * 100
        if share != share.to_integral_value() or abs(share) > 10**6:
            raise ValueError(_("请填 0 到 100 之间的数，最多两位小数。"))
        return int(share)

    def write(self, value: int) -> str:
        """In percent, without zeros at the end."""
        return f"{value / 100:g}"

    def shown(self, value: int) -> str:
        """With its sign."""
        return f"{self.write(value)}%"
