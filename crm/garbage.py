"""When Python looks for garbage: seldom, and never among what stays."""

from __future__ import annotations

import gc

# A page makes some thousand objects that point to others and lets go of nearly all of them by
# itself. With Python's own numbers (700, 10, 10) it was interrupted ten times, and every thirtieth
# page waited 40 to 100 ms while all that earlier ones had kept was looked through: statements,
# templates, sentences.
OFTEN = (10_000, 20, 100)


def settle() -> None:
    """Call it when everything has started: what was made until then stays."""
    gc.freeze()
    gc.set_threshold(*OFTEN)
