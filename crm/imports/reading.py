"""Read a file of people's into rows of text; what it is decides its content, not its name."""

from __future__ import annotations

import io

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from crm.imports.archive import check_archive, damaged
from crm.imports.cells import cell_text
from crm.imports.text_file import read_text
from crm.imports.workbook import (
    EmptyFile,
    FileEncrypted,
    FileTooLarge,
    Limits,
    NotASpreadsheet,
    Row,
    Sheet,
    Workbook,
)
from crm.messages import msg

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_OTHER_KINDS = (b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")


def read_file(name: str, data: bytes, limits: Limits = Limits()) -> Workbook:  # noqa: B008
    """Read a csv or xlsx file into its sheets.

    Raises a named UnreadableFile (EmptyFile, NotASpreadsheet, FileTooLarge, FileEncrypted) whose
    message says what to do.
    """
    if not data:
        raise EmptyFile(msg("文件是空的。请选择有内容的文件。"))
    if len(data) > limits.file_size:
        size = max(1, limits.file_size // (1024 * 1024))
        raise FileTooLarge(msg("文件超过 %(size)s MB。请分成几个小一些的文件。", size=size))
    if data.startswith(_OLE):
        raise _old_or_encrypted(data)
    if data.startswith(_OTHER_KINDS) or data.startswith(_EMPTY_ZIP):
        raise NotASpreadsheet(msg("这不是表格文件。请上传 .xlsx 或 .csv 文件。"))
    sheets = _read_xlsx(data, limits) if data.startswith(ZIP) else (read_text(data, limits),)
    if all(row.blank for sheet in sheets for row in sheet.rows):
        raise EmptyFile(msg("文件里没有内容。请选择有名单的文件。"))
    return Workbook(name, sheets)


def _old_or_encrypted(data: bytes) -> FileEncrypted | NotASpreadsheet:
    if _ENCRYPTED_PACKAGE in data:
        return FileEncrypted(msg("文件有密码。请去掉密码后再上传。"))
    return NotASpreadsheet(msg("这是旧格式（如 .xls）的文件。请在表格软件里另存为 .xlsx 再上传。"))


def _read_xlsx(data: bytes, limits: Limits) -> tuple[Sheet, ...]:
    check_archive(data, limits)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        return tuple(_sheet(book.get_sheet_by_name(name), limits) for name in names)
    except PasswordError as error:
        raise FileEncrypted(msg("文件有密码。请去掉密码后再上传。")) from error
    except CalamineError as error:
        raise damaged() from error


def _sheet(sheet: CalamineSheet, limits: Limits) -> Sheet:
    limits.check_area(sheet.total_height, sheet.total_width)
    rows = [[cell_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        _fill_down(rows, top, left, bottom)
    return Sheet(sheet.name, tuple(Row(i, tuple(cells)) for i, cells in enumerate(rows, start=1)))


def _fill_down(rows: list[list[str]], top: int, left: int, bottom: int) -> None:
    """A cell merged over rows says its value for each; over columns it stays a single title."""
    if top < len(rows) and left < len(rows[top]):
        for row in rows[top + 1 : bottom + 1]:
            row[left] = rows[top][left]
