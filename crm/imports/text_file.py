"""Read csv text: which encoding, which delimiter, which rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import chain, islice

from crm.imports.cells import cell_text
from crm.imports.workbook import EmptyFile, FileTooLarge, Limits, NotASpreadsheet, Row, Sheet
from crm.messages import msg

_DELIMITERS = ",\t;"
_SAMPLE_ROWS = 200
_ALLOWED_CONTROLS = frozenset("\t\n\r\f")
# A row behind the last, as none of a text's may be: where it is not found, a quote swallowed it.
_END = "\x1e"


def read_text(data: bytes, limits: Limits) -> Sheet:
    """Read csv bytes into a sheet; rows are counted as a spreadsheet counts them.

    Raises EmptyFile, NotASpreadsheet (binary, web page, no known encoding, a quote that is never
    closed) and FileTooLarge.
    """
    text = _decode(data)
    if not text.strip():
        raise EmptyFile(msg("文件是空的。请选择有内容的文件。"))
    if text.lstrip()[:1] == "<" or any(c < " " and c not in _ALLOWED_CONTROLS for c in text):
        raise NotASpreadsheet(msg("这不是表格文件。请上传 .xlsx 或 .csv 文件。"))
    rows: list[Row] = []
    try:
        lines = chain(io.StringIO(text, newline=""), (_END,))
        for number, cells in enumerate(csv.reader(lines, delimiter=_delimiter(text)), start=1):
            if cells == [_END]:
                return Sheet("", tuple(rows))
            limits.check_area(number, len(cells))
            rows.append(Row(number, tuple(cell_text(cell) for cell in cells)))
    except csv.Error as error:
        raise FileTooLarge(
            msg("有一格的文字太长，读不了。请检查引号是否成对，再重新上传。")
        ) from error
    raise NotASpreadsheet(
        msg(
            "第 %(row)s 行有一个引号没有关上，后面的行都读进了这一格。请补上或去掉它再上传。",
            row=rows[-1].number,
        )
    )


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        if b"\0" in data:  # no text has one; saving it anew would not help
            raise NotASpreadsheet(msg("这不是表格文件。请上传 .xlsx 或 .csv 文件。"))
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotASpreadsheet(msg("认不出文件的文字编码。请另存为 .xlsx 或 UTF-8 的 .csv 再上传。"))


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into one same number of columns, two or more."""
    return max(_DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text: str, delimiter: str) -> tuple[int, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(row) for row in islice(reader, _SAMPLE_ROWS) if len(row) > 1)
    except csv.Error:
        return 0, 0
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width
