"""What a backup is made of: a zip archive of lines, attachments, and a list of both."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
CONTENTS = "contents.json"


class NoBackup(Exception):
    """This file can not be restored; the text says why, in one line."""


@dataclass(frozen=True)
class Sheet:
    """The rows of one table: how many, and the SHA-256 of its lines."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The last thing written: a backup without it was never finished.

    ``revision`` is the migration the rows fit to; ``lost`` are attachments whose content was not
    in the store when the backup was made.
    """

    format: int
    made_at: str
    revision: str
    tables: dict[str, Sheet]
    files: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(sheet.rows for sheet in self.tables.values())

    def as_json(self) -> str:
        """As it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def lines_of(table: str) -> str:
    """Where the rows of a table stand."""
    return f"tables/{table}.jsonl"


def content_of(sha256: str) -> str:
    """Where the content of an attachment stands."""
    return f"files/{sha256}"


def contents(archive: zipfile.ZipFile) -> Contents:
    """What the archive says of itself; NoBackup."""
    try:
        found = json.loads(archive.read(CONTENTS))
        if found["format"] != FORMAT:
            raise NoBackup(
                f"This backup has format {found['format']}; this version reads {FORMAT}."
            )
        tables = {name: Sheet(**sheet) for name, sheet in found.pop("tables").items()}
        files, lost = tuple(found.pop("files")), tuple(found.pop("lost"))
        return Contents(**found, tables=tables, files=files, lost=lost)
    except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise NoBackup("This file is no backup, or it was cut short.") from error


def opened(path: Path) -> zipfile.ZipFile:
    """The archive, to be read; NoBackup."""
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise NoBackup(f"{path}: {error.strerror}.") from error
    except zipfile.BadZipFile as error:
        raise NoBackup(f"{path} can not be read as a backup.") from error
