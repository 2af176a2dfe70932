"""Write a table to a file on disk, row by row."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import xlsxwriter

from crm.errors import Refusal
from crm.exports.cells import Plain, harmless, plain
from crm.exports.table import Format, Kind, Paper, Table
from crm.formats import say
from crm.messages import msg

CHUNK = 64 * 1024
# What one sheet holds, and the name of a sheet.
MOST_ROWS = 1_048_576
NAME_LENGTH = 31
# Paper by Excel's numbers, and so many characters across stay readable on the smaller one.
A4, A3 = 9, 8
WIDEST_ON_A4 = 180
_NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")
_NUMBER_FORMATS = {Kind.WHOLE: "#,##0", Kind.WAN: "#,##0", Kind.DATE: "yyyy-mm-dd"}
# An amount that is no whole number of 万元.
_BROKEN = "#,##0.00##"


@dataclass
class Made:
    """A file that has no name on disk: it is gone when it is closed, however that comes about."""

    file: IO[bytes]
    format: Format | Paper
    rows: int
    size: int

    def chunks(self) -> Iterator[bytes]:
        """The content, piece by piece; the file is closed at the end, or when nobody reads on."""
        with self.file:
            while piece := self.file.read(CHUNK):
                yield piece


def write(table: Table, format_: Format) -> Made:
    """The table as a file, its head at the beginning. Refusal when a sheet can not hold it."""
    # Only the one who reads it to the end closes it.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        rows = _csv(table, file) if format_ is Format.CSV else _xlsx(table, file)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Made(file, format_, rows, size)


def _csv(table: Table, file: IO[bytes]) -> int:
    """UTF-8 with its mark, which tells Excel; text in quotes, numbers without."""
    file.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for line in table.above:
        writer.writerow([harmless(say(line))])
    writer.writerow([harmless(say(column.title)) for column in table.columns])
    rows = 0
    for row in table.rows:
        writer.writerow([_in_csv(value) for value in _plain(table, row)])
        rows += 1
    text.flush()
    text.detach()
    return rows


def _in_csv(value: Plain) -> str | int | float:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value


def _plain(table: Table, row: Any) -> list[Plain]:
    return [plain(cell, column.kind) for cell, column in zip(row, table.columns, strict=True)]


def _xlsx(table: Table, file: IO[bytes]) -> int:
    """XlsxWriter keeps no row in memory; what it puts aside on disk goes with the folder."""
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        sheet = book.add_worksheet(say(table.name).translate(_NOT_IN_NAMES)[:NAME_LENGTH])
        try:
            filler = _Sheet(book, sheet, table)
            filler.lay_out()
            rows = filler.fill()
        except BaseException:
            _give_up(book, sheet)
            raise
        book.close()
    return rows


def _give_up(book: Any, sheet: Any) -> None:
    """Close what was put aside; a book half written is no book."""
    book.fileclosed = True
    with suppress(OSError):
        sheet.row_data_fh.close()


class _Sheet:
    """Fills one sheet of a book."""

    def __init__(self, book: Any, sheet: Any, table: Table) -> None:
        self.sheet, self.table = sheet, table
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#595959"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1}
        )
        self.formats = {
            kind: book.add_format({"num_format": pattern, "valign": "top"})
            for kind, pattern in _NUMBER_FORMATS.items()
        }
        self.broken = book.add_format({"num_format": _BROKEN, "valign": "top"})
        self.text = book.add_format({"valign": "top", "text_wrap": True})

    def lay_out(self) -> None:
        """On paper: across, as wide as one page, the header on each and the number below."""
        sheet, top = self.sheet, len(self.table.above)
        wide = sum(column.width for column in self.table.columns) > WIDEST_ON_A4
        sheet.set_landscape()
        sheet.set_paper(A3 if wide else A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.repeat_rows(0, top)
        sheet.set_footer("&C&P / &N")

    def fill(self) -> int:
        """Write everything; how many rows there were. Raises Refusal for more than fit a sheet."""
        sheet, table = self.sheet, self.table
        top = len(table.above)
        for number, column in enumerate(table.columns):
            sheet.set_column(number, number, column.width)
        for number, line in enumerate(table.above):
            sheet.write_string(number, 0, harmless(say(line)), self.note if number else self.title)
        for number, column in enumerate(table.columns):
            sheet.write_string(top, number, harmless(say(column.title)), self.head)
        sheet.freeze_panes(top + 1, 1)
        rows = 0
        for rows, row in enumerate(table.rows, start=1):
            if top + rows >= MOST_ROWS:
                raise Refusal({}, msg("一张表放不下这么多行，请先筛选，或导出 CSV。"))
            self._row(top + rows, row)
        sheet.autofilter(top, 0, top + rows, len(table.columns) - 1)
        return rows

    def _row(self, at: int, row: Any) -> None:
        for number, value in enumerate(_plain(self.table, row)):
            match value:
                case None:
                    continue
                case str():
                    self.sheet.write_string(at, number, value, self.text)
                case date():
                    self.sheet.write_datetime(at, number, value, self.formats[Kind.DATE])
                case float():
                    self.sheet.write_number(at, number, value, self.broken)
                case _:
                    self.sheet.write_number(at, number, value, self.formats[Kind.WHOLE])
