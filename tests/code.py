"""What templates were compiled to."""

from __future__ import annotations

from types import CodeType

from jinja2.bccache import Bucket, FileSystemBytecodeCache


class TemplateCode(FileSystemBytecodeCache):
    """Kept in memory, for no template changes while tests run; in a folder for other processes."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what an earlier application compiled, here or in another process."""
        bucket.code = self._kept.get(bucket.key)
        if bucket.code is None:
            super().load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next."""
        super().dump_bytecode(bucket)
        self._keep(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.code
