"""Makers of small files of every kind, and of what is not what it says."""

from __future__ import annotations

import io
import struct
import zipfile

import xlsxwriter

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(21) + b"IEND\xae\x42\x60\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + b"\xff\xd9"
GIF = b"GIF89a" + bytes(40)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00" + bytes(24)
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(40)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(40)
EXE = b"MZ\x90\x00" + bytes(60)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
TEXT = "产业链，上海\r\n"


def zipped(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    """A zip file with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        if first is not None:
            file.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            file.writestr(name, f"<x>{name}</x>")
    return made.getvalue()


def ooxml(folder: str, *more: str) -> bytes:
    """A docx, xlsx or pptx by the folder of its main part."""
    return zipped("[Content_Types].xml", "_rels/.rels", f"{folder}/main.xml", *more)


def xlsx() -> bytes:
    """A workbook as a program writes it."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.add_worksheet().write(0, 0, "企业名称")
    book.close()
    return made.getvalue()


def open_document(word: str) -> bytes:
    """An odt, ods or odp."""
    kind = f"application/vnd.oasis.opendocument.{word}".encode()
    return zipped("content.xml", "META-INF/manifest.xml", first=("mimetype", kind))


def compound(*names: str, sectors: int = 0) -> bytes:
    """An OLE2 file with these streams; ``sectors`` of content stand before its directory."""
    names = ("Root Entry", *names)
    entries = b"".join(_entry(name) for name in names).ljust(-(-len(names) // 4) * 512, b"\0")
    tables = (sectors + len(entries) // 512) // 100 + 1
    first = tables + sectors
    total = first + len(entries) // 512
    follows = [0xFFFFFFFD] * tables + [0xFFFFFFFE] * sectors
    follows += [*range(first + 1, total), 0xFFFFFFFE]
    table = struct.pack(f"<{len(follows)}L", *follows).ljust(tables * 512, b"\xff")
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<LL", header, 44, tables, first)
    struct.pack_into("<LL", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109L", header, 76, *range(tables), *[0xFFFFFFFF] * (109 - tables))
    return bytes(header) + table + b"\x01" * (512 * sectors) + entries


def _entry(name: str) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    return coded.ljust(64, b"\0") + struct.pack("<H", len(coded)) + bytes(62)
