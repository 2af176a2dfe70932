"""Rows that were not imported, in the workbook they came in with the reason beside them.

Other sheets, titles and notes above the header stay, numbers and dates are numbers and dates.
What stands below the table (totals, notes) goes: it was said of rows that are no longer there.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm.imports.values import Area, Page

_REASON_WIDTH = 50
_NAME_LENGTH = 31
# No cell becomes a formula, a number or a link by its text.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


def returned(
    pages: Iterable[Page],
    sheet: str,
    header_row: int | None,
    reasons: Mapping[int, str],
    reason_header: str,
) -> bytes:
    """The workbook with those rows (number -> reason) alone below the header."""
    out = _Out()
    for page, written, head in out.tables(pages, sheet, header_row):
        # A file without a header gets a row for the reason's.
        first = head or 1
        rows = sorted(reasons)
        out.rows(written, page, [(number - 1, first + n) for n, number in enumerate(rows)])
        headers = page.rows[head - 1] if head else []
        column = headers.index(reason_header) if reason_header in headers else page.width
        for number, header in enumerate(headers):
            if header not in (None, ""):
                out.cell(written, head - 1, number, header, out.bold)
        written.write_string(first - 1, column, reason_header, out.bold)
        for n, number in enumerate(rows):
            written.write_string(first + n, column, reasons[number], out.red)
        written.set_column(column, column, _REASON_WIDTH)
        written.freeze_panes(first, 0)
        written.activate()
    return out.done()


def cut(pages: Iterable[Page], sheet: str, header_row: int | None, numbers: Iterable[int]) -> bytes:
    """The workbook without the table's other rows; those that stay keep their numbers."""
    out = _Out()
    for page, written, _head in out.tables(pages, sheet, header_row):
        out.rows(written, page, [(number - 1, number - 1) for number in numbers])
    return out.done()


class _Out:
    """A workbook that is being written."""

    def __init__(self) -> None:
        self._data = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._data, _OPTIONS)
        self._names: set[str] = set()
        self.bold = self._book.add_format({"bold": True})
        self.red = self._book.add_format({"font_color": "#B42318"})
        self._centred = self._book.add_format({"align": "center", "valign": "vcenter"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._hour = self._book.add_format({"num_format": "hh:mm:ss"})

    def tables(
        self, pages: Iterable[Page], sheet: str, header_row: int | None
    ) -> Iterator[tuple[Page, Worksheet, int]]:
        """Of the sheet that holds the table what stands above its rows; the others as they came."""
        head = header_row or 0
        for page in pages:
            ours = page.name in (sheet, _allowed(sheet))
            until = head if ours else len(page.rows)
            written = self.sheet(page)
            self.rows(written, page, [(n, n) for n in range(until)])
            self.merged(written, page, until)
            if ours:
                yield page, written, head

    def sheet(self, page: Page) -> Worksheet:
        written = self._book.add_worksheet(self._name(page.name))
        if page.hidden:
            written.hide()
        return written

    def rows(self, written: Worksheet, page: Page, places: Iterable[tuple[int, int]]) -> None:
        """Write rows of the page (its row, the row it becomes), counted from 0."""
        for source, target in places:
            for column, value in enumerate(page.rows[source]):
                if value not in (None, ""):
                    self.cell(written, target, column, value)

    def cell(
        self, written: Worksheet, row: int, column: int, value: object, look: Format | None = None
    ) -> None:
        if isinstance(value, bool):
            written.write_boolean(row, column, value, look)
        elif isinstance(value, int | float):
            written.write_number(row, column, value, look)
        elif isinstance(value, datetime) and value.time() != time():
            written.write_datetime(row, column, value, look or self._moment)
        elif isinstance(value, date):
            written.write_datetime(row, column, value, look)
        elif isinstance(value, time):
            written.write_datetime(row, column, value, look or self._hour)
        else:
            written.write_string(row, column, str(value), look)

    def merged(self, written: Worksheet, page: Page, until: int) -> None:
        """Merge what was merged above that row; a sheet whose areas overlap is left as it is."""
        for area in page.merged:
            if area.bottom < until and area.many:
                self._merge(written, page, area)

    def _merge(self, written: Worksheet, page: Page, area: Area) -> None:
        try:
            written.merge_range(area.top, area.left, area.bottom, area.right, "", self._centred)
        except OverlappingRange:
            return
        value = page.rows[area.top][area.left] if area.left < len(page.rows[area.top]) else None
        if value not in (None, ""):
            self.cell(written, area.top, area.left, value, self._centred)

    def done(self) -> bytes:
        self._book.close()
        return self._data.getvalue()

    def _name(self, name: str) -> str:
        """A sheet's name, each once."""
        kept = _allowed(name)
        if kept.casefold() in self._names:
            kept = f"{len(self._names) + 1} {kept}"[:_NAME_LENGTH]
        self._names.add(kept.casefold())
        return kept


def _allowed(name: str) -> str:
    """What a spreadsheet allows as a sheet's name; that of a csv is none."""
    kept = "".join(character for character in name if character not in "[]:*?/\\")
    return kept.strip("'")[:_NAME_LENGTH] or "Sheet1"
