"""What a file may be called: no path, no tricks, and its extension stays. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 255
_UNNAMED = "文件"
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Control characters, and those that turn the direction of writing ("gpj.exe" shown as "exe.jpg").
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def clean_name(raw: str) -> str:
    """The name a browser sent, without folders and without what the eye does not see."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in _INVISIBLE)
    stem, dot, extension = _FORBIDDEN.sub("_", seen).strip().rpartition(".")
    if not dot:
        stem, extension = extension, ""
    stem = stem.strip(" .") or _UNNAMED
    extension = extension.strip()
    if not extension:
        return stem[:LONGEST]
    return f"{stem[: LONGEST - len(extension) - 1]}.{extension}"[:LONGEST]


def extension_of(name: str) -> str:
    """What stands after the last dot, in small letters; nothing without one."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""
