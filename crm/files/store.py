"""Where the content of files is kept: once for each hash, outside of what the web server serves."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import structlog

from crm.errors import CrmError
from crm.files.kinds import PLACE_STAYS, FileRefused, Kind, kind_of
from crm.files.metadata import BrokenPicture, tells_a_place, without_metadata
from crm.files.names import clean_name
from crm.messages import Message, msg

_PIECE = 1024 * 1024
_MEGABYTE = 1024 * 1024
# What a killed process left behind is nobody's after a day.
_FORGOTTEN_AFTER = 24 * 3600
log = structlog.get_logger()


class FileLost(CrmError):
    """A record is there and its file is not: somebody has to look at the store."""

    code = "file_lost"
    status = 500

    def __init__(self, sha256: str) -> None:
        super().__init__(msg("这份文件在服务器上找不到了。请告诉系统管理员，从备份恢复。"))
        self.sha256 = sha256


@dataclass(frozen=True)
class Received:
    """A file that was read and checked, and waits beside the store until ``settle``."""

    name: str
    kind: Kind
    sha256: str
    size: int
    waiting: Path
    target: Path

    def settle(self) -> None:
        """Put it in its place, safely on the disk."""
        if self.target.exists() and self.target.stat().st_size == self.size:
            return
        self.target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.waiting, self.target)
        _sync_folder(self.target.parent)
        _sync_folder(self.target.parent.parent)


class FileStore:
    """The files under one folder, each at most ``largest`` bytes."""

    def __init__(self, folder: Path, largest: int) -> None:
        self.folder = folder
        self.largest = largest

    @contextmanager
    def receive(self, name: str, stream: IO[bytes]) -> Iterator[Received]:
        """Read a file, say what it is, and hold it ready; unless it settles inside, it is gone.

        Raises FileRefused: empty, too large, not what we take, not what its name says, no room.
        """
        waiting_room = self.folder / "waiting"
        waiting_room.mkdir(parents=True, exist_ok=True)
        _clear(waiting_room)
        handle, path = tempfile.mkstemp(dir=waiting_room)
        waiting = Path(path)
        try:
            with os.fdopen(handle, "wb") as file:
                sha256, size = self._copy(stream, file)
            cleaned = clean_name(name)
            kind = kind_of(waiting, cleaned)
            if kind.picture:
                sha256, size = self._without_metadata(waiting, kind)
            yield Received(cleaned, kind, sha256, size, waiting, self._place(sha256))
        finally:
            waiting.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be read; FileLost when it is not there."""
        try:
            return self._place(sha256).open("rb")
        except FileNotFoundError as error:
            log.error("file lost", sha256=sha256)
            raise FileLost(sha256) from error

    def has(self, sha256: str, size: int) -> bool:
        """Whether the content is there, whole as far as its size tells."""
        with suppress(FileNotFoundError):
            return self._place(sha256).stat().st_size == size
        return False

    def put(self, content: bytes) -> str:
        """Keep what the program itself made; its hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._place(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return sha256

    @contextmanager
    def placing(self, sha256: str) -> Iterator[BinaryIO]:
        """Write the content that has this hash; it takes its place, on the disk, at the end.

        Who writes checks the hash, and raises inside when it is another: then nothing is there.
        """
        target = self._place(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=target.parent)
        waiting = Path(path)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(waiting, target)
            _sync_folder(target.parent)
        finally:
            waiting.unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        """The content is gone; what was not there is gone already."""
        self._place(sha256).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    def _without_metadata(self, waiting: Path, kind: Kind) -> tuple[str, int]:
        """Hash and size of the picture without the place where it was taken."""
        content = waiting.read_bytes()
        try:
            cleaned = without_metadata(kind.media_type, content)
        except BrokenPicture as error:
            raise FileRefused(msg("图片已损坏，打不开。请重新拍或重新选。")) from error
        if kind.media_type in PLACE_STAYS and tells_a_place(content):
            raise FileRefused(msg("照片里有拍摄地点，这种格式去不掉，没有保存。请转成 JPG 再传。"))
        if cleaned != content:
            with waiting.open("wb") as file:
                return self._copy(io.BytesIO(cleaned), file)
        return hashlib.sha256(content).hexdigest(), len(content)

    def _copy(self, stream: IO[bytes], file: IO[bytes]) -> tuple[str, int]:
        """Hash and size of what was written, safely on the disk."""
        digest, size = hashlib.sha256(), 0
        try:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > self.largest:
                    raise FileRefused(too_large(self.largest))
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            log.error("file not written", error=repr(error))
            raise FileRefused(
                msg("服务器存不下这份文件，没有保存。请告诉系统管理员，腾出空间后再传。")
            ) from error
        return digest.hexdigest(), size


def too_large(largest: int) -> Message:
    """What is said of a file beyond the limit."""
    return msg("文件超过 %(n)s MB，请压缩或拆开后再传。", n=largest // _MEGABYTE)


def _sync_folder(folder: Path) -> None:
    """A name is safe only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(folder: Path) -> None:
    old = time.time() - _FORGOTTEN_AFTER
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                path.unlink()
