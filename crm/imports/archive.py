"""Look into an xlsx archive before anything unpacks it.

The sizes an archive claims may be lies, so every entry is inflated here in small pieces that are
thrown away, and the count stops at the limit. On the way the addresses of cells are read: a
single cell at XFD1048576 would make the reader lay out 17 thousand million cells.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from crm.imports.workbook import FileEncrypted, FileTooLarge, Limits, NotASpreadsheet
from crm.messages import msg

_PIECE = 256 * 1024
_OVERLAP = 64
_LOCAL_HEADER = struct.Struct("<26xHH")
_ADDRESS = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_ENCRYPTED_FLAG = 0x1


def damaged() -> NotASpreadsheet:
    """The refusal of a file that is broken on the inside."""
    return NotASpreadsheet(msg("文件已损坏，打不开。请在表格软件里重新保存为 .xlsx 再上传。"))


def check_archive(data: bytes, limits: Limits) -> None:
    """Refuse an archive that is no xlsx, is encrypted, is broken or unpacks beyond the limits."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged() from error
    if len(entries) > limits.entries:
        raise _bomb()
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise FileEncrypted(msg("文件有密码。请去掉密码后再上传。"))
    if "xl/workbook.xml" not in {entry.filename.lstrip("/") for entry in entries}:
        raise NotASpreadsheet(msg("这不是表格文件。请上传 .xlsx 或 .csv 文件。"))
    _check_size(sum(entry.file_size for entry in entries), len(data), limits)
    total = 0
    for entry in entries:
        scan = _AddressScan(limits) if _may_hold_cells(entry.filename) else None
        for piece in _inflate(data, entry):
            total += len(piece)
            _check_size(total, len(data), limits)
            if scan:
                scan.feed(piece)


def _may_hold_cells(name: str) -> bool:
    return name.lower().endswith(".xml") and "sharedstrings" not in name.lower()


def _check_size(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked_size:
        raise _bomb()
    if unpacked > limits.ratio_from and unpacked > packed * limits.ratio:
        raise _bomb()


def _bomb() -> FileTooLarge:
    return FileTooLarge(msg("文件解压后太大，没有读取。请只保留名单所在的工作表再上传。"))


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        name_length, extra_length = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
    except struct.error as error:
        raise damaged() from error
    start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged()
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not inflater.eof and (piece := inflater.decompress(packed, _PIECE)):
            yield piece
            packed = inflater.unconsumed_tail
    except zlib.error as error:
        raise damaged() from error


class _AddressScan:
    """Follow a sheet's cell addresses and refuse those outside the allowed area."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tail = b""
        self.rows = 0
        self.columns = 0

    def feed(self, piece: bytes) -> None:
        text = self.tail + piece
        found = _ADDRESS.findall(text)
        # Each of them stands in very many addresses.
        letters, digits = {one for one, _ in found}, {one for _, one in found}
        if max(map(len, letters), default=0) > 3 or max(map(len, digits), default=0) > 7:
            raise _bomb()
        self.rows = max([self.rows, *map(int, digits)])
        self.columns = max([self.columns, *map(_column_number, letters)])
        self.limits.check_area(self.rows, self.columns)
        self.tail = text[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
