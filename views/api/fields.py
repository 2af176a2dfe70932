"""How values are written in JSON and in addresses, and what is said of those that can not be.

A field of a body reads JSON's own types and no other (1.0 is a whole number, "1" is none); a field
of an address reads text. What is wrong is a sentence, said at the edge in the reader's language.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm import clock
from crm.amounts import LARGEST_CNY
from crm.messages import msg
from models.base import PUBLIC_ID_SHAPE
from models.columns import UNKEEPABLE
from views.addresses import NOT_KEPT

MISSING = [msg("请填这一项。")]
NOT_NULL = [msg("这一项不能为空。")]
UNKNOWN = msg("没有这一项，请核对名称。")
NO_OBJECT = msg("请发一个 JSON 对象。")
NO_CHOICE = [msg("没有这个选项，请看文档里列出的。")]
_MESSAGES: dict[str, Any] = {"required": MISSING, "null": NOT_NULL}

EXAMPLE_ID = "k3x8m2qwe7ra"
CREDIT_CODE = "913300002539329145"
# Texts as people write them, for the document.
EXAMPLES: dict[str, str] = json.loads(
    Path(__file__).with_name("examples.json").read_text(encoding="utf-8")
)
_ID = re.compile(f"^{PUBLIC_ID_SHAPE}$")
_CODE = re.compile(r"^[A-Za-z0-9_\-]{1,48}$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_YEARS = range(1900, 2201)
LARGEST_WHOLE = 2**31 - 1


class Length(validate.Validator):
    """So many characters; apispec reads the limits from here."""

    equal = None

    def __init__(self, most: int, fewest: int | None = None) -> None:
        self.min, self.max = fewest, most

    def __call__(self, value: Any) -> Any:
        """Refuse what is longer or shorter."""
        if self.min and not value:
            raise ma.ValidationError(MISSING)
        if len(value) > self.max:
            raise ma.ValidationError([msg("最多 %(n)s 字，请写短一些。", n=self.max)])
        if self.min is not None and len(value) < self.min:
            raise ma.ValidationError([msg("至少 %(n)s 字，请写完整。", n=self.min)])
        return value


class Pattern(validate.Validator):
    """Text of that shape; apispec reads the pattern from here."""

    def __init__(self, regex: re.Pattern[str], example: str) -> None:
        self.regex, self.example = regex, example

    def __call__(self, value: Any) -> Any:
        """Refuse what has another shape."""
        if not self.regex.search(value) or value.endswith("\n"):
            raise ma.ValidationError([msg("写法不对，请照这个样子写：%(it)s。", it=self.example)])
        return value


class Among(validate.Validator):
    """One of a few codes; apispec reads them from here."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def __call__(self, value: str) -> str:
        """Refuse any other."""
        if value not in self.choices:
            raise ma.ValidationError(NO_CHOICE)
        return value


class Range(validate.Validator):
    """A number within limits; apispec reads them from here."""

    min_inclusive = max_inclusive = True

    def __init__(self, least: int, most: int) -> None:
        self.min, self.max = least, most

    def __call__(self, value: int) -> int:
        """Refuse what is outside."""
        if not self.min <= value <= self.max:
            raise ma.ValidationError(
                [msg("应在 %(least)s 到 %(most)s 之间。", least=self.min, most=self.max)]
            )
        return value


def about(description: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """What the document says of a field."""
    shown = {} if example is None else {"example": example}
    return {"description": description, **shown, **more}


class Text(fields.String):
    """Text that a database can keep."""

    default_error_messages = {  # noqa: RUF012 (marshmallow reads it from the class)
        **_MESSAGES,
        "invalid": [msg("这里要填文字。")],
        "invalid_utf8": [msg("这里要填文字。")],
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if UNKEEPABLE.search(text):
            raise ma.ValidationError([NOT_KEPT])
        return text


class Key(Text):
    """The id of a record."""

    def __init__(self, description: str, **more: Any) -> None:
        super().__init__(
            validate=Pattern(_ID, EXAMPLE_ID), metadata=about(description, EXAMPLE_ID), **more
        )


class Code(Text):
    """The code of a row of the city's data."""

    def __init__(self, description: str, example: str, **more: Any) -> None:
        super().__init__(
            validate=Pattern(_CODE, example), metadata=about(description, example), **more
        )


class Choice(fields.Enum[Any]):
    """One of a few codes."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "unknown": NO_CHOICE,
    }

    def __init__(self, kind: type[enum.Enum], description: str, example: str, **more: Any) -> None:
        super().__init__(kind, by_value=fields.String, metadata=about(description, example), **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("unknown")
        return super()._deserialize(value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number; 1.0 is one, as JSON has it, "1" and true are none."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "invalid": [msg("这里要填整数。")],
        "too_large": [msg("数字太大了，请核对。")],
    }

    def __init__(
        self, description: str, example: int, *, least: int = 0, most: int, **more: Any
    ) -> None:
        super().__init__(validate=Range(least, most), metadata=about(description, example), **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self.make_error("invalid")
        return int(value)


class WholeArgument(Whole):
    """The same in an address."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", str(value), re.ASCII):
            raise self.make_error("invalid")
        return int(value)


def money(description: str, example: int = 120_000_000, **more: Any) -> Whole:
    """An amount of whole CNY."""
    return Whole(f"{description}, in whole CNY", example, least=1, most=LARGEST_CNY, **more)


class Flag(fields.Boolean):
    """True or false."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "invalid": [msg("这里只能是 true 或 false。")],
    }

    def __init__(self, description: str, example: bool = True, **more: Any) -> None:
        super().__init__(metadata=about(description, example), **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class FlagArgument(Flag):
    """The same in an address."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if value not in {"true", "false"}:
            raise self.make_error("invalid")
        return bool(value == "true")


class Day(fields.Date):
    """A date of the city: 2026-12-01."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "invalid": [msg("请写成 2026-12-01 这样的日期。")],
    }

    def __init__(self, description: str, example: str = "2026-12-01", **more: Any) -> None:
        super().__init__(metadata=about(description, example), **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None


class Moment(fields.DateTime):
    """A moment with its offset; written in the time of the teams."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "invalid": [msg("请写成 2026-11-25T10:05:00+08:00 这样的时间，时区不能省。")],
    }

    def __init__(
        self, description: str, example: str = "2026-11-25T10:05:00+08:00", **more: Any
    ) -> None:
        super().__init__(metadata=about(description, example), **more)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return value.astimezone(clock.ZONE).isoformat() if value is not None else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            found = datetime.fromisoformat(value.upper())
        except ValueError:
            raise self.make_error("invalid") from None
        if found.year not in _YEARS:
            raise self.make_error("invalid")
        return found


class Several(fields.List[Any]):
    """A list."""

    default_error_messages = {  # noqa: RUF012 (as above)
        **_MESSAGES,
        "invalid": [msg("这里要填一个列表。")],
    }

    def __init__(
        self, inner: fields.Field[Any], description: str, example: Any, **more: Any
    ) -> None:
        super().__init__(inner, metadata=about(description, example), **more)


class Part(fields.Nested):
    """A record inside another."""

    default_error_messages = {**_MESSAGES, "type": [NO_OBJECT]}  # noqa: RUF012 (as above)


class Body(ma.Schema):
    """What may be sent: a field that nobody knows is an error, said at its name."""

    error_messages: Any = {"unknown": UNKNOWN, "type": NO_OBJECT}  # noqa: RUF012 (as above)

    class Meta:
        """Nothing unknown."""

        unknown = ma.RAISE


class Record(ma.Schema):
    """What is answered; further fields may come with time."""

    class Meta:
        """Open."""

        unknown = ma.INCLUDE


class Paging(Body):
    """The arguments of every list."""

    limit = WholeArgument("How many at most", 50, least=1, most=200, load_default=50)
    cursor = Text(
        validate=Length(200, 1),
        metadata=about("`next` of the page before", None),
    )


class ShortPaging(Paging):
    """The same of a list that is one page unless somebody asks for less."""

    limit = WholeArgument("How many at most; all of them without it", 50, least=1, most=200)
