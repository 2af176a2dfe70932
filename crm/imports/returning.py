"""Rows that were not imported, as the table they came in with the reason beside them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

_REASON_WIDTH = 50


def workbook_of(
    headers: Sequence[str],
    rows: Sequence[tuple[Sequence[str], str]],
    reason_header: str,
    sheet: str = "",
) -> bytes:
    """An xlsx of these headers and rows (cells, reason); every cell is text, never a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": False})
    page = book.add_worksheet(_sheet_name(sheet))
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "#B42318"})
    width = len(headers)
    for column, header in enumerate((*headers, reason_header)):
        page.write_string(0, column, header, bold)
    for number, (cells, reason) in enumerate(rows, start=1):
        for column, text in enumerate(cells[:width]):
            if text:
                page.write_string(number, column, text)
        page.write_string(number, width, reason, red)
    page.set_column(width, width, _REASON_WIDTH)
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _sheet_name(name: str) -> str:
    """What a spreadsheet allows as a sheet's name."""
    kept = "".join(character for character in name if character not in "[]:*?/\\")
    return kept.strip("'")[:31]
