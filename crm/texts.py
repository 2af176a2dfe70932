"""How long a text may be, said in one sentence wherever somebody types one. Pure."""

from __future__ import annotations

from crm.messages import Message, msg


def too_long(text: str, most: int, label: Message | None = None) -> Message | None:
    """What is wrong with more than ``most`` characters; None when it will do.

    Blanks count: what is kept without those around it is measured without them. ``label`` names
    the field where the sentence may stand apart from it.
    """
    if len(text) <= most:
        return None
    if label is None:
        return msg("最多 %(n)s 字，请写短一些。", n=most)
    return msg("“%(label)s”最多 %(n)s 字，请写短一些。", label=label, n=most)
