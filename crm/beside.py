"""Parts of one work, each in a process of its own, so that a command uses all processors."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, NoReturn, TypeVar

T = TypeVar("T")


# What each of them needs for itself would cost more than a further one saves.
AT_MOST = 4


def useful() -> int:
    """How many parts this machine does at once."""
    return min(AT_MOST, os.cpu_count() or 1)


def in_parts(work: Callable[[int], T], parts: int) -> list[T]:
    """What the work makes of each part, by its number; the first is done in this very process.

    The others begin with all that is loaded here, by a fork: no connection may be open, and no
    other thread run. One that fails says why on stderr; RuntimeError.
    """
    begun = [_begun(partial(work, number)) for number in range(1, parts)]
    return [work(0), *(_ended(process, told) for process, told in begun)]


def _begun(work: Callable[[], Any]) -> tuple[int, BinaryIO]:
    """The process that works, and where it will say what came of it."""
    read, written = os.pipe()
    process = os.fork()
    if not process:
        os.close(read)
        _work(work, written)
    os.close(written)
    return process, open(read, "rb")


def _work(work: Callable[[], Any], written: int) -> NoReturn:
    failed = 1
    try:
        with open(written, "wb") as told:
            pickle.dump(work(), told, pickle.HIGHEST_PROTOCOL)
        failed = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # What else the parent would do at its end is the parent's.
        os._exit(failed)


def _ended(process: int, told: BinaryIO) -> Any:
    with told:
        said = told.read()
    if os.waitpid(process, 0)[1]:
        raise RuntimeError("a part of the work failed")
    return pickle.loads(said)  # noqa: S301 (a child of ours said it)
