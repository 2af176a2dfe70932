"""What templates were compiled to."""

from __future__ import annotations

from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache


class TemplateCode(BytecodeCache):
    """Kept in memory: no template changes while tests run."""

    def __init__(self) -> None:
        self._kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what an earlier application compiled."""
        bucket.code = self._kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next."""
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.code
