"""What a file is, by its content; what is refused, and in which words."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from crm.files import FileRefused, clean_name
from crm.files.kinds import ALL, kind_of
from tests.files import making

Told = Callable[[bytes, str], str]


def unnamed(value: object) -> str | None:
    """Contents hold the moment at which they were made: no name of a test."""
    return "content" if isinstance(value, bytes) else None


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The media type of a content under a name, or why it is refused."""

    def tell(content: bytes, name: str) -> str:
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            return kind_of(path, name).media_type
        except FileRefused as refused:
            return str(refused.message)

    return tell


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (making.PDF, "协议.PDF", "application/pdf"),
        (making.PNG, "a.png", "image/png"),
        (making.JPEG, "a.jpeg", "image/jpeg"),
        (making.GIF, "a.gif", "image/gif"),
        (making.WEBP, "a.webp", "image/webp"),
        (making.TIFF, "扫描件.tif", "image/tiff"),
        (making.HEIC, "IMG_0001.HEIC", "image/heic"),
        (making.HEIC.replace(b"ftypheic", b"ftypmif1"), "a.heif", "image/heic"),
        (making.ooxml("word"), "a.docx", "wordprocessingml"),
        (making.ooxml("ppt"), "a.pptx", "presentationml"),
        (making.xlsx(), "a.xlsx", "spreadsheetml"),
        (making.compound("WordDocument"), "a.doc", "application/msword"),
        (making.compound("WordDocument"), "a.wps", "application/msword"),
        (making.compound("Workbook"), "a.et", "application/vnd.ms-excel"),
        (making.compound("PowerPoint Document"), "a.dps", "application/vnd.ms-powerpoint"),
        (making.compound("1", "2", "3", "4", "Book", sectors=300), "a.xls", "ms-excel"),
        (making.open_document("text"), "a.odt", "opendocument.text"),
        (making.zipped("OFD.xml", "Doc_0/Document.xml"), "公函.ofd", "application/ofd"),
        (making.TEXT.encode(), "a.txt", "text/plain"),
        (making.TEXT.encode("utf-8-sig"), "a.csv", "text/plain"),
        (making.TEXT.encode("gb18030"), "a.csv", "text/plain"),
        (making.TEXT.encode("utf-16"), "a.txt", "text/plain"),
    ],
    ids=unnamed,
)
def test_what_offices_send_is_taken(told: Told, content: bytes, name: str, media_type: str) -> None:
    assert media_type in told(content, name)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.pdf", "空的"),
        (making.EXE, "a.exe", "程序文件"),
        (making.EXE, "协议.pdf", "程序文件"),
        (making.HTML, "a.txt", "认不出"),
        (making.HTML, "a.html", "认不出"),
        (making.SVG, "a.svg", "认不出"),
        (b"\xef\xbb\xbf \n<svg/>", "a.txt", "认不出"),
        (b"#!/bin/sh\nrm -rf /\n", "a.txt", "认不出"),
        (b"PK but not", "a.docx", "改成 .txt"),
        (b"a\x00b", "a.txt", "认不出"),
        (making.MP4, "a.mp4", "认不出"),
        (making.MP4, "a.heic", "认不出"),
        (making.PDF, "a.docx", "改成 .pdf"),
        (making.PDF, "无后缀", "改成 .pdf"),
        (making.JPEG, "a.png", "改成 .jpg"),
        (making.ooxml("word"), "a.doc", "改成 .docx"),
        (making.ooxml("word"), "a.docm", "改成 .docx"),
        (making.ooxml("word", "word/vbaProject.bin"), "a.docx", "有宏"),
        (making.ooxml("xl", "xl/macrosheets/sheet1.xml"), "a.xlsx", "有宏"),
        (making.compound("Workbook", "_VBA_PROJECT_CUR"), "a.xls", "有宏"),
        (making.compound("WordDocument", "Macros"), "a.doc", "有宏"),
        (making.compound("1", "2", "3", "4", "WordDocument", "VBA", sectors=500), "a.doc", "有宏"),
        (making.compound("EncryptedPackage"), "a.docx", "有密码"),
        (making.compound("MsiBinary"), "a.doc", "认不出"),
        (making.zipped("a.pdf"), "a.zip", "压缩包不收"),
        (making.zipped("[Content_Types].xml", "AppManifest.xaml"), "a.docx", "压缩包不收"),
        (making.ooxml("word")[:60], "a.docx", "已损坏"),
        (making.compound("WordDocument")[:700], "a.doc", "已损坏"),
        (making.compound("WordDocument")[:100], "a.doc", "已损坏"),
    ],
    ids=unnamed,
)
def test_what_is_not_taken_is_told_what_to_do(
    told: Told, content: bytes, name: str, words: str
) -> None:
    assert words in told(content, name)


def test_a_password_inside_a_zip_is_seen(told: Told) -> None:
    content = bytearray(making.ooxml("word"))
    at = content.find(b"PK\x01\x02")
    struct.pack_into("<H", content, at + 8, 1)
    assert "有密码" in told(bytes(content), "a.docx")


def test_a_directory_that_claims_too_much_is_broken(told: Told) -> None:
    content = bytearray(making.ooxml("word"))
    end = content.rfind(b"PK\x05\x06")
    struct.pack_into("<L", content, end + 12, 2**31)
    assert "已损坏" in told(bytes(content), "a.docx")


def test_a_directory_that_runs_in_a_ring_ends(told: Told) -> None:
    content = bytearray(making.compound("WordDocument"))
    struct.pack_into("<L", content, 512 + 4, 1)
    assert told(bytes(content), "a.doc") == "application/msword"


def test_every_kind_says_its_own_extension() -> None:
    for kind in ALL:
        assert all(extension == extension.lower() for extension in kind.extensions)


LONG = "关于嘉兴市软件产业投资合作协议书" * 12


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("协议.pdf", "协议.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\沈\\协议.pdf", "协议.pdf"),
        ("a\x00b\r\n\t.pdf", "ab.pdf"),
        ("报价\u202efdp.exe", "报价fdp.exe"),
        ('a"<b>|c?.pdf', "a__b__c_.pdf"),
        ("  .. 协议 ..pdf", "协议.pdf"),
        (".pdf", "文件.pdf"),
        ("", "文件"),
        ("..", "文件"),
        ("e\u0301.pdf", "é.pdf"),
        (f"{LONG[:200]}.pdf", f"{LONG[:200]}.pdf"),
        (f"{'长' * 400}.pdf", f"{'长' * 251}.pdf"),
        (f"a.{'b' * 400}", f".{'b' * 254}"),
    ],
)
def test_names_lose_their_tricks_and_keep_their_extension(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean
    assert len(clean_name(raw)) <= 255


def test_nothing_is_unpacked(told: Told) -> None:
    """A part that would unpack to gigabytes is told by its name alone."""
    content = making.ooxml("word", "word/media/" + "a" * 200)
    assert "wordprocessingml" in told(content, "a.docx")
    assert len(content) < io.DEFAULT_BUFFER_SIZE
