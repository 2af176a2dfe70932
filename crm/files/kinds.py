"""What a file is, by its content; its name only has to agree."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import puremagic

from crm.files import archive, compound
from crm.files.names import extension_of
from crm.messages import Message, msg

_HEAD = 4096
_PIECE = 1024 * 1024
_OPENDOCUMENT = b"application/vnd.oasis.opendocument."
_TEXT_CONTROLS = frozenset("\t\n\r\f\x1a")
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


class FileRefused(Exception):
    """A file that is not taken; ``message`` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it is served as, what people call it, and its extensions."""

    media_type: str
    name: Message
    extensions: tuple[str, ...]

    @property
    def picture(self) -> bool:
        """Whether it is a picture."""
        return self.media_type.startswith("image/")


_WORD, _SHEET, _SLIDES = msg("Word 文档"), msg("Excel 表格"), msg("PowerPoint 演示")
_PICTURE, _TEXT = msg("图片"), msg("文本")
_OOXML = "application/vnd.openxmlformats-officedocument."

PDF = Kind("application/pdf", msg("PDF"), ("pdf",))
OFD = Kind("application/ofd", msg("OFD"), ("ofd",))
TEXT = Kind("text/plain", _TEXT, ("txt", "csv"))
# A part that only this kind has, and the kind.
_IN_ZIP = {
    "word/": Kind(f"{_OOXML}wordprocessingml.document", _WORD, ("docx",)),
    "xl/": Kind(f"{_OOXML}spreadsheetml.sheet", _SHEET, ("xlsx",)),
    "ppt/": Kind(f"{_OOXML}presentationml.presentation", _SLIDES, ("pptx",)),
}
_IN_COMPOUND = {
    "WordDocument": Kind("application/msword", _WORD, ("doc", "wps")),
    "Workbook": Kind("application/vnd.ms-excel", _SHEET, ("xls", "et")),
    "Book": Kind("application/vnd.ms-excel", _SHEET, ("xls", "et")),
    "PowerPoint Document": Kind("application/vnd.ms-powerpoint", _SLIDES, ("ppt", "dps")),
}
_OPEN = {
    b"text": Kind("application/vnd.oasis.opendocument.text", _WORD, ("odt",)),
    b"spreadsheet": Kind("application/vnd.oasis.opendocument.spreadsheet", _SHEET, ("ods",)),
    b"presentation": Kind("application/vnd.oasis.opendocument.presentation", _SLIDES, ("odp",)),
}
_HEIC = Kind("image/heic", _PICTURE, ("heic", "heif"))
_PICTURES = {
    "image/png": Kind("image/png", _PICTURE, ("png",)),
    "image/jpeg": Kind("image/jpeg", _PICTURE, ("jpg", "jpeg")),
    "image/gif": Kind("image/gif", _PICTURE, ("gif",)),
    "image/webp": Kind("image/webp", _PICTURE, ("webp",)),
    "image/tiff": Kind("image/tiff", _PICTURE, ("tif", "tiff")),
}
# Pictures whose metadata is not written anew (crm/files/metadata.py).
PLACE_STAYS = frozenset({_HEIC.media_type, "image/tiff"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_MACROS = frozenset({"Macros", "VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR"})
ALL = (
    *(PDF, OFD, TEXT, _HEIC),
    *(*_IN_ZIP.values(), *_IN_COMPOUND.values(), *_OPEN.values(), *_PICTURES.values()),
)


def accepted_extensions() -> tuple[str, ...]:
    """Every extension that is taken, with its dot, for the chooser of files."""
    return tuple(sorted({f".{extension}" for kind in ALL for extension in kind.extensions}))


def kind_of(path: Path, name: str) -> Kind:
    """What the file is; FileRefused when it is nothing we take or its name says another thing."""
    size = path.stat().st_size
    if not size:
        raise FileRefused(msg("文件是空的，请重新选。"))
    with path.open("rb") as file:
        head = file.read(_HEAD)
        kind = _by_content(file, head, size)
    if extension_of(name) not in kind.extensions:
        raise FileRefused(
            msg(
                "文件内容是%(kind)s，名称却不是，请把扩展名改成 .%(extension)s 再传。",
                kind=kind.name,
                extension=kind.extensions[0],
            )
        )
    return kind


def _by_content(file: BinaryIO, head: bytes, size: int) -> Kind:
    if head.startswith(_PROGRAMS):
        raise FileRefused(msg("程序文件不收。请上传 Office、WPS、PDF、OFD、图片或文本文件。"))
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _zipped(file, head, size)
    if head.startswith(compound.MAGIC):
        return _compound(file, size)
    if (kind := _picture(head)) is not None:
        return kind
    if _is_text(file, head):
        return TEXT
    raise _unknown()


def _unknown() -> FileRefused:
    return FileRefused(msg("认不出这种文件。请上传 Office、WPS、PDF、OFD、图片或文本文件。"))


def _broken() -> FileRefused:
    return FileRefused(msg("文件已损坏，打不开。请重新保存后再上传。"))


def _with_macros() -> FileRefused:
    return FileRefused(msg("文件里有宏，不收。请另存为不带宏的格式再上传。"))


def _with_password() -> FileRefused:
    return FileRefused(msg("文件有密码。请去掉密码后再上传。"))


def _zipped(file: BinaryIO, head: bytes, size: int) -> Kind:
    try:
        parts = archive.names_in(file, size)
    except archive.BrokenArchive as error:
        raise _broken() from error
    kind = _kind_of_parts(parts, head)
    if kind is None:
        raise FileRefused(msg("压缩包不收。请解开后上传里面的文件。"))
    if any(parts.values()):
        raise _with_password()
    if any(_is_macro(name.lower()) for name in parts):
        raise _with_macros()
    return kind


def _kind_of_parts(parts: dict[str, bool], head: bytes) -> Kind | None:
    if "[Content_Types].xml" in parts:
        found = (
            kind for folder, kind in _IN_ZIP.items() if any(n.startswith(folder) for n in parts)
        )
        return next(found, None)
    if "OFD.xml" in parts:
        return OFD
    # An open document names its kind uncompressed, before all else.
    if head[30:38] == b"mimetype" and head[38:].startswith(_OPENDOCUMENT):
        rest = head[38 + len(_OPENDOCUMENT) :]
        return next((kind for word, kind in _OPEN.items() if rest.startswith(word + b"P")), None)
    return None


def _is_macro(part: str) -> bool:
    return part.endswith("vbaproject.bin") or part.startswith(
        ("xl/macrosheets/", "basic/", "scripts/")
    )


def _compound(file: BinaryIO, size: int) -> Kind:
    try:
        parts = compound.names_in(file, size)
    except compound.BrokenCompound as error:
        raise _broken() from error
    if "EncryptedPackage" in parts:
        raise _with_password()
    if parts & _MACROS:
        raise _with_macros()
    kind = next((kind for part, kind in _IN_COMPOUND.items() if part in parts), None)
    if kind is None:
        raise _unknown()
    return kind


def _picture(head: bytes) -> Kind | None:
    # The library knows one of the brands that telephones write.
    if head[4:8] == b"ftyp":
        return _HEIC if head[8:12] in _HEIC_BRANDS else None
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    return next((_PICTURES[m.mime_type] for m in found if m.mime_type in _PICTURES), None)


def _is_text(file: BinaryIO, head: bytes) -> bool:
    """Plain words in one of the encodings that Chinese offices write; no markup, no script."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    return any(_reads_as(file, encoding) for encoding in encodings)


def _reads_as(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    start = True
    try:
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            if start and text.lstrip().startswith(("<", "#!", "@echo", "@ECHO")):
                return False
            start = start and not text.strip()
            if any(c < " " and c not in _TEXT_CONTROLS for c in set(text)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
