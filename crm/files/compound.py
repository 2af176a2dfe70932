"""The names inside an OLE2 file (old Office, WPS), from its directory alone."""

from __future__ import annotations

import struct
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_ENTRY = 128
_LAST = 0xFFFFFFFA
_IN_HEADER = 109
# An office file has some dozens of entries: 4,096 of them are enough for a book of macros.
_MOST_SECTORS = 1024


class BrokenCompound(ValueError):
    """The directory can not be read."""


def names_in(file: BinaryIO, size: int) -> set[str]:
    """The names of all streams and storages. Raises BrokenCompound."""
    file.seek(0)
    header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(MAGIC):
        raise BrokenCompound("no header")
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in {9, 12}:
        raise BrokenCompound("sectors of no known size")
    sectors = _Sectors(file, 1 << shift, size)
    tables = sectors.tables_named(header)
    found: set[str] = set()
    seen: set[int] = set()
    sector = int(struct.unpack_from("<L", header, 48)[0])
    while sector < _LAST and sector not in seen and len(seen) < _MOST_SECTORS:
        seen.add(sector)
        found |= _names(sectors.read(sector))
        sector = sectors.next(sector, tables)
    if not found:
        raise BrokenCompound("no entry")
    return found


class _Sectors:
    """The sectors of a file, and which follows which."""

    def __init__(self, file: BinaryIO, size: int, length: int) -> None:
        self.file = file
        self.size = size
        self.length = length
        self.read_tables: dict[int, bytes] = {}

    def tables_named(self, header: bytes) -> list[int]:
        """The sectors that hold the table of all sectors: in the header, and further where long."""
        found = list(struct.unpack_from(f"<{_IN_HEADER}L", header, 76))
        further = int(struct.unpack_from("<L", header, 68)[0])
        for _ in range(_MOST_SECTORS):
            if further >= _LAST:
                break
            *more, further = struct.unpack(f"<{self.size // 4}L", self.read(further))
            found += more
        return [number for number in found if number < _LAST]

    def read(self, number: int) -> bytes:
        """One sector, the last of a file filled up as its writer should have done.

        Raises BrokenCompound for one behind the end.
        """
        start = (number + 1) * self.size
        if start >= self.length:
            raise BrokenCompound("a sector that is not there")
        self.file.seek(start)
        return self.file.read(self.size).ljust(self.size, b"\0")

    def next(self, number: int, tables: list[int]) -> int:
        """The sector after this one. Raises BrokenCompound where no table says."""
        each = self.size // 4
        place, inside = divmod(number, each)
        if place >= len(tables):
            raise BrokenCompound("a sector that no table knows")
        if place not in self.read_tables:
            self.read_tables[place] = self.read(tables[place])
        return int(struct.unpack_from("<L", self.read_tables[place], inside * 4)[0])


def _names(sector: bytes) -> set[str]:
    found = set()
    for place in range(0, len(sector) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", sector, place + 64)[0]
        if 2 < length <= 64:
            found.add(sector[place : place + length - 2].decode("utf-16-le", "replace"))
    return found
