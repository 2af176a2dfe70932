"""The names inside a zip file, from its directory alone: nothing is unpacked."""

from __future__ import annotations

import struct
from typing import BinaryIO

# Office files list some dozens of parts; a directory of megabytes is made to hurt.
LARGEST_DIRECTORY = 4 * 1024 * 1024
_TAIL = 22 + 65_535
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
ENCRYPTED = 0x1


class BrokenArchive(ValueError):
    """The directory can not be read."""


def names_in(file: BinaryIO, size: int) -> dict[str, bool]:
    """Each part's name, and whether it is encrypted. Raises BrokenArchive."""
    start, length = _directory(file, size)
    file.seek(start)
    directory = file.read(length)
    found: dict[str, bool] = {}
    place = 0
    while place + _ENTRY.size <= len(directory):
        entry = _ENTRY.unpack_from(directory, place)
        if entry[0] != b"PK\x01\x02":
            break
        name_length, extra, comment = entry[10:13]
        begin = place + _ENTRY.size
        name = directory[begin : begin + name_length].decode("utf-8", "replace")
        found[name.replace("\\", "/").lstrip("/")] = bool(entry[3] & ENCRYPTED)
        place = begin + name_length + extra + comment
    if not found:
        raise BrokenArchive("no part")
    return found


def _directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """Where the directory begins and how long it is, as the end of the file says."""
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise BrokenArchive("no end")
    _mark, _disk, _first, _here, _entries, length, start, _comment = _END.unpack_from(tail, at)
    if length > LARGEST_DIRECTORY or start + length > size:
        raise BrokenArchive("a directory that is not there")
    return start, length
