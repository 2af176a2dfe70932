"""Work that a second process does meanwhile: Python keeps one processor busy at a time."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

# Linux says which processors this process may use; elsewhere all count.
_USABLE = getattr(os, "sched_getaffinity", None)


def possible() -> bool:
    """Whether there is a processor to spare, and whether this process can be forked safely."""
    processors = len(_USABLE(0)) if _USABLE else os.cpu_count() or 1
    return processors > 1 and hasattr(os, "fork") and threading.active_count() == 1


@contextmanager
def beside(work: Callable[[], Iterable[bytes]]) -> Iterator[BinaryIO]:
    """What ``work`` yields, made by a child of this process, to be read inside.

    No connection may be open that the child would share. Raises RuntimeError when the child failed;
    it has said why on stderr. Who leaves before all is read ends it.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        os._exit(_write(work, writer))
    os.close(writer)
    try:
        with open(reader, "rb") as said:
            yield said
    finally:
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError("a part of the work failed")


def _write(work: Callable[[], Iterable[bytes]], writer: int) -> int:
    """The child's whole life; how it ends, as processes say it."""
    try:
        with open(writer, "wb") as out:
            out.writelines(work())
    except BrokenPipeError:
        return 0
    except BaseException:
        # Nothing of the parent's may run in here.
        traceback.print_exc()
        return 1
    return 0
