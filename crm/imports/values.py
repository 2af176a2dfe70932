"""A file's cells as they are, numbers and dates too, to give it back as it came."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from crm.imports.archive import check_archive
from crm.imports.reading import ZIP
from crm.imports.text_file import read_text
from crm.imports.workbook import FileTooLarge, Limits


@dataclass(frozen=True)
class Area:
    """Cells merged into one, first and last row and column from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def many(self) -> bool:
        """Whether it is more than one cell."""
        return (self.top, self.left) != (self.bottom, self.right)


@dataclass(frozen=True)
class Page:
    """A sheet's cells; one merged over rows says its value for each of them."""

    name: str
    rows: Sequence[Sequence[object]]
    merged: Sequence[Area] = ()
    hidden: bool = False

    @property
    def width(self) -> int:
        """How many columns hold something."""
        return max((len(row) for row in self.rows), default=0)


def read_values(data: bytes, limits: Limits = Limits()) -> list[Page]:  # noqa: B008
    """All sheets of a file that was read before; a hidden one beyond the limits is left out."""
    if not data.startswith(ZIP):
        sheet = read_text(data, limits)
        return [Page(sheet.name, [row.cells for row in sheet.rows])]
    check_archive(data, limits)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    pages = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        try:
            limits.check_area(sheet.total_height, sheet.total_width)
        except FileTooLarge:
            continue
        pages.append(_page(sheet, hidden=meta.visible != SheetVisibleEnum.Visible))
    return pages


def _page(sheet: CalamineSheet, *, hidden: bool) -> Page:
    rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    merged = [
        Area(top, left, bottom, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    for area in merged:
        if area.top < len(rows) and area.left < len(rows[area.top]):
            for row in rows[area.top + 1 : area.bottom + 1]:
                row[area.left] = rows[area.top][area.left]
    return Page(sheet.name, rows, merged, hidden)
