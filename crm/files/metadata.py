"""What a camera writes beside a picture: where it was taken, by which telephone. It stays outside.

JPEG, PNG and WebP are written anew without it, their picture untouched; of a JPEG the way it is
turned is kept. What cannot be written anew here is refused when it tells a place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_EXIF = b"Exif\x00\x00"
_COLOURS = b"ICC_PROFILE\x00"
_ORIENTATION, _PLACE = 0x0112, 0x8825
_UPRIGHT, _MOST_TURNED = 1, 8

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_WORDS = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})

_WEBP_WORDS = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04
_XMP_PLACE = (b"exif:GPS", b"GPSLatitude")


class BrokenPicture(Exception):
    """Not a picture that can be read to its end."""


def without_metadata(media_type: str, content: bytes) -> bytes:
    """The same picture with nothing of where and by what it was taken.

    Other kinds come back as they are. Raises BrokenPicture.
    """
    made = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media_type)
    return made(content) if made else content


def tells_a_place(content: bytes) -> bool:
    """Whether a picture that can not be written anew (HEIC, TIFF) holds where it was taken."""
    if any(words in content for words in _XMP_PLACE):
        return True
    starts = [0, *(at + len(_EXIF) for at in _all(content, _EXIF))]
    return any(_PLACE in dict(_tags(content[at:])) for at in starts)


def _all(content: bytes, part: bytes) -> Iterator[int]:
    at = content.find(part)
    while at >= 0:
        yield at
        at = content.find(part, at + 1)


def _jpeg(content: bytes) -> bytes:
    kept = [content[:2]]
    turned = _UPRIGHT
    for marker, segment in _segments(content):
        body = segment[4:]
        if marker == _APP1 and body.startswith(_EXIF):
            turned = _orientation(body[len(_EXIF) :])
        if _is_picture(marker, body):
            kept.append(segment)
    if turned != _UPRIGHT:
        kept.insert(1, _turned(turned))
    return b"".join(kept)


def _is_picture(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return body.startswith(_COLOURS)
    if marker in {_APP0, _APP14}:
        return True
    return not (_APP1 <= marker <= _APP15 or marker == _COMMENT)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers with their segments up to the end of the picture; what is behind it is no part."""
    at = 2
    while True:
        marker, at = _marker(content, at)
        if marker == _EOI:
            yield marker, b"\xff\xd9"
            return
        (size,) = struct.unpack_from(">H", _enough(content, at, 2), at)
        end = at + size
        if size < struct.calcsize(">H") or end > len(content):
            raise BrokenPicture
        if marker == _SOS:
            end = _end_of_scan(content, end)
        yield marker, b"\xff" + bytes([marker]) + content[at:end]
        at = end


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker at this place, however it is padded, and where its segment begins."""
    start = at
    while content[at : at + 1] == b"\xff":
        at += 1
    if at == start or at >= len(content):
        raise BrokenPicture
    return content[at], at + 1


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands; inside a scan 0xFF is followed by zero or a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise BrokenPicture
        following = content[at + 1]
        if following and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _orientation(tiff: bytes) -> int:
    value = dict(_tags(tiff)).get(_ORIENTATION, _UPRIGHT)
    return value if _UPRIGHT <= value <= _MOST_TURNED else _UPRIGHT


def _tags(tiff: bytes) -> Iterator[tuple[int, int]]:
    """The first directory of a TIFF: each tag with its value read as a short number."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(count):
            tag, _kind, _n, value = struct.unpack_from(
                f"{order}HHIH", tiff, start + 2 + 12 * number
            )
            yield tag, value
    except struct.error:
        return


def _turned(orientation: int) -> bytes:
    """A segment that says how the picture is turned, and nothing else."""
    directory = struct.pack("<HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = _EXIF + b"II*\x00" + struct.pack("<I", 8) + directory
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while True:
        size, kind = struct.unpack_from(">I4s", _enough(content, at, 8), at)
        end = at + 12 + size
        if end > len(content):
            raise BrokenPicture
        if kind not in _PNG_WORDS:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at < len(content):
        kind, size = struct.unpack_from("<4sI", _enough(content, at, 8), at)
        end = at + 8 + size + size % 2
        if at + 8 + size > len(content):
            raise BrokenPicture
        chunk = content[at:end]
        if kind == b"VP8X" and size:
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:]
        if kind not in _WEBP_WORDS:
            kept.append(chunk)
        at = end
    if not kept:
        raise BrokenPicture
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _enough(content: bytes, at: int, size: int) -> bytes:
    if at + size > len(content):
        raise BrokenPicture
    return content
