"""What reading a file gives, how much of it is allowed, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from crm.errors import CrmError
from crm.messages import msg


class UnreadableFile(CrmError):
    """The file cannot be read as a table; the message says what to do about it (422)."""

    code = "unreadable_file"
    status = 422


class EmptyFile(UnreadableFile):
    """Nothing stands in the file."""


class NotASpreadsheet(UnreadableFile):
    """Some other kind of file, whatever its name says."""


class FileTooLarge(UnreadableFile):
    """More bytes, unpacked bytes, rows or columns than allowed."""


class FileEncrypted(UnreadableFile):
    """The file asks for a password."""


@dataclass(frozen=True)
class Limits:
    """How much one file may hold; sizes are in bytes."""

    file_size: int = 20 * 1024 * 1024
    unpacked_size: int = 200 * 1024 * 1024
    ratio: int = 150
    ratio_from: int = 10 * 1024 * 1024
    entries: int = 2_000
    rows: int = 100_000
    columns: int = 200
    cells: int = 2_000_000

    def check_area(self, rows: int, columns: int) -> None:
        """Refuse a sheet of more rows, columns or cells than allowed."""
        if rows > self.rows or columns > self.columns or rows * columns > self.cells:
            raise FileTooLarge(
                msg(
                    "表格太大：最多 %(rows)s 行、%(columns)s 列。请删减后再上传。",
                    rows=self.rows,
                    columns=self.columns,
                )
            )


@dataclass(frozen=True)
class Row:
    """One row's cells as text, under the number the spreadsheet shows for it."""

    number: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing stands in the row."""
        return not any(self.cells)

    def cell(self, column: int) -> str:
        """The text in a column (from 0); a short row is empty there."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Sheet:
    """A named sheet; a csv file is one sheet without a name."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Workbook:
    """All visible sheets of a file, in their order."""

    file_name: str
    sheets: tuple[Sheet, ...]
