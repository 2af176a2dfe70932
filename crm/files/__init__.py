"""Files: told by their content, kept under its hash, given out as downloads only."""

from crm.files.kinds import FileRefused, Kind, accepted_extensions
from crm.files.names import clean_name
from crm.files.settling import remove_with
from crm.files.store import FileLost, FileStore, Received

__all__ = [
    "FileLost",
    "FileRefused",
    "FileStore",
    "Kind",
    "Received",
    "accepted_extensions",
    "clean_name",
    "remove_with",
]
