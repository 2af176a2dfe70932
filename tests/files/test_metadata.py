"""No picture that is kept tells where it was taken; the picture itself stays as it was."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pytest

from crm.files import FileRefused, FileStore
from crm.files.metadata import BrokenPicture, tells_a_place, without_metadata
from tests.files.making import HEIC, JPEG, PNG, TIFF, WEBP

PLACE = b"30.7522N 120.7550E"
# A quantisation table, a frame, and a scan with a stuffed 0xFF and a restart marker in it.
TABLE = b"\xff\xdb\x00\x05\x00\x01\x02"
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34\xff\xd0\x56"
SECOND_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x78"
END = b"\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def tiff(*tags: tuple[int, int], order: str = "<") -> bytes:
    """A TIFF directory with short values, and a place behind it."""
    head = b"II*\x00" if order == "<" else b"MM\x00*"
    entries = b"".join(struct.pack(f"{order}HHIHH", tag, 3, 1, n, 0) for tag, n in tags)
    return (
        head + struct.pack(f"{order}IH", 8, len(tags)) + entries + struct.pack(f"{order}I", 0)
    ) + PLACE


def exif(*tags: tuple[int, int], order: str = "<") -> bytes:
    return segment(0xE1, b"Exif\x00\x00" + tiff(*tags, order=order))


def photo(*more: bytes, behind: bytes = b"") -> bytes:
    """A JPEG as a telephone writes it."""
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\x00" + bytes(9))
    return start + b"".join(more) + TABLE + FRAME + SCAN + SECOND_SCAN + END + behind


CLEAN = photo()


@pytest.mark.parametrize(
    "more",
    [
        [exif((0x010F, 1), (0x8825, 90))],
        [segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='30'/>" + PLACE)],
        [segment(0xED, b"Photoshop 3.0\x00" + PLACE), segment(0xFE, PLACE)],
        [segment(0xE2, b"MPF\x00" + PLACE), segment(0xEB, PLACE)],
        [b"\xff\xff" + exif((0x8825, 90))[1:]],
    ],
)
def test_a_jpeg_keeps_its_picture_and_nothing_else(more: list[bytes]) -> None:
    assert without_metadata("image/jpeg", photo(*more)) == CLEAN


def test_a_second_picture_behind_the_first_goes() -> None:
    behind = photo(exif((0x8825, 90)))
    assert without_metadata("image/jpeg", photo(behind=behind)) == CLEAN


def test_colours_stay() -> None:
    colours = segment(0xE2, b"ICC_PROFILE\x00\x01\x01abc"), segment(0xEE, b"Adobe\x00d")
    assert without_metadata("image/jpeg", photo(*colours)) == photo(*colours)


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_way_it_is_turned_stays(order: str) -> None:
    cleaned = without_metadata("image/jpeg", photo(exif((0x0112, 6), (0x8825, 90), order=order)))
    assert PLACE not in cleaned
    assert cleaned.startswith(b"\xff\xd8\xff\xe1")
    assert b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00" in cleaned
    # What was written is read again as the same, and upright needs no saying.
    assert without_metadata("image/jpeg", cleaned) == cleaned
    assert without_metadata("image/jpeg", photo(exif((0x0112, 1)))) == CLEAN


@pytest.mark.parametrize("cut", [3, 7, 25, 30, 44, len(CLEAN) - 3])
def test_half_a_picture_is_refused(cut: int) -> None:
    with pytest.raises(BrokenPicture):
        without_metadata("image/jpeg", CLEAN[:cut])


def test_png_and_webp() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + bytes(4)

    words = [(b"eXIf", tiff((0x8825, 1))), (b"tEXt", b"GPS\x00" + PLACE), (b"iTXt", PLACE)]
    told = PNG[:33] + b"".join(chunk(kind, body) for kind, body in words) + PNG[33:]
    assert without_metadata("image/png", told) == PNG

    head = b"VP8X\x0a\x00\x00\x00\x0c" + bytes(9)
    told = WEBP[12:] + b"EXIF" + struct.pack("<I", len(PLACE) + 1) + PLACE + b"\x00\x00"
    whole = b"RIFF" + struct.pack("<I", 4 + len(head) + len(told)) + b"WEBP" + head + told
    cleaned = without_metadata("image/webp", whole)
    assert PLACE not in cleaned
    assert cleaned[20] == 0
    assert struct.unpack_from("<I", cleaned, 4) == (len(cleaned) - 8,)
    for kind, cut in (("image/png", PNG[:-5]), ("image/webp", WEBP[:-9])):
        with pytest.raises(BrokenPicture):
            without_metadata(kind, cut)


def test_what_cannot_be_written_anew_is_known_by_its_place() -> None:
    placed = HEIC + b"Exif\x00\x00" + tiff((0x8825, 90))
    assert tells_a_place(placed)
    assert tells_a_place(tiff((0x8825, 90)))
    assert tells_a_place(HEIC + b"<x exif:GPSLatitude=''/>")
    assert not tells_a_place(HEIC + b"Exif\x00\x00" + tiff((0x0112, 6)))
    assert not tells_a_place(TIFF)


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("合影.jpg", photo(exif((0x8825, 90))), CLEAN),
        ("a.png", PNG, PNG),
        ("a.heic", HEIC, HEIC),
        ("b.heic", HEIC + b"Exif\x00\x00" + tiff((0x8825, 90)), None),
        ("b.tif", tiff((0x8825, 90)), None),
        ("c.jpg", JPEG[:-2], None),
    ],
)
def test_the_store_keeps_no_place(
    tmp_path: Path, name: str, content: bytes, kept: bytes | None
) -> None:
    store = FileStore(tmp_path, largest=10_000)

    def receive() -> Any:
        with store.receive(name, io.BytesIO(content)) as file:
            file.settle()
            return file

    if kept is None:
        with pytest.raises(FileRefused):
            receive()
        return
    file = receive()
    with store.open(file.sha256) as stored:
        assert stored.read() == kept
    assert (store.has(file.sha256, file.size), file.size) == (True, len(kept))
